import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { join } from "node:path";
import { readIfThere, writeWhole } from "../kernel/stateFile";

/** Bytes of the key (AES-256), of the nonce and of the tag (NIST SP 800-38D). */
const [KEY, NONCE, TAG] = [32, 12, 16];

/**
 * Seals the material of vaults with AES-256-GCM under one key of this local Azure. `label` says what the bytes are, and
 * opens them only under the same label, so that a sealed value cannot be passed off as another.
 */
export class Sealer {
  /** `key`: 32 bytes. */
  constructor(private readonly key: Buffer) {
    if (key.length !== KEY) throw new TypeError(`a sealing key has ${KEY} bytes, not ${key.length}`);
  }

  /** Nonce, tag and ciphertext in one. */
  seal(clear: Buffer, label: string): Buffer {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv("aes-256-gcm", this.key, nonce).setAAD(Buffer.from(label));
    const sealed = Buffer.concat([cipher.update(clear), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** Undefined when it was not sealed with this key and label, or is damaged. */
  open(sealed: Buffer, label: string): Buffer | undefined {
    if (sealed.length < NONCE + TAG) return undefined;
    const nonce = sealed.subarray(0, NONCE);
    const decipher = createDecipheriv("aes-256-gcm", this.key, nonce, { authTagLength: TAG })
      .setAAD(Buffer.from(label))
      .setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}

/** Generates a sealing key; the caller stores it. */
export const newSealingKey = (): Buffer => randomBytes(KEY);

/** Reads `vault-key` (0600, base64) in `directory`, or makes it there the first time. */
export function openSealingKey(directory: string): Buffer {
  const file = join(directory, "vault-key");
  const text = readIfThere(file);
  if (text !== undefined) {
    const key = Buffer.from(text.trim(), "base64");
    if (key.length === KEY) return key;
    throw new Error(
      `${file} is not a sealing key of the local Azure: restore it, or reset the local Azure and delete it`,
    );
  }
  const made = newSealingKey();
  writeWhole(file, `${made.toString("base64")}\n`);
  return made;
}
