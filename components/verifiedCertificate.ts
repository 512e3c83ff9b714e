import * as pulumi from "@pulumi/pulumi";
import { type Verification, VerifiedCertificateResource } from "../providers/verifiedCertificateResource";
import { logAdoption } from "./adoption";
import { type CaCredentialsArgs, signingKey } from "./certificateAuthority";
import { childName, componentType } from "./naming";

/** A provisioning service that holds certificates, such as a `ProvisioningService`. */
export interface CertificateService {
  /** The resource ID. */
  resourceId: pulumi.Input<string>;
}

/** The set of arguments for constructing a {@link VerifiedCertificate}. */
export interface VerifiedCertificateArgs {
  /** The provisioning service. */
  service: CertificateService;
  /** Name of the certificate in the provisioning service, 1 to 64 letters, digits and `- . _`. */
  name: pulumi.Input<string>;
  /** The CA to verify. Its key signs the proof of possession and is not sent to Azure. */
  authority: CaCredentialsArgs;
  /** How the certificate is verified. Default `proofOfPossession`. */
  verification?: Verification;
  /** Replaces an existing certificate of this name: `true`, or its ETag. Of no effect after the create. Default false. */
  adopt?: pulumi.Input<boolean | string>;
}

/** A CA certificate, uploaded to a provisioning service and verified there. */
export class VerifiedCertificate extends pulumi.ComponentResource {
  /** Name of the certificate in the provisioning service, known once it is verified. */
  readonly name: pulumi.Output<string>;
  /** SHA-1 thumbprint, upper-case hexadecimal. */
  readonly thumbprint: pulumi.Output<string>;
  /** Whether the certificate is verified. */
  readonly isVerified: pulumi.Output<boolean>;
  /** Expiry, ISO 8601. */
  readonly notAfter: pulumi.Output<string>;

  /**
   * Create a VerifiedCertificate with the given unique name, arguments, and options.
   *
   * @param name The unique name of the component.
   * @param args The arguments to use to populate this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: VerifiedCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("VerifiedCertificate"), name, args, opts);
    const certificate = new VerifiedCertificateResource(
      childName(name, "root"),
      {
        provisioningServiceId: args.service.resourceId,
        name: args.name,
        certificate: args.authority.certificate,
        verification: args.verification,
        // An assertion needs no key.
        signingKey: args.verification === "asserted" ? undefined : signingKey(this, args.authority),
        adopt: args.adopt,
      },
      { parent: this },
    );
    this.name = certificate.name;
    this.thumbprint = certificate.thumbprint;
    this.isVerified = certificate.isVerified;
    this.notAfter = certificate.notAfter;
    logAdoption(this, "certificate", args.name, args.adopt);
    this.registerOutputs({ name: this.name, thumbprint: this.thumbprint, isVerified: this.isVerified });
  }

  /** The stack output `rootCertificate`. */
  get summary(): pulumi.Output<{ name: string; thumbprint: string; isVerified: boolean; notAfter: string }> {
    const { name, thumbprint, isVerified, notAfter } = this;
    return pulumi.output({ name, thumbprint, isVerified, notAfter });
  }
}
