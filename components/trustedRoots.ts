import * as pulumi from "@pulumi/pulumi";
import { adoptionOf } from "./adoption";
import { type CaCredentials, CertificateAuthority, type CertificateAuthorityArgs } from "./certificateAuthority";
import { generationName } from "./naming";
import type { VaultReference } from "./vaultReference";
import { type CertificateService, VerifiedCertificate, type VerifiedCertificateArgs } from "./verifiedCertificate";

/** The set of arguments for {@link createTrustedRoots}. */
export interface TrustedRootsArgs {
  /** The provisioning service. */
  service: CertificateService;
  /** One or two generations of the CA hierarchy; the last one issues device certificates. */
  generations: string[];
  /** The first generation; others add their number to the common names. */
  authority: Omit<CertificateAuthorityArgs, "vaultKeys"> & { rootName: string; intermediateName: string };
  /** Name of the root among the provisioning service's certificates; other generations add their number. */
  certificateName: string;
  /** How the roots are verified. */
  verification: VerifiedCertificateArgs["verification"];
  /** Existing certificates to replace: by name in the provisioning service, `true` or the expected ETag. */
  adopt: Readonly<Record<string, true | string>>;
  /** Keeps the CA keys. Default: the stack's state. */
  vault: VaultReference | undefined;
}

/** The CA hierarchies that a provisioning service trusts. */
export interface TrustedRoots {
  /** The CA that issues device certificates. */
  readonly issuer: CaCredentials;
  /** The root above the issuer. */
  readonly newest: VerifiedCertificate;
  /** Name of the older generation's root, whose devices stay enrolled during a rollover. */
  readonly caReference: pulumi.Output<string>;
  /** Name of the newer generation's root during a rollover. */
  readonly secondaryCaReference: pulumi.Output<string> | undefined;
  /** Key Vault key IDs of all generations; empty for keys in the stack's state. */
  readonly keyIds: pulumi.Output<string>[];
  /** PEM of every generation's root and intermediate. */
  readonly certificates: pulumi.Output<string>;
}

/**
 * Creates a `CertificateAuthority` and a `VerifiedCertificate` for each generation, with these options. A rollover with
 * overlap takes two steps: add a second generation, which renews the devices' certificates, then remove the first one.
 */
export function createTrustedRoots(
  name: string,
  args: TrustedRootsArgs,
  opts?: pulumi.ComponentResourceOptions,
): TrustedRoots {
  const { service, authority, verification, vault } = args;
  const created = args.generations.map((generation) => {
    const inGeneration = (base: string) => generationName(base, generation, "-");
    const ca = new CertificateAuthority(
      inGeneration(name),
      {
        ...authority,
        rootName: generationName(authority.rootName, generation, " "),
        intermediateName: generationName(authority.intermediateName, generation, " "),
        vaultKeys: vault && {
          vault,
          rootKeyName: inGeneration(`${name}-root`),
          intermediateKeyName: inGeneration(`${name}-intermediate`),
        },
      },
      opts,
    );
    const certificateName = inGeneration(args.certificateName);
    const root = new VerifiedCertificate(
      inGeneration(name),
      {
        service,
        authority: ca.root,
        verification,
        name: certificateName,
        adopt: adoptionOf(args.adopt, certificateName),
      },
      opts,
    );
    return { ca, root };
  });
  const last = created.at(-1);
  if (created[0] === undefined || last === undefined) throw new TypeError("generations must not be empty");
  const certificates = created.flatMap(({ ca }) => [ca.root.certificate, ca.intermediate.certificate]);
  return {
    issuer: last.ca.intermediate,
    newest: last.root,
    caReference: created[0].root.name,
    secondaryCaReference: created[1]?.root.name,
    keyIds: created.flatMap(({ ca }) => ca.keyIds),
    certificates: pulumi.all(certificates).apply((each) => each.join("")),
  };
}
