import { decodeOid, expectTag, readChildren, readWhole, TAG } from "./der";
import { CertsError } from "./errors";

/** Rounds of key derivation that an encrypted private key may ask for: some ten seconds of work. OpenSSL writes 2,048. */
export const MAX_KEY_ROUNDS = 4_000_000;

const PBES2 = "1.2.840.113549.1.5.13";
const SCRYPT = "1.3.6.1.4.1.11591.4.11";

/** The rounds that an EncryptedPrivateKeyInfo (RFC 5958, 3) asks for; 0 for scrypt, whose memory OpenSSL limits. */
function roundsOf(der: Buffer): number {
  const [algorithm] = readChildren(readWhole(der, TAG.sequence).content);
  let [oid, parameters] = readChildren(expectTag(algorithm, TAG.sequence).content);
  if (decodeOid(expectTag(oid, TAG.oid).content) === PBES2) {
    const [derivation] = readChildren(expectTag(parameters, TAG.sequence).content);
    [oid, parameters] = readChildren(expectTag(derivation, TAG.sequence).content);
    if (decodeOid(expectTag(oid, TAG.oid).content) === SCRYPT) return 0;
  }
  const [, rounds] = readChildren(expectTag(parameters, TAG.sequence).content);
  return Number(`0x${expectTag(rounds, TAG.integer).content.toString("hex") || "0"}`);
}

/** Throws `unsupportedEncryption`, before any work, for a key that asks for more than {@link MAX_KEY_ROUNDS}. */
export function checkKeyRounds(der: Buffer): void {
  if (roundsOf(der) <= MAX_KEY_ROUNDS) return;
  throw new CertsError(
    "unsupportedEncryption",
    `The private key asks for more than ${MAX_KEY_ROUNDS} rounds of key derivation, the limit. To fix: encrypt it again with fewer, such as openssl pkcs8 -topk8 -iter 100000`,
    { data: { limit: MAX_KEY_ROUNDS } },
  );
}
