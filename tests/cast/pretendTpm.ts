import { strict as assert } from "node:assert";
import {
  constants,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  type KeyObject,
  privateDecrypt,
} from "node:crypto";
import { rsaKey } from "./rsaKeys";

const NOTHING = Buffer.alloc(0);

/** Takes a TPM's structures apart. */
class Bytes {
  constructor(private rest: Buffer) {}

  take(count: number): Buffer {
    assert.ok(count <= this.rest.length, "the structure ends too early");
    const taken = this.rest.subarray(0, count);
    this.rest = this.rest.subarray(count);
    return taken;
  }

  sized(): Buffer {
    return this.take(this.take(2).readUInt16BE());
  }

  all(): Buffer {
    return this.take(this.rest.length);
  }

  end(): void {
    assert.equal(this.rest.length, 0, "bytes follow the structure");
  }
}

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ""), "hex");
const sized = (bytes: Buffer): Buffer => Buffer.concat([hex(bytes.length.toString(16).padStart(4, "0")), bytes]);
const sha256 = (...parts: readonly Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

/** One block of SP 800-108 is enough for 256 bits. */
const derive = (seed: Buffer, label: string, context: Buffer, bits: number): Buffer =>
  createHmac("sha256", seed)
    .update(Buffer.concat([hex("00000001"), Buffer.from(label), hex("00"), context]))
    .update(hex(bits.toString(16).padStart(8, "0")))
    .digest()
    .subarray(0, bits / 8);

const decrypt = (key: Buffer, bytes: Buffer): Buffer =>
  createDecipheriv("aes-128-cfb", key, Buffer.alloc(16)).update(bytes);

/** A key pair of a TPM with its TPMT_PUBLIC. */
class KeyPair {
  readonly #key: KeyObject;
  readonly area: Buffer;

  constructor(attributes: string, policy: Buffer) {
    this.#key = rsaKey();
    const modulus = Buffer.from(String(createPublicKey(this.#key).export({ format: "jwk" }).n), "base64url");
    // RSA, SHA-256, attributes, policy, AES 128 CFB, no scheme, 2048 bits, the usual exponent, the modulus.
    this.area = Buffer.concat([
      hex("0001 000b"),
      hex(attributes),
      sized(policy),
      hex("0006 0080 0043 0010 0800 00000000"),
      sized(modulus),
    ]);
  }

  get name(): Buffer {
    return Buffer.concat([hex("000b"), sha256(this.area)]);
  }

  /** TPM2B_PUBLIC as base64. */
  get published(): string {
    return sized(this.area).toString("base64");
  }

  /** Opens what was protected to this key for an object: the seed, the HMAC, then the contents. */
  open(seedFor: string, secret: Buffer, protectedBlob: Buffer, objectName: Buffer): Buffer {
    const { RSA_PKCS1_OAEP_PADDING: padding } = constants;
    const oaepLabel = Buffer.from(`${seedFor}\0`);
    const seed = privateDecrypt({ key: this.#key, padding, oaepHash: "sha256", oaepLabel }, secret);
    const outer = new Bytes(protectedBlob);
    const [hmac, encrypted] = [outer.sized(), outer.all()];
    const integrityKey = derive(seed, "INTEGRITY", NOTHING, 256);
    const expected = createHmac("sha256", integrityKey).update(encrypted).update(objectName).digest();
    assert.deepEqual(hmac, expected, "integrity of the outer wrapper");
    return decrypt(derive(seed, "STORAGE", objectName, 128), encrypted);
  }
}

/**
 * What a TPM 2.0 does with DPS's `authenticationKey`, written from the specification and not from the local Azure's own
 * code; the real thing judges the same in `npm run test:clients`. Keys are new each time.
 */
export class PretendTpm {
  // The policy of the usual template: TPM2_PolicySecret(endorsement).
  readonly #ek = new KeyPair("000300b2", hex("837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa"));
  readonly #srk = new KeyPair("00030472", NOTHING);
  #key: Buffer = NOTHING;

  get endorsementKey(): string {
    return this.#ek.published;
  }

  get storageRootKey(): string {
    return this.#srk.published;
  }

  /** As the clients' activateIdentityKey: ActivateCredential, then Import. Returns the text sent with the key. */
  activate(authenticationKey: string): string {
    const blob = new Bytes(Buffer.from(authenticationKey, "base64"));
    const [credential, secret, duplicate, wrapSecret] = [blob.sized(), blob.sized(), blob.sized(), blob.sized()];
    const [area, uri] = [blob.sized(), blob.sized()];
    blob.end();
    const wrapper = new Bytes(this.#ek.open("IDENTITY", secret, credential, this.#srk.name));
    const wrapperKey = wrapper.sized();
    wrapper.end();
    const objectName = Buffer.concat([hex("000b"), sha256(area)]);
    const inner = new Bytes(decrypt(wrapperKey, this.#srk.open("DUPLICATE", wrapSecret, duplicate, objectName)));
    const integrity = inner.sized();
    const sensitive = inner.sized();
    inner.end();
    assert.deepEqual(integrity, sha256(sized(sensitive), objectName), "integrity of the inner wrapper");
    const parts = new Bytes(sensitive);
    assert.deepEqual(parts.take(2), hex("0008"), "a keyed hash");
    const [password, obfuscation, key] = [parts.sized(), parts.sized(), parts.sized()];
    parts.end();
    assert.equal(password.length, 0);
    // Keyed hash named by SHA-256, userWithAuth noDA sign, a policy, HMAC with SHA-256, and the key's digest.
    const shown = new Bytes(area);
    assert.deepEqual(shown.take(8), hex("0008 000b 00040440"));
    assert.equal(shown.sized().length, 32);
    assert.deepEqual(shown.take(4), hex("0005 000b"));
    assert.deepEqual(shown.sized(), sha256(obfuscation, key), "the public and the sensitive part belong together");
    shown.end();
    this.#key = key;
    return decrypt(wrapperKey, uri).toString();
  }

  /** The last activated key, base64; a real TPM never exports it. */
  get identityKey(): string {
    return this.#key.toString("base64");
  }
}
