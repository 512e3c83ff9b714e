import * as pulumi from "@pulumi/pulumi";
import {
  type CertificateAuthorityInputs,
  CertificateAuthorityResource,
} from "../providers/certificateAuthorityResource";
import { reportExpiry } from "./expiry";
import { childName, componentType } from "./naming";
import { checkVaultUse, type VaultReference, vaultInputs } from "./vaultReference";

/** CA keys in a key vault. */
export interface VaultKeys {
  /** The vault that creates the keys and signs with them; the keys never leave it. */
  vault: VaultReference;
  /** Name of the root's key in the vault, 1 to 127 letters, digits and hyphens. */
  rootKeyName: string;
  /** Name of the intermediate's key in the vault. */
  intermediateKeyName: string;
}

/** The set of arguments for constructing a {@link CertificateAuthority}. */
export interface CertificateAuthorityArgs
  extends Omit<
    CertificateAuthorityInputs,
    "vaultUri" | "rootKeyName" | "intermediateKeyName" | "owner" | "softDeleted" | "vaultOfStack"
  > {
  /** Keeps the keys in a vault. Default: keys are secrets in the stack's state. A change replaces the authority. */
  vaultKeys?: VaultKeys;
  /** Days before its expiry from which a certificate is reported. Default 30, 0 for never. */
  expiryWarningDays?: number;
}

/** A CA certificate and its key, as an input: `key`, or `keyId` of a key in a vault. */
export interface CaCredentialsArgs {
  /** Certificate in PEM. */
  certificate: pulumi.Input<string>;
  /** PEM of the certificates above it, up to the root; empty for a root. */
  chain: pulumi.Input<string>;
  /** PKCS#8 PEM, secret. */
  key?: pulumi.Input<string>;
  /** Key Vault key ID. */
  keyId?: pulumi.Input<string>;
}

/** A CA certificate and its key. */
export interface CaCredentials {
  /** Certificate in PEM. */
  certificate: pulumi.Output<string>;
  /** PEM of the certificates above it, up to the root; empty for a root. */
  chain: pulumi.Output<string>;
  /** PKCS#8 PEM, secret; undefined for a key in a vault. */
  key: pulumi.Output<string> | undefined;
  /** Key Vault key ID; undefined for a key in the stack's state. */
  keyId: pulumi.Output<string> | undefined;
}

const rootRemedy = (name: string): string =>
  `replace it and everything it issued: \`pulumi up --target-replace\` with the URN of ${childName(name, "ca")}, and --target-dependents.`;
const INTERMEDIATE_REMEDY =
  "issue a new one: change intermediateName or intermediateLifetimeDays, then run `pulumi up`.";

/** The key, or the ID of a key in a vault. Throws ResourceError where there is neither. */
export function signingKey(resource: pulumi.Resource, { key, keyId }: CaCredentialsArgs): pulumi.Input<string> {
  const given = keyId ?? key;
  if (given !== undefined) return given;
  const message = "The CA has no key.\n  To fix: give its key in PEM, or the keyId of its key in a vault.";
  throw new pulumi.ResourceError(message, resource, true);
}

/** A CA hierarchy: a root, and an intermediate that issues device certificates. */
export class CertificateAuthority extends pulumi.ComponentResource {
  /** The root. */
  readonly root: CaCredentials;
  /** The intermediate. */
  readonly intermediate: CaCredentials;
  /** Key Vault key IDs of both keys, the root's first; empty for keys in the stack's state. */
  readonly keyIds: pulumi.Output<string>[];
  /** SHA-1 thumbprint of the root, upper-case hexadecimal. */
  readonly rootThumbprint: pulumi.Output<string>;
  /** Expiry of the root, ISO 8601. */
  readonly rootNotAfter: pulumi.Output<string>;

  /**
   * Create a CertificateAuthority with the given unique name, arguments, and options.
   *
   * @param name The unique name of the component.
   * @param args The arguments to use to populate this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: CertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("CertificateAuthority"), name, args, opts);
    const { expiryWarningDays = 30, vaultKeys, ...own } = args;
    checkVaultUse(this, vaultKeys?.vault, "keys");
    const keys = vaultKeys && {
      ...vaultInputs(vaultKeys.vault),
      rootKeyName: vaultKeys.rootKeyName,
      intermediateKeyName: vaultKeys.intermediateKeyName,
    };
    const ca = new CertificateAuthorityResource(childName(name, "ca"), { ...own, ...keys }, { parent: this });
    this.root = {
      certificate: ca.rootCertificate,
      chain: pulumi.output(""),
      key: vaultKeys ? undefined : ca.rootKey,
      keyId: vaultKeys && ca.rootKeyId,
    };
    this.intermediate = {
      certificate: ca.intermediateCertificate,
      chain: ca.rootCertificate,
      key: vaultKeys ? undefined : ca.intermediateKey,
      keyId: vaultKeys && ca.intermediateKeyId,
    };
    this.keyIds = vaultKeys ? [ca.rootKeyId, ca.intermediateKeyId] : [];
    this.rootThumbprint = ca.rootThumbprint;
    this.rootNotAfter = ca.rootNotAfter;
    const root = { subject: `The root of ${name}`, notAfter: ca.rootNotAfter, remedy: rootRemedy(name) };
    reportExpiry(this, root, expiryWarningDays);
    const subject = `The intermediate of ${name}`;
    reportExpiry(this, { subject, notAfter: ca.intermediateNotAfter, remedy: INTERMEDIATE_REMEDY }, expiryWarningDays);
    this.registerOutputs({ rootThumbprint: this.rootThumbprint, rootNotAfter: this.rootNotAfter });
  }
}
