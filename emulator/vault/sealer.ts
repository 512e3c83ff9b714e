import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { join } from "node:path";
import { readIfThere, readStored, writeWhole } from "../kernel/stateFile";

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

const REMEDY =
  "restore vault-key, or give up what the vaults hold and begin with an empty local Azure: npm run down -- --force, then npm run up";

/**
 * Reads `vault-key` (0600, base64) in `directory`, or makes it there the first time. `opensAll` says whether a key opens
 * what the vaults hold. Throws StateFolderError when the file is damaged, or another than the one that sealed it.
 */
export function openSealingKey(directory: string, opensAll: (key: Buffer) => boolean = () => true): Buffer {
  const file = join(directory, "vault-key");
  const text = readIfThere(file);
  const key = text === undefined ? newSealingKey() : Buffer.from(text.trim(), "base64");
  readStored(file, REMEDY, () => {
    if (new Sealer(key) && opensAll(key)) return;
    throw new TypeError(`${text === undefined ? "it is missing" : "it is another key"}, and the vaults hold secrets`);
  });
  if (text === undefined) writeWhole(file, `${key.toString("base64")}\n`);
  return key;
}
