import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority, type CertificateAuthorityArgs, type Signing } from "./certificateAuthority";
import { generationName } from "./naming";
import type { ProvisioningService } from "./provisioningService";
import { VerifiedCertificate, type VerifiedCertificateArgs } from "./verifiedCertificate";

/** Arguments of {@link TrustedRoots}. */
export interface TrustedRootsArgs {
  readonly service: ProvisioningService;
  /** One or two generations of the hierarchy; the last one issues the devices' certificates. */
  readonly generations: readonly string[];
  /** Of the first generation; the others add their own to the common names and to the names of keys in a vault. */
  readonly authority: CertificateAuthorityArgs & { readonly rootName: string; readonly intermediateName: string };
  readonly root: Pick<VerifiedCertificateArgs, "verification"> & { readonly name: string };
  /** Whether Pulumi refuses to delete or replace the hierarchies and the certificates; default false. */
  readonly protect?: boolean | undefined;
}

/**
 * The CA hierarchies that the provisioning service trusts. A rollover with overlap is two steps of the configuration:
 * a second generation beside the first, by which the devices are issued anew, and then the first one's end. No resource
 * of its own.
 */
export class TrustedRoots {
  /** By this one the devices' certificates are issued. */
  readonly issuer: Signing;
  /** The root above {@link issuer}. */
  readonly newest: VerifiedCertificate;
  /** What an enrollment group refers to: the older generation first, so that none of its devices is refused meanwhile. */
  readonly references: ReturnType<typeof referencesOf>;
  /** Addresses of every generation's keys in the vault; none for keys of the stack. */
  readonly keyIds: readonly pulumi.Output<string>[];
  /** PEM of every generation's root and intermediate. */
  readonly certificates: pulumi.Output<string>;

  constructor(name: string, { service, generations, authority, root, protect = false }: TrustedRootsArgs) {
    const held = protect ? { protect } : {};
    const made = generations.map((generation) => {
      const hierarchy = {
        ...authority,
        rootName: generationName(authority.rootName, generation, " "),
        intermediateName: generationName(authority.intermediateName, generation, " "),
        key: authority.key && {
          vault: authority.key.vault,
          rootKeyName: generationName(authority.key.rootKeyName, generation, "-"),
          intermediateKeyName: generationName(authority.key.intermediateKeyName, generation, "-"),
        },
      };
      const ca = new CertificateAuthority(generationName(name, generation, "-"), hierarchy, held);
      const trusted = {
        ...{ service, authority: ca.root, verification: root.verification },
        name: generationName(root.name, generation, "-"),
      };
      const certificate = new VerifiedCertificate(generationName(name, generation, "-"), trusted, held);
      return { ca, certificate };
    });
    const last = made.at(-1);
    if (!last) throw new TypeError("There must be one generation at least");
    this.issuer = last.ca.intermediate;
    this.newest = last.certificate;
    this.references = referencesOf(made.map(({ certificate }) => certificate));
    this.keyIds = made.flatMap(({ ca }) => ca.keyIds);
    const all = made.flatMap(({ ca }) => [ca.root.certificate, ca.intermediate.certificate]);
    this.certificates = pulumi.all(all).apply((each) => each.join(""));
  }
}

const referencesOf = ([primary, secondary]: readonly VerifiedCertificate[]) => ({
  caReference: primary?.name,
  secondaryCaReference: secondary?.name,
});
