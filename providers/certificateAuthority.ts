import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./forward";

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
}

/** A root and one intermediate; both keys are secrets of the stack. */
export class CertificateAuthorityResource extends DynamicResource {
  /** PEM. */
  declare readonly rootCertificate: pulumi.Output<string>;
  /** PKCS#8 PEM, secret. */
  declare readonly rootKey: pulumi.Output<string>;
  /** SHA-1, upper-case hexadecimal, as DPS shows it. */
  declare readonly rootThumbprint: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly rootNotAfter: pulumi.Output<string>;
  /** PEM. */
  declare readonly intermediateCertificate: pulumi.Output<string>;
  /** PKCS#8 PEM, secret. */
  declare readonly intermediateKey: pulumi.Output<string>;
  /** SHA-1, upper-case hexadecimal. */
  declare readonly intermediateThumbprint: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly intermediateNotAfter: pulumi.Output<string>;

  constructor(name: string, inputs: CertificateAuthorityInputs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      rootCertificate: undefined,
      rootKey: undefined,
      rootThumbprint: undefined,
      rootNotAfter: undefined,
      intermediateCertificate: undefined,
      intermediateKey: undefined,
      intermediateThumbprint: undefined,
      intermediateNotAfter: undefined,
    };
    super(
      "certificateAuthority",
      "CertificateAuthority",
      name,
      { ...outputs, ...inputs },
      {
        ...opts,
        additionalSecretOutputs: ["rootKey", "intermediateKey"],
      },
    );
  }
}
