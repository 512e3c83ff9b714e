/** The certificates that handlers issue, as PEM in and PEM out. Loaded only by create and update: it costs time. */
import { createPublicKey } from "node:crypto";
import { VaultSigner } from "../../../azure/clients/vaultSigner";
import { readVaultId } from "../../../azure/vaultIds";
import { algorithmOf, type KeyAlgorithmName } from "../../../certs/algorithms";
import { type Certificate, readCertificate, readCertificates } from "../../../certs/certificate";
import { fullChainPem } from "../../../certs/chain";
import { type Issuer, issueDevice, issueIntermediate, issueRoot, issueVerification } from "../../../certs/issue";
import { exportPrivateKey, generateKeyPair } from "../../../certs/keys";
import { KeySigner, type Signer } from "../../../certs/signer";
import type { AzureGateway } from "../resource/azureGateway";

/** A certificate, PEM. */
export interface Issued {
  readonly certificate: string;
  readonly facts: Facts;
}

/** A CA: its certificate, PEM, and what signs for it. */
export interface Ca {
  readonly certificate: string;
  readonly signer: Signer;
}

/** The facts of a certificate in the outputs. */
export interface Facts {
  /** SHA-1 of the DER, upper-case hexadecimal, as DPS shows it. */
  readonly thumbprint: string;
  /** ISO 8601. */
  readonly notAfter: string;
}

/** Order of a CA certificate. */
export interface CaOrder {
  readonly commonName: string;
  readonly lifetimeDays: number;
  readonly now: Date;
}

/** Order of a device's certificate. */
export interface LeafOrder extends Omit<CaOrder, "commonName"> {
  readonly registrationId: string;
  readonly keyAlgorithm: KeyAlgorithmName;
}

/**
 * The signer of a CA certificate (PEM) by its key: PKCS#8 PEM, or the id of a key version in a vault. Throws CertsError for
 * a key that cannot be read, with nothing of it in the message.
 */
export function signerOf(gateway: Pick<AzureGateway, "vaultKeys">, certificate: string, key: string): Signer {
  const id = readVaultId(key);
  if (id?.kind !== "keys") return KeySigner.fromPem(key);
  const { spki } = readCertificate(certificate);
  const algorithm = algorithmOf(createPublicKey({ key: spki, format: "der", type: "spki" }));
  return new VaultSigner(gateway.vaultKeys(id.vaultUri), key, spki, algorithm);
}

const clockAt = (now: Date) => ({ now: () => now });

const factsOf = (certificate: Certificate): Facts => ({
  thumbprint: certificate.sha1Thumbprint,
  notAfter: certificate.notAfter.toISOString(),
});

const issuerOf = ({ certificate, signer }: Ca): Issuer => ({ certificate: readCertificate(certificate), signer });

const issued = (certificate: Certificate): Issued => ({
  certificate: certificate.toPem(),
  facts: factsOf(certificate),
});

/** The facts of the first certificate in a PEM text. */
export function facts(pem: string): Facts & { readonly sha256Thumbprint: string } {
  const [first] = readCertificates(pem);
  if (!first) throw new TypeError("The text holds no certificate");
  return { ...factsOf(first), sha256Thumbprint: first.sha256Thumbprint };
}

/** A root that signs itself. */
export async function createRoot(order: CaOrder, signer: Signer): Promise<Issued> {
  const { commonName, lifetimeDays, now } = order;
  return issued(await issueRoot({ commonName, lifetimeDays, signer, clock: clockAt(now) }));
}

/** An intermediate for a public key (SubjectPublicKeyInfo, DER) under a root. */
export async function createIntermediate(order: CaOrder, publicKey: Uint8Array, root: Ca): Promise<Issued> {
  const { commonName, lifetimeDays, now } = order;
  const issuer = issuerOf(root);
  return issued(await issueIntermediate({ commonName, lifetimeDays, publicKey, issuer, clock: clockAt(now) }));
}

/** A device's leaf with a new key (PKCS#8 PEM), and the full chain as the device shows it. `issuer.chain` is PEM above the issuer. */
export async function createLeaf(
  order: LeafOrder,
  issuer: Ca & { readonly chain: string },
): Promise<Issued & { readonly privateKey: string; readonly chain: string }> {
  const key = await generateKeyPair(order.keyAlgorithm);
  const signing = issuerOf(issuer);
  const leaf = await issueDevice({
    registrationId: order.registrationId,
    lifetimeDays: order.lifetimeDays,
    publicKey: key.publicKey,
    issuer: signing,
    clock: clockAt(order.now),
  });
  const above = issuer.chain === "" ? [] : readCertificates(issuer.chain);
  const chain = fullChainPem([leaf, signing.certificate, ...above]);
  return { ...issued(leaf), chain, privateKey: exportPrivateKey(key) };
}

/** The leaf of a proof of possession: CN = code, signed by the CA's key; its own key is thrown away. PEM. */
export async function createProof(code: string, ca: Ca, now: Date): Promise<string> {
  const { publicKey } = await generateKeyPair("EC-P256");
  const leaf = await issueVerification({
    verificationCode: code,
    publicKey,
    issuer: issuerOf(ca),
    clock: clockAt(now),
  });
  return leaf.toPem();
}
