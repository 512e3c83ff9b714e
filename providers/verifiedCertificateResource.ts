import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./forward";

/** How a certificate becomes verified: its key signs Azure's code, or the uploader asserts possession. */
export type Verification = "proofOfPossession" | "asserted";

/** Inputs of {@link VerifiedCertificateResource}. */
export interface VerifiedCertificateInputs {
  /** ARM id. A change replaces. */
  readonly provisioningServiceId: pulumi.Input<string>;
  /** 1 to 64 letters, digits, `- . _`. A change replaces. */
  readonly name: pulumi.Input<string>;
  /** PEM of the CA certificate. */
  readonly certificate: pulumi.Input<string>;
  /** Default `proofOfPossession`. */
  readonly verification?: pulumi.Input<Verification>;
  /**
   * PKCS#8 PEM of the certificate's key, or the Key Vault key ID. Needed for a proof of possession only.
   * @secret
   */
  readonly signingKey?: pulumi.Input<string>;
  /**
   * Replaces a certificate of this name that the service has already and this stack does not know: `true` whatever it is, or
   * its ETag to replace only what you have reviewed. Of no effect after the create. Default false: the create fails.
   */
  readonly adopt?: pulumi.Input<boolean | string>;
}

/** A CA certificate of a provisioning service, uploaded and verified. */
export class VerifiedCertificateResource extends DynamicResource {
  /** The certificate's name in the service. */
  declare readonly name: pulumi.Output<string>;
  declare readonly subject: pulumi.Output<string>;
  /** SHA-1, upper-case hexadecimal. */
  declare readonly thumbprint: pulumi.Output<string>;
  declare readonly isVerified: pulumi.Output<boolean>;
  /** ISO 8601. */
  declare readonly notAfter: pulumi.Output<string>;
  declare readonly etag: pulumi.Output<string>;

  constructor(name: string, inputs: VerifiedCertificateInputs, opts?: pulumi.CustomResourceOptions) {
    const outputs = ["subject", "thumbprint", "isVerified", "notAfter", "etag"];
    super("verifiedCertificate", name, outputs, inputs, opts);
  }
}
