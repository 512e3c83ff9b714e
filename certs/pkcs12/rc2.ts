/**
 * RC2 in CBC mode, decryption alone (RFC 2268). Windows still encrypts certificates in PFX files with it, and OpenSSL 3
 * has it in its legacy provider only, which Node does not load. It protects nothing today and is never written.
 */

/** Digits of pi (RFC 2268, 2). */
const PI = Buffer.from(
  "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32" +
    "bd8f40eb86b77b0bf09521225c6b4e8254d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626" +
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed708e8eade8052eef784aa72ac354d6a2a" +
    "961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731" +
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2e" +
    "c5f3db47e5a59c770aa62068fe7fc1ad",
  "hex",
);
const ROTATIONS = [1, 2, 3, 5];
const BLOCK = 8;

/** 64 words of 16 bits (RFC 2268, 2). The effective key length is the key's own, as in all of PKCS#12's algorithms. */
function expandKey(key: Buffer): Uint16Array {
  const bytes = Buffer.alloc(128);
  key.copy(bytes);
  const pi = (index: number): number => PI[index & 0xff] ?? 0;
  const at = (index: number): number => bytes[index] ?? 0;
  for (let i = key.length; i < 128; i += 1) bytes[i] = pi(at(i - 1) + at(i - key.length));
  bytes[128 - key.length] = pi(at(128 - key.length));
  for (let i = 127 - key.length; i >= 0; i -= 1) bytes[i] = pi(at(i + 1) ^ at(i + key.length));
  return Uint16Array.from({ length: 64 }, (_, index) => bytes.readUInt16LE(2 * index));
}

function decryptBlock(words: Uint16Array, keys: Uint16Array): void {
  const word = (index: number): number => words[index & 3] ?? 0;
  for (let at = 63; at >= 0; at -= 4) {
    // Between mixing rounds 11 and 12 from the end, and 5 and 6, one mashing round.
    if (at === 43 || at === 19) {
      for (let i = 3; i >= 0; i -= 1) words[i] = word(i) - (keys[word(i + 3) & 63] ?? 0);
    }
    for (let i = 3; i >= 0; i -= 1) {
      const [rotation, value] = [ROTATIONS[i] ?? 0, word(i)];
      const rotated = (value >>> rotation) | (value << (16 - rotation));
      words[i] = rotated - (keys[at - 3 + i] ?? 0) - (word(i + 3) & word(i + 2)) - (~word(i + 3) & word(i + 1));
    }
  }
}

/** The plain text, its padding (RFC 8018, 6.1.1) taken off. Throws RangeError where length or padding is wrong. */
export function decryptRc2(key: Buffer, iv: Buffer, encrypted: Buffer): Buffer {
  if (encrypted.length === 0 || encrypted.length % BLOCK !== 0 || iv.length !== BLOCK)
    throw new RangeError("RC2 takes whole blocks");
  const keys = expandKey(key);
  const plain = Buffer.alloc(encrypted.length);
  let previous = iv;
  for (let start = 0; start < encrypted.length; start += BLOCK) {
    const block = encrypted.subarray(start, start + BLOCK);
    const words = Uint16Array.from({ length: 4 }, (_, index) => block.readUInt16LE(2 * index));
    decryptBlock(words, keys);
    for (const [index, word] of words.entries())
      plain.writeUInt16LE(word ^ previous.readUInt16LE(2 * index), start + 2 * index);
    previous = block;
  }
  const padding = plain[plain.length - 1] ?? 0;
  const end = plain.length - padding;
  if (padding < 1 || padding > BLOCK || plain.subarray(end).some((each) => each !== padding))
    throw new RangeError("The padding is wrong");
  return plain.subarray(0, end);
}
