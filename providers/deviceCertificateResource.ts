import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./forward";
import type { SoftDeleted } from "./vaultNameResource";

/** Inputs of {@link DeviceCertificateResource}. */
export interface DeviceCertificateInputs {
  /** Becomes the leaf's common name, up to 64 characters. A change replaces the certificate. */
  readonly registrationId: pulumi.Input<string>;
  /** PEM of the CA that issues. */
  readonly issuerCertificate: pulumi.Input<string>;
  /**
   * PKCS#8 PEM of that CA's key, or the Key Vault key ID.
   * @secret
   */
  readonly issuerKey: pulumi.Input<string>;
  /** PEM of the CAs above the issuer, up to the root. Default: none. */
  readonly issuerChain?: pulumi.Input<string> | undefined;
  /** As for a certificate authority; default `EC-P256`. */
  readonly keyAlgorithm?: pulumi.Input<string> | undefined;
  /** Days of 86,400 seconds; default 365. */
  readonly lifetimeDays?: pulumi.Input<number> | undefined;
  /** How many days before its end it is renewed, at the earliest at half of its life; default 30, 0 for never. */
  readonly renewBeforeDays?: pulumi.Input<number> | undefined;
  /** Thumbprints of certificates that are never renewed. Default: none. */
  readonly revokedThumbprints?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** `https://NAME.vault.azure.net` of the vault that is to hold key and chain. Default: the key is a secret of the stack. */
  readonly vaultUri?: pulumi.Input<string> | undefined;
  /** The certificate's name in that vault, 1 to 127 letters, digits and hyphens. A change replaces. */
  readonly storedName?: pulumi.Input<string> | undefined;
  /** Owner of the certificate in the vault, kept in its tag. */
  readonly owner?: pulumi.Input<string> | undefined;
  /** How to treat a soft-deleted certificate of the name, and with this one at its end; default `recover`. */
  readonly softDeleted?: pulumi.Input<SoftDeleted> | undefined;
  /** Whether the stack creates the vault: objects that can no longer be deleted in it are deleted with it. Default false. */
  readonly vaultOfStack?: pulumi.Input<boolean> | undefined;
}

/** A device's leaf certificate (CN = registration ID, EKU clientAuth) with its key. */
export class DeviceCertificateResource extends DynamicResource {
  /** PEM of the leaf. */
  declare readonly certificate: pulumi.Output<string>;
  /** PEM of the leaf, the issuer and the CAs above it: what the device presents. */
  declare readonly certificateChain: pulumi.Output<string>;
  /**
   * PKCS#8 PEM; undefined for a key in a vault.
   * @secret
   */
  declare readonly privateKey: pulumi.Output<string>;
  /** Address of the vault's secret that holds key and chain as PEM; undefined for a key of the stack. */
  declare readonly secretId: pulumi.Output<string>;
  /** SHA-1, upper-case hexadecimal. */
  declare readonly thumbprint: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly notAfter: pulumi.Output<string>;

  constructor(name: string, inputs: DeviceCertificateInputs, opts?: pulumi.CustomResourceOptions) {
    const key = ["privateKey", "secretId", "storedId", "storedState"];
    const outputs = ["certificate", "certificateChain", ...key, "thumbprint", "notAfter"];
    super("deviceCertificate", name, outputs, inputs, { ...opts, additionalSecretOutputs: ["privateKey"] });
  }
}
