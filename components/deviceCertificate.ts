import * as pulumi from "@pulumi/pulumi";
import { DeviceCertificateResource } from "../providers/deviceCertificateResource";
import { type CaCredentialsArgs, signingKey } from "./certificateAuthority";
import { reportExpiry } from "./expiry";
import { childName, componentType } from "./naming";
import { checkVaultUse, storedInputs, type VaultReference } from "./vaultReference";

/** The set of arguments for constructing a {@link DeviceCertificate}. */
export interface DeviceCertificateArgs {
  /** The registration ID, which becomes the common name: 1 to 64 letters, digits and `- . _ :`. */
  registrationId: pulumi.Input<string>;
  /** The CA that issues the certificate. */
  issuer: CaCredentialsArgs;
  /** `EC-P256` (default), `EC-P384`, `RSA-2048`, `RSA-3072` or `RSA-4096`. */
  keyAlgorithm?: pulumi.Input<string>;
  /** Lifetime in days of 86,400 seconds. Default 365. */
  lifetimeDays?: pulumi.Input<number>;
  /** Days before its expiry at which it is renewed, at the earliest at half of its lifetime. Default 30, 0 for never. */
  renewBeforeDays?: pulumi.Input<number>;
  /** SHA-1 or SHA-256 thumbprints, upper-case hexadecimal. A certificate with one of them is not renewed. */
  revokedThumbprints: string[];
  /** Days before its expiry from which it is reported. Default 30, 0 for never. */
  expiryWarningDays?: number;
  /** Keeps key and chain in a vault, as a certificate. Default: the key is a secret in the stack's state. */
  vault?: VaultReference;
}

const REMEDY = "`pulumi up` renews it renewBeforeDays before its expiry; raise that to renew it sooner.";

/** A device's certificate and key. */
export class DeviceCertificate extends pulumi.ComponentResource {
  /** The registration ID. */
  readonly registrationId: pulumi.Output<string>;
  /** Device certificate in PEM. */
  readonly certificate: pulumi.Output<string>;
  /** PEM of the device certificate and every CA up to the root: what the device presents. */
  readonly certificateChain: pulumi.Output<string>;
  /** PKCS#8 PEM, secret; undefined for a key in a vault. */
  readonly privateKey: pulumi.Output<string> | undefined;
  /** Key Vault secret ID of key and chain; undefined for a key in the stack's state. */
  readonly secretId: pulumi.Output<string> | undefined;

  /**
   * Create a DeviceCertificate with the given unique name, arguments, and options.
   *
   * @param name The unique name of the component.
   * @param args The arguments to use to populate this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: DeviceCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("DeviceCertificate"), name, args, opts);
    checkVaultUse(this, args.vault, "certificates");
    const issued = new DeviceCertificateResource(
      childName(name, "certificate"),
      {
        registrationId: args.registrationId,
        issuerCertificate: args.issuer.certificate,
        issuerKey: signingKey(this, args.issuer),
        issuerChain: args.issuer.chain,
        keyAlgorithm: args.keyAlgorithm,
        lifetimeDays: args.lifetimeDays,
        renewBeforeDays: args.renewBeforeDays,
        revokedThumbprints: args.revokedThumbprints.length === 0 ? undefined : args.revokedThumbprints,
        ...(args.vault && storedInputs(args.vault, args.registrationId, "device")),
      },
      { parent: this },
    );
    this.registrationId = pulumi.output(args.registrationId);
    this.certificate = issued.certificate;
    this.certificateChain = issued.certificateChain;
    this.secretId = args.vault && issued.secretId;
    this.privateKey = args.vault ? undefined : issued.privateKey;
    const subject = `The certificate of device ${name}`;
    reportExpiry(this, { subject, notAfter: issued.notAfter, remedy: REMEDY }, args.expiryWarningDays ?? 30);
    this.registerOutputs({ registrationId: this.registrationId, thumbprint: issued.thumbprint });
  }
}
