import { type Certificate, readCertificate } from "../../../certs/certificate";
import { DAY_MS } from "../../../certs/clock";
import { exportPrivateKey, generateKeyPair, type PrivateKey } from "../../../certs/keys";
import { KeySigner } from "../../../certs/signer";
import { createSupportCertificate } from "../../../operator/support/supportCertificate";
import { type TokenKey, tokenPrivateKey } from "../../../operator/support/tokenKey";
import type { EntryKind, TranscriptRecorder } from "../../../operator/transcript/transcriptEntry";
import { NOW } from "../certs";

/** A support authority, with its key as PEM for openssl. */
export interface TestAuthority {
  readonly certificate: Certificate;
  readonly key: TokenKey;
  readonly keyPem: string;
}

const keys = new Map<string, Promise<PrivateKey>>();

/** An RSA-2048 key for an owner; made once a process, because making one takes up to a second. */
export function rsaKey(owner: "session" | "authority" | "another"): Promise<PrivateKey> {
  const made = keys.get(owner) ?? generateKeyPair("RSA-2048");
  keys.set(owner, made);
  return made;
}

/** An authority that is valid from {@link NOW}, for a year or until `notAfter`. */
export async function newAuthority(
  notAfter = new Date(NOW.getTime() + 365 * DAY_MS),
  owner: "authority" | "another" = "authority",
): Promise<TestAuthority> {
  const privateKey = await rsaKey(owner);
  const fields = { commonName: "Support", notBefore: NOW, notAfter };
  const made = await createSupportCertificate(fields, new KeySigner(privateKey));
  const certificate = readCertificate(made.toPem());
  return { certificate, key: { certificate, ...tokenPrivateKey(privateKey) }, keyPem: exportPrivateKey(privateKey) };
}

/** A recorder that keeps its entries. */
export function listRecorder(): TranscriptRecorder & { readonly kinds: EntryKind[] } {
  const kinds: EntryKind[] = [];
  return {
    kinds,
    async record(kind) {
      kinds.push(kind);
    },
  };
}
