import * as pulumi from "@pulumi/pulumi";
import { DeviceCertificateResource } from "../providers/deviceCertificateResource";
import type { Signing } from "./certificateAuthority";
import { tellExpiry } from "./expiry";
import { childName, componentType } from "./naming";
import { hasThumbprint } from "./thumbprint";
import { storedIn, type VaultStore } from "./vaultStore";

/** Arguments of {@link DeviceCertificate}. */
export interface DeviceCertificateArgs {
  /** Becomes the common name: 1 to 64 letters, digits and `- . _ :`. */
  readonly registrationId: pulumi.Input<string>;
  /** The CA that issues. */
  readonly issuer: Signing;
  /** `EC-P256` (default), `EC-P384`, `RSA-2048`, `RSA-3072`, `RSA-4096`. */
  readonly keyAlgorithm?: pulumi.Input<string> | undefined;
  /** Days of 86,400 seconds; default 365. */
  readonly lifetimeDays?: pulumi.Input<number> | undefined;
  /** How many days before its end it is renewed, at the earliest at half of its life; default 30, 0 for never. */
  readonly renewBeforeDays?: pulumi.Input<number> | undefined;
  /** Thumbprints, SHA-1 or SHA-256: a certificate that has one of them is never issued anew. Default: none. */
  readonly revokedThumbprints?: ReadonlySet<string> | undefined;
  /** From how many days before its end it is warned of; default 30, 0 for never. */
  readonly expiryWarningDays?: number | undefined;
  /** Where key and chain are kept as a certificate, for whoever brings them to the device. Default: the stack's state. */
  readonly store?: VaultStore | undefined;
}

const REMEDY = "`pulumi up` renews it renewBeforeDays before its end; raise that to have it renewed sooner.";

/** A device's own certificate and key. It stands before the enrollment, which may name it, and before the device. */
export class DeviceCertificate extends pulumi.ComponentResource {
  readonly registrationId: pulumi.Output<string>;
  /** PEM of the leaf. */
  readonly certificate: pulumi.Output<string>;
  /** PEM of the leaf and every CA up to the root: what the device presents. */
  readonly certificateChain: pulumi.Output<string>;
  /** PKCS#8 PEM, secret; or the address of the vault's secret that holds it, which is none. */
  readonly privateKey: pulumi.Output<string>;
  /** The address alone; undefined for a key in the stack's state. */
  readonly secretId: pulumi.Output<string> | undefined;

  constructor(name: string, args: DeviceCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("DeviceCertificate"), name, {}, opts);
    const { vault } = args.store ?? {};
    const issued = new DeviceCertificateResource(
      childName(name, "certificate"),
      {
        registrationId: args.registrationId,
        issuerCertificate: args.issuer.certificate,
        issuerKey: args.issuer.key,
        issuerChain: args.issuer.chain,
        keyAlgorithm: args.keyAlgorithm,
        lifetimeDays: args.lifetimeDays,
        renewBeforeDays: args.renewBeforeDays,
        ...(args.revokedThumbprints?.size ? { revokedThumbprints: [...args.revokedThumbprints] } : {}),
        ...(vault === undefined ? {} : storedIn(vault, args.registrationId, "device")),
      },
      { parent: this },
    );
    this.registrationId = pulumi.output(args.registrationId);
    this.certificate = issued.certificate;
    this.certificateChain = issued.certificateChain;
    this.secretId = vault && issued.secretId;
    this.privateKey = this.secretId ?? issued.privateKey;
    const what = `The certificate of device ${name}`;
    tellExpiry(this, { what, notAfter: issued.notAfter, remedy: REMEDY }, args.expiryWarningDays ?? 30);
    this.registerOutputs({ registrationId: this.registrationId, thumbprint: issued.thumbprint });
  }

  /** Whether the certificate has one of these thumbprints, SHA-1 or SHA-256. */
  isAmong(thumbprints: ReadonlySet<string>): pulumi.Output<boolean> {
    return this.certificate.apply((pem) => hasThumbprint(pem, thumbprints));
  }
}
