/** The certificates that handlers issue, as PEM in and PEM out. Loaded only by create and update: it costs time. */
import type { KeyAlgorithmName } from "../../certs/algorithms";
import { type Certificate, readCertificate, readCertificates } from "../../certs/certificate";
import { fullChainPem } from "../../certs/chain";
import { type Issuer, issueDevice, issueIntermediate, issueRoot, issueVerification } from "../../certs/issue";
import { exportPrivateKey, generateKeyPair } from "../../certs/keys";
import { KeySigner } from "../../certs/signer";

/** A certificate with its private key, PEM. */
export interface Issued {
  readonly certificate: string;
  readonly privateKey: string;
  readonly facts: Facts;
}

/** What outputs tell of a certificate. */
export interface Facts {
  /** SHA-1 of the DER, upper-case hexadecimal, as DPS shows it. */
  readonly thumbprint: string;
  /** ISO 8601. */
  readonly notAfter: string;
}

/** Order of a CA certificate. */
export interface CaOrder {
  readonly commonName: string;
  readonly keyAlgorithm: KeyAlgorithmName;
  readonly lifetimeDays: number;
  readonly now: Date;
}

const clockAt = (now: Date) => ({ now: () => now });

const factsOf = (certificate: Certificate): Facts => ({
  thumbprint: certificate.sha1Thumbprint,
  notAfter: certificate.notAfter.toISOString(),
});

const issuerOf = (certificate: string, privateKey: string): Issuer => ({
  certificate: readCertificate(certificate),
  signer: KeySigner.fromPem(privateKey),
});

/** The facts of the first certificate in a PEM text. */
export function facts(pem: string): Facts & { readonly sha256Thumbprint: string } {
  const [first] = readCertificates(pem);
  if (!first) throw new TypeError("The text holds no certificate");
  return { ...factsOf(first), sha256Thumbprint: first.sha256Thumbprint };
}

/** A new root with a new key. */
export async function createRoot(order: CaOrder): Promise<Issued> {
  const key = await generateKeyPair(order.keyAlgorithm);
  const { commonName, lifetimeDays } = order;
  const certificate = await issueRoot({
    commonName,
    lifetimeDays,
    signer: new KeySigner(key),
    clock: clockAt(order.now),
  });
  return { certificate: certificate.toPem(), privateKey: exportPrivateKey(key), facts: factsOf(certificate) };
}

/** A new intermediate with a new key under a root. */
export async function createIntermediate(
  order: CaOrder,
  root: { readonly certificate: string; readonly privateKey: string },
): Promise<Issued> {
  const key = await generateKeyPair(order.keyAlgorithm);
  const certificate = await issueIntermediate({
    commonName: order.commonName,
    lifetimeDays: order.lifetimeDays,
    publicKey: key.publicKey,
    issuer: issuerOf(root.certificate, root.privateKey),
    clock: clockAt(order.now),
  });
  return { certificate: certificate.toPem(), privateKey: exportPrivateKey(key), facts: factsOf(certificate) };
}

/** A device's leaf with a new key, and the full chain as the device shows it. `issuer.chain` is PEM above the issuer. */
export async function createLeaf(
  order: Omit<CaOrder, "commonName"> & { readonly registrationId: string },
  issuer: { readonly certificate: string; readonly privateKey: string; readonly chain: string },
): Promise<Issued & { readonly chain: string }> {
  const key = await generateKeyPair(order.keyAlgorithm);
  const signing = issuerOf(issuer.certificate, issuer.privateKey);
  const leaf = await issueDevice({
    registrationId: order.registrationId,
    lifetimeDays: order.lifetimeDays,
    publicKey: key.publicKey,
    issuer: signing,
    clock: clockAt(order.now),
  });
  const above = issuer.chain === "" ? [] : readCertificates(issuer.chain);
  return {
    certificate: leaf.toPem(),
    chain: fullChainPem([leaf, signing.certificate, ...above]),
    privateKey: exportPrivateKey(key),
    facts: factsOf(leaf),
  };
}

/** The leaf of a proof of possession: CN = code, signed by the CA's key; its own key is thrown away. PEM. */
export async function createProof(
  code: string,
  ca: { readonly certificate: string; readonly privateKey: string },
  now: Date,
): Promise<string> {
  const { publicKey } = await generateKeyPair("EC-P256");
  const issuer = issuerOf(ca.certificate, ca.privateKey);
  const leaf = await issueVerification({ verificationCode: code, publicKey, issuer, clock: clockAt(now) });
  return leaf.toPem();
}
