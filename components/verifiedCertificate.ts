import * as pulumi from "@pulumi/pulumi";
import { type Verification, VerifiedCertificateResource } from "../providers/verifiedCertificateResource";
import type { Signing } from "./certificateAuthority";
import { childName, componentType } from "./naming";
import type { ProvisioningService } from "./provisioningService";

/** Arguments of {@link VerifiedCertificate}. */
export interface VerifiedCertificateArgs {
  readonly service: ProvisioningService;
  /** The certificate's name in the service, 1 to 64 letters, digits and `- . _`. */
  readonly name: pulumi.Input<string>;
  /** The CA to verify; its key signs the proof and is not sent to Azure. */
  readonly authority: Signing;
  /** Default `proofOfPossession`. */
  readonly verification?: Verification | undefined;
}

/** A CA certificate, uploaded to a provisioning service and verified there. */
export class VerifiedCertificate extends pulumi.ComponentResource {
  /** The certificate's name in the service, known once it is verified. */
  readonly name: pulumi.Output<string>;
  /** SHA-1, upper-case hexadecimal. */
  readonly thumbprint: pulumi.Output<string>;
  readonly isVerified: pulumi.Output<boolean>;
  /** ISO 8601. */
  readonly notAfter: pulumi.Output<string>;

  constructor(name: string, args: VerifiedCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("VerifiedCertificate"), name, {}, opts);
    const certificate = new VerifiedCertificateResource(
      childName(name, "root"),
      {
        provisioningServiceId: args.service.resourceId,
        name: args.name,
        certificate: args.authority.certificate,
        verification: args.verification,
        // An assertion needs no key, so it does not get one.
        ...(args.verification === "asserted" ? {} : { signingKey: args.authority.key }),
      },
      { parent: this },
    );
    this.name = certificate.name;
    this.thumbprint = certificate.thumbprint;
    this.isVerified = certificate.isVerified;
    this.notAfter = certificate.notAfter;
    this.registerOutputs({ name: this.name, thumbprint: this.thumbprint, isVerified: this.isVerified });
  }

  /** What a stack's output tells of the certificate. */
  get summary(): pulumi.Output<{ name: string; thumbprint: string; isVerified: boolean; notAfter: string }> {
    const { name, thumbprint, isVerified, notAfter } = this;
    return pulumi.output({ name, thumbprint, isVerified, notAfter });
  }
}
