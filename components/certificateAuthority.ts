import * as pulumi from "@pulumi/pulumi";
import { type CertificateAuthorityInputs, CertificateAuthorityResource } from "../providers/certificateAuthority";
import { childName, componentType } from "./naming";

/** Arguments of {@link CertificateAuthority}. */
export type CertificateAuthorityArgs = CertificateAuthorityInputs;

/** What signs: a CA certificate, what stands above it, and its key. */
export interface Signing {
  /** PEM. */
  readonly certificate: pulumi.Output<string>;
  /** PEM up to the root; empty for the root itself. */
  readonly chain: pulumi.Output<string>;
  /** PKCS#8 PEM, secret. */
  readonly key: pulumi.Output<string>;
}

/** A CA hierarchy: a root, and one intermediate that issues devices' certificates. Keys are secrets of the stack. */
export class CertificateAuthority extends pulumi.ComponentResource {
  readonly root: Signing;
  readonly intermediate: Signing;
  /** SHA-1 of the root, upper-case hexadecimal. */
  readonly rootThumbprint: pulumi.Output<string>;
  /** ISO 8601. */
  readonly rootNotAfter: pulumi.Output<string>;

  constructor(name: string, args: CertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("CertificateAuthority"), name, {}, opts);
    const ca = new CertificateAuthorityResource(childName(name, "ca"), args, { parent: this });
    this.root = { certificate: ca.rootCertificate, chain: pulumi.output(""), key: ca.rootKey };
    this.intermediate = {
      certificate: ca.intermediateCertificate,
      chain: ca.rootCertificate,
      key: ca.intermediateKey,
    };
    this.rootThumbprint = ca.rootThumbprint;
    this.rootNotAfter = ca.rootNotAfter;
    this.registerOutputs({ rootThumbprint: this.rootThumbprint, rootNotAfter: this.rootNotAfter });
  }
}
