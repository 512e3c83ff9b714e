import * as pulumi from "@pulumi/pulumi";
import {
  type CertificateAuthorityInputs,
  CertificateAuthorityResource,
} from "../providers/certificateAuthorityResource";
import { tellExpiry } from "./expiry";
import type { KeyVault } from "./keyVault";
import { childName, componentType } from "./naming";
import { keptIn } from "./vaultStore";

/** Where a CA's keys are, if not in the stack's state. */
export interface VaultHeldKeys {
  /** The vault that makes the keys, signs with them, and never gives them out. */
  readonly vault: KeyVault;
  /** The keys' names in the vault, 1 to 127 letters, digits and hyphens. */
  readonly rootKeyName: string;
  readonly intermediateKeyName: string;
}

/** Arguments of {@link CertificateAuthority}. */
export interface CertificateAuthorityArgs
  extends Omit<
    CertificateAuthorityInputs,
    "vaultUri" | "rootKeyName" | "intermediateKeyName" | "owner" | "softDeleted"
  > {
  /** Default: keys are secrets of the stack. A change replaces the authority. */
  readonly key?: VaultHeldKeys | undefined;
  /** From how many days before their end the certificates are warned of; default 30, 0 for never. */
  readonly expiryWarningDays?: number | undefined;
}

/** What signs: a CA certificate, what stands above it, and its key. */
export interface Signing {
  /** PEM. */
  readonly certificate: pulumi.Output<string>;
  /** PEM up to the root; empty for the root itself. */
  readonly chain: pulumi.Output<string>;
  /** PKCS#8 PEM, secret; or the address of the key's version in a vault, which is none. */
  readonly key: pulumi.Output<string>;
}

const rootRemedy = (name: string): string =>
  `replace it with all that it issued: \`pulumi up --target-replace\` the URN of ${childName(name, "ca")}, with --target-dependents.`;
const REMEDY = "have a new one issued: change intermediateName or intermediateLifetimeDays, then run `pulumi up`.";

const inVault = ({ vault, rootKeyName, intermediateKeyName }: VaultHeldKeys) => ({
  ...keptIn(vault),
  ...{ rootKeyName, intermediateKeyName },
});

/** A CA hierarchy: a root, and one intermediate that issues devices' certificates. Keys are secrets of the stack, or a vault's. */
export class CertificateAuthority extends pulumi.ComponentResource {
  readonly root: Signing;
  readonly intermediate: Signing;
  /** Addresses of both keys' versions in the vault, the root's first; none for keys of the stack. */
  readonly keyIds: readonly pulumi.Output<string>[];
  /** SHA-1 of the root, upper-case hexadecimal. */
  readonly rootThumbprint: pulumi.Output<string>;
  /** ISO 8601. */
  readonly rootNotAfter: pulumi.Output<string>;

  constructor(name: string, args: CertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("CertificateAuthority"), name, {}, opts);
    const { expiryWarningDays = 30, key, ...own } = args;
    const inputs = key === undefined ? own : { ...own, ...inVault(key) };
    const ca = new CertificateAuthorityResource(childName(name, "ca"), inputs, { parent: this });
    this.root = {
      certificate: ca.rootCertificate,
      chain: pulumi.output(""),
      key: key === undefined ? ca.rootKey : ca.rootKeyId,
    };
    this.intermediate = {
      certificate: ca.intermediateCertificate,
      chain: ca.rootCertificate,
      key: key === undefined ? ca.intermediateKey : ca.intermediateKeyId,
    };
    this.keyIds = key === undefined ? [] : [ca.rootKeyId, ca.intermediateKeyId];
    this.rootThumbprint = ca.rootThumbprint;
    this.rootNotAfter = ca.rootNotAfter;
    const root = { what: `The root of ${name}`, notAfter: ca.rootNotAfter, remedy: rootRemedy(name) };
    tellExpiry(this, root, expiryWarningDays);
    const intermediate = { what: `The intermediate of ${name}`, notAfter: ca.intermediateNotAfter, remedy: REMEDY };
    tellExpiry(this, intermediate, expiryWarningDays);
    this.registerOutputs({ rootThumbprint: this.rootThumbprint, rootNotAfter: this.rootNotAfter });
  }
}
