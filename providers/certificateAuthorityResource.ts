import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./forward";
import type { SoftDeleted } from "./vaultNameResource";

/** Inputs of {@link CertificateAuthorityResource}. Days are of 86,400 seconds. */
export interface CertificateAuthorityInputs {
  /** Common name of the root, up to 64 characters. A change replaces the authority. */
  readonly rootName: pulumi.Input<string>;
  /** Default 3650. A change replaces the authority. */
  readonly rootLifetimeDays?: pulumi.Input<number> | undefined;
  /** `EC-P256` (default), `EC-P384`, `RSA-2048`, `RSA-3072`, `RSA-4096`. A change replaces the authority. */
  readonly keyAlgorithm?: pulumi.Input<string> | undefined;
  /** Common name of the intermediate; must differ from the root's. A change issues a new intermediate. */
  readonly intermediateName: pulumi.Input<string>;
  /** Default 1825. A change issues a new intermediate. */
  readonly intermediateLifetimeDays?: pulumi.Input<number> | undefined;
  /** `https://NAME.vault.azure.net` of the vault that is to hold both keys. Default: secrets of the stack. A change replaces. */
  readonly vaultUri?: pulumi.Input<string> | undefined;
  /** The keys' names in the vault, 1 to 127 letters, digits and hyphens. A change replaces the authority. */
  readonly rootKeyName?: pulumi.Input<string> | undefined;
  readonly intermediateKeyName?: pulumi.Input<string> | undefined;
  /** Owner of the keys in the vault, kept in their tag: keys of other owners are not adopted. */
  readonly owner?: pulumi.Input<string> | undefined;
  /** How to treat soft-deleted keys of these names, and with these keys at their end; default `recover`. */
  readonly softDeleted?: pulumi.Input<SoftDeleted> | undefined;
  /** Whether the stack creates the vault: objects that can no longer be deleted in it are deleted with it. Default false. */
  readonly vaultOfStack?: pulumi.Input<boolean> | undefined;
}

const OUTPUTS_OF_TIER = ["Certificate", "Key", "KeyId", "KeyState", "Thumbprint", "NotAfter"];

/** A root and one intermediate; both keys are secrets of the stack, or keys of a vault. */
export class CertificateAuthorityResource extends DynamicResource {
  /** PEM. */
  declare readonly rootCertificate: pulumi.Output<string>;
  /**
   * PKCS#8 PEM; undefined for a key in a vault.
   * @secret
   */
  declare readonly rootKey: pulumi.Output<string>;
  /** Address of the key's version in the vault; undefined for a key of the stack. */
  declare readonly rootKeyId: pulumi.Output<string>;
  /** `enabled`, or what is wrong with the key in the vault and what the next update does about it. */
  declare readonly rootKeyState: pulumi.Output<string>;
  /** SHA-1, upper-case hexadecimal, as DPS shows it. */
  declare readonly rootThumbprint: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly rootNotAfter: pulumi.Output<string>;
  /** PEM. */
  declare readonly intermediateCertificate: pulumi.Output<string>;
  /**
   * As for the root.
   * @secret
   */
  declare readonly intermediateKey: pulumi.Output<string>;
  declare readonly intermediateKeyId: pulumi.Output<string>;
  declare readonly intermediateKeyState: pulumi.Output<string>;
  /** SHA-1, upper-case hexadecimal. */
  declare readonly intermediateThumbprint: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly intermediateNotAfter: pulumi.Output<string>;

  constructor(name: string, inputs: CertificateAuthorityInputs, opts?: pulumi.CustomResourceOptions) {
    const outputs = ["root", "intermediate"].flatMap((tier) => OUTPUTS_OF_TIER.map((output) => `${tier}${output}`));
    const additionalSecretOutputs = ["rootKey", "intermediateKey"];
    super("certificateAuthority", name, outputs, inputs, { ...opts, additionalSecretOutputs });
  }
}
