import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sync as writeFileAtomic } from "write-file-atomic";
import { OperatorError } from "../operatorError";
import type { OperatorStore } from "../store/operatorStore";
import { fingerprintOf, publicKeyText, readPublicKey, signLines } from "./ed25519";

/** Who an instance is to readers of transcripts. Its private key does not leave its state folder. */
export interface InstanceKey {
  /** Name of the instance, lower-case. */
  readonly name: string;
  /** In OpenSSH's format. */
  readonly publicKey: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** Signs lines of text; returns base64. */
  sign(lines: readonly (string | number)[]): string;
}

/** The instance that holds this private key. */
export function instanceKey(name: string, key: KeyObject): InstanceKey {
  const publicKey = publicKeyText(key);
  return { name, publicKey, fingerprint: fingerprintOf(publicKey), sign: (lines) => signLines(key, lines) };
}

/**
 * Reads the key of an instance from `instance.key` in its state folder, or makes one (Ed25519, PKCS#8, mode 0600) with
 * `instance.pub` beside it. Errors: OperatorError StoreUnavailable where the file is damaged.
 */
export function openInstanceKey(folder: string, name: string): InstanceKey {
  const file = join(folder, "instance.key");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync("ed25519");
    writeFileAtomic(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  }
  const key = readKey(file);
  writeFileSync(join(folder, "instance.pub"), `${publicKeyText(key)} ${name}\n`);
  return instanceKey(name, key);
}

function readKey(file: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType !== "ed25519") throw new TypeError("not an Ed25519 key");
    return key;
  } catch (cause) {
    const remedy = `restore ${file} from a backup, or remove it to have a new key`;
    throw new OperatorError("StoreUnavailable", `The instance's key ${file} cannot be read.`, remedy, { cause });
  }
}

/** Writes an instance's public key to the store, beside the earlier keys of an instance of that name. */
export async function publishInstanceKey(store: OperatorStore, { name, publicKey }: InstanceKey): Promise<void> {
  const known = await store.read(`instances/${name}`);
  const keys = (known?.value.keys ?? []) as readonly string[];
  if (!keys.includes(publicKey)) await store.write(`instances/${name}`, { keys: [...keys, publicKey] }, known?.etag);
}

/** Fingerprints of all keys that instances have published. */
export async function publishedFingerprints(store: OperatorStore): Promise<ReadonlySet<string>> {
  const documents = await Promise.all((await store.list("instances/")).map((name) => store.read(name)));
  const keys = documents.flatMap((document) => (document?.value.keys ?? []) as readonly string[]);
  return new Set(keys.map(fingerprintOf));
}

/** The fingerprint of a public key in a file, in OpenSSH's format or PEM. Errors: TypeError. */
export function fingerprintOfFile(text: string): string {
  return fingerprintOf(publicKeyText(readPublicKey(text)));
}
