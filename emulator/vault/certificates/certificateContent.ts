import { createPrivateKey, type KeyObject } from "node:crypto";
import { type Certificate, readCertificates } from "../../../certs/certificate";
import { checkKeyRounds } from "../../../certs/encryptedKey";
import { CertsError } from "../../../certs/errors";
import { decodeBase64, looksLikePem, parsePem } from "../../../certs/pem";
import { areRsaMembersConsistent } from "../../../certs/rsaMembers";
import { type KeyMaterial, materialOf } from "../keys/keyMaterial";
import { badParameter } from "../vaultErrors";
import type { ContentType } from "./certificatePolicy";

// Loaded at their first use: they take 0.07 s of the processor from a start of the local Azure.
const pkcs12Reading = () => require("../../../certs/pkcs12/read") as typeof import("../../../certs/pkcs12/read");
const pkcs12Writing = () => require("../../../certs/pkcs12/write") as typeof import("../../../certs/pkcs12/write");

/**
 * Returns the content of a certificate's secret: PKCS#12 in base64 without a passphrase, or PEM. Includes the private key if
 * the policy makes it exportable (`material` is given).
 */
export function secretContent(
  contentType: ContentType,
  chain: readonly Certificate[],
  material: KeyMaterial | undefined,
): Buffer {
  if (contentType === "application/x-pem-file") {
    const key = material?.privateKey.export({ type: "pkcs8", format: "pem" }).toString() ?? "";
    return Buffer.from(key + chain.map((each) => each.toPem()).join(""));
  }
  const key = material && {
    key: material.privateKey,
    publicKey: material.publicKey.export({ type: "spki", format: "der" }),
  };
  return Buffer.from(pkcs12Writing().writePkcs12({ key, chain, passphrase: undefined }).toString("base64"));
}

/** The content of an import. */
export interface Imported {
  readonly contentType: ContentType;
  /** Leaf first. */
  readonly chain: readonly [Certificate, ...Certificate[]];
  readonly material: KeyMaterial;
}

const noKey = (): Error => badParameter("The specified certificate content has no private key.");

function keyOfPem(text: string, passphrase: string): KeyObject {
  const block = parsePem(text).find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (block === undefined) throw noKey();
  if (block.label.startsWith("ENCRYPTED")) checkKeyRounds(decodeBase64(block.base64));
  try {
    return createPrivateKey({ key: block.text, passphrase });
  } catch {
    // OpenSSL's reason may contain the input.
    throw badParameter("The private key in the specified PEM content cannot be read: it is damaged, or pwd is wrong.");
  }
}

function supported(key: KeyObject): KeyMaterial {
  if (key.asymmetricKeyType === "rsa" && !areRsaMembersConsistent(key.export({ format: "jwk" }))) {
    throw badParameter("The private key is damaged: its members do not belong together.");
  }
  try {
    return materialOf(key);
  } catch {
    throw badParameter(
      "The private key is not supported: a vault stores RSA keys, and EC keys on P-256, P-384, P-521 or P-256K.",
    );
  }
}

/** Returns the chain with the certificate of the key first. Throws 400 if there is none. */
export function leafFirst(
  chain: readonly Certificate[],
  { publicKey }: KeyMaterial,
): readonly [Certificate, ...Certificate[]] {
  const spki = publicKey.export({ type: "spki", format: "der" });
  const leaf = chain.find((each) => each.spki.equals(spki));
  if (leaf !== undefined) return [leaf, ...chain.filter((each) => each !== leaf)];
  throw badParameter(
    "The public key of the end-entity certificate in the specified X.509 certificate content does not match the public part of the specified private key. Please check if certificate is valid.",
  );
}

/** Reads `value` of an import: base64 of PKCS#12, or PEM as text or in base64. Throws 400 BadParameter. */
export function readImport(value: string, passphrase: string): Imported {
  const bytes = Buffer.from(value, "base64");
  const inner = looksLikePem(value) ? value : bytes.toString("latin1");
  try {
    if (looksLikePem(inner)) {
      const material = supported(keyOfPem(inner, passphrase));
      const chain = leafFirst(readCertificates(inner), material);
      return { contentType: "application/x-pem-file", material, chain };
    }
    const { key, certificates } = pkcs12Reading().readPkcs12(bytes, passphrase);
    if (key === undefined) throw noKey();
    const material = materialOf(key.key);
    return { contentType: "application/x-pkcs12", material, chain: leafFirst(certificates, material) };
  } catch (error) {
    if (error instanceof CertsError) {
      throw badParameter(`The specified certificate content can not be read: ${error.message}.`);
    }
    throw error;
  }
}
