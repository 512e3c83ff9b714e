import { type Issuer, issueDevice, issueRoot } from "../../../certs/issue";
import { exportPrivateKey, generateKeyPair } from "../../../certs/keys";
import { KeySigner } from "../../../certs/signer";
import type { Ready } from "../../../emulator/contract/ready";
import { newSigner } from "../certs";

/** What the corpus of valid requests depends on. */
export interface FuzzContext {
  readonly ready: Ready;
  readonly certificates: FuzzCertificates;
  /** What responses said (keys, tags, versions), by names of its own. */
  readonly seen: ReadonlyMap<string, string>;
}

/** Certificates that the corpus sends. */
export interface FuzzCertificates {
  readonly root: Issuer;
  readonly device: Issuer;
  readonly devicePem: string;
  readonly deviceKey: string;
}

/** New certificates: a root, and a device below it. */
export async function newCertificates(): Promise<FuzzCertificates> {
  const signer = await newSigner();
  const root = { certificate: await issueRoot({ commonName: "Fuzz Root", signer }), signer };
  const key = await generateKeyPair("EC-P256");
  const leaf = new KeySigner(key);
  const device = {
    certificate: await issueDevice({ registrationId: "device-1", publicKey: leaf.publicKey, issuer: root }),
    signer: leaf,
  };
  return {
    root,
    device,
    devicePem: device.certificate.toPem() + root.certificate.toPem(),
    deviceKey: exportPrivateKey(key),
  };
}
