import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ssh2 } from "../users/publicKey";

/** A key of this host, in OpenSSH's formats. */
export interface HostKey {
  readonly privateKey: string;
  /** Type and base64, as in a known_hosts file. */
  readonly publicKey: string;
}

/** Ed25519, and ECDSA for clients in FIPS mode. */
const TYPES = ["ed25519", "ecdsa"] as const;

/** A key pair in OpenSSH's formats. */
export interface SshKeyPair {
  readonly private: string;
  readonly public: string;
}

/** Bytes of an Ed25519 public key in SSH (RFC 8709): two lengths, the algorithm's name, the key. */
const ED25519_BLOB = 4 + "ssh-ed25519".length + 4 + 32;

/** Makes a key pair of SSH. `comment`: the last part of the public key's line. `generate`: for tests. */
export function newKeyPair(
  type: "ed25519" | "ecdsa",
  comment: string,
  generate: () => SshKeyPair = () =>
    type === "ecdsa"
      ? ssh2().utils.generateKeyPairSync(type, { bits: 256, comment })
      : ssh2().utils.generateKeyPairSync(type, { comment }),
): SshKeyPair {
  const pair = generate();
  // ssh2 1.17 cuts leading zeros off an Ed25519 key, so that OpenSSH cannot load one in 256.
  const isWhole = type === "ecdsa" || Buffer.from(pair.public.split(" ")[1] ?? "", "base64").length === ED25519_BLOB;
  return isWhole ? pair : newKeyPair(type, comment, generate);
}

/** Of two processes that start at once, both use the first one's key. */
function create(file: string, key: string): void {
  try {
    writeFileSync(file, key, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** The host keys in a folder, which are made at the first start and kept, readable by their owner only. */
export function hostKeys(folder: string): HostKey[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return TYPES.map((type) => {
    const file = join(folder, `ssh_host_${type}_key`);
    if (!existsSync(file)) create(file, newKeyPair(type, "").private);
    const privateKey = readFileSync(file, "utf8");
    const parsed = ssh2().utils.parseKey(privateKey);
    if (parsed instanceof Error || Array.isArray(parsed))
      throw new TypeError(`${file} is not a private key of OpenSSH`);
    return { privateKey, publicKey: `${parsed.type} ${parsed.getPublicSSH().toString("base64")}` };
  });
}
