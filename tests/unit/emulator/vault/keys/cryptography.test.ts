import { strict as assert } from "node:assert";
import { constants, createHash, createPublicKey, privateDecrypt, publicEncrypt, sign, verify } from "node:crypto";
import * as fc from "fast-check";
import { WireError } from "../../../../../emulator/kernel/operation";
import { CURVES } from "../../../../../emulator/vault/keys/curves";
import {
  type CryptoKey,
  decryptWith,
  ENCRYPTION_ALGORITHMS,
  encryptWith,
  SIGNATURE_ALGORITHMS,
  signWith,
  verifyWith,
} from "../../../../../emulator/vault/keys/keyCryptography";
import { generateEc, generateRsa, type KeyMaterial } from "../../../../../emulator/vault/keys/keyMaterial";
import { verifyPkcs1, verifyPss } from "../../../../../emulator/vault/keys/rsa";

const KID = "https://v.vault.azure.net/keys/k/0123456789abcdef0123456789abcdef";

/** The digest that an algorithm's name ends with; ES256K has SHA-256. */
const hashOf = (name: string): string => `sha${/\d+/.exec(name)?.[0] ?? "256"}`;

const digestOf = (name: string, data: Buffer): Buffer => createHash(hashOf(name)).update(data).digest();

function response(work: () => unknown): { status: number; code: string; message: string } {
  try {
    work();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const body = error.body as { error: { code: string; message: string } };
    return { status: error.status, code: body.error.code, message: body.error.message };
  }
  throw new Error("no refusal");
}

describe("cryptography of vault keys", () => {
  const keys = new Map<string, CryptoKey>();
  const keyFor = (name: string): CryptoKey => {
    const algorithm = SIGNATURE_ALGORITHMS[name];
    const key = keys.get(algorithm?.family === "EC" ? algorithm.curve : "RSA");
    if (!key) throw new Error(`no key for ${name}`);
    return key;
  };
  const put = (kind: string, material: KeyMaterial): void => {
    const kty = material.jwk.kty;
    keys.set(kind, { material, shape: { kid: KID, kty, crv: material.curve?.name } });
  };

  before(async () => {
    for (const curve of Object.values(CURVES)) put(curve.name, await generateEc(curve));
    put("RSA", await generateRsa(2048));
  });

  const hashed = Object.keys(SIGNATURE_ALGORITHMS).filter((name) => name !== "RSNULL");

  /** The same algorithm by node:crypto, which hashes for itself. */
  const native = (name: string) => {
    const { material } = keyFor(name);
    const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    const options = name.startsWith("PS") ? pss : { dsaEncoding: "ieee-p1363" as const };
    return {
      sign: (data: Buffer) => sign(hashOf(name), data, { key: material.privateKey, ...options }),
      verify: (data: Buffer, signature: Buffer) =>
        verify(hashOf(name), data, { key: material.publicKey, ...options }, signature),
    };
  };

  for (const name of hashed) {
    it(`signs and verifies ${name} as node:crypto does`, () => {
      const key = keyFor(name);
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
          const data = Buffer.from(bytes);
          const digest = digestOf(name, data);
          const signature = signWith(key, name, digest);
          assert.ok(native(name).verify(data, signature), "node:crypto refuses our signature");
          assert.ok(verifyWith(key, name, digest, native(name).sign(data)), "we refuse node:crypto's signature");
          assert.ok(verifyWith(key, name, digest, signature));
        }),
        { numRuns: name.startsWith("ES") && name !== "ES256" ? 8 : 20 },
      );
    });

    it(`refuses a ${name} signature that was changed`, () => {
      const key = keyFor(name);
      const digest = digestOf(name, Buffer.from("data"));
      const signature = signWith(key, name, digest);
      const touched = Buffer.from(signature);
      touched[touched.length - 1] = (touched[touched.length - 1] ?? 0) ^ 1;
      assert.equal(verifyWith(key, name, digest, touched), false);
      assert.equal(verifyWith(key, name, digestOf(name, Buffer.from("other")), signature), false);
      assert.equal(verifyWith(key, name, digest, signature.subarray(1)), false);
      assert.equal(verifyWith(key, name, digest, Buffer.concat([Buffer.alloc(1), signature])), false);
      assert.equal(verifyWith(key, name, digest, Buffer.alloc(signature.length)), false);
      assert.equal(verifyWith(key, name, digest, Buffer.alloc(signature.length, 0xff)), false);
    });

    it(`requires the digest length of ${name}`, () => {
      const key = keyFor(name);
      const length = digestOf(name, Buffer.alloc(0)).length;
      assert.deepEqual(
        response(() => signWith(key, name, Buffer.alloc(20))),
        {
          status: 400,
          code: "BadParameter",
          message: `Invalid length of 'value': 20 bytes. ${name} requires ${length} bytes, encoded with base64url.`,
        },
      );
      const { message } = response(() => verifyWith(key, name, Buffer.alloc(20), Buffer.alloc(64)));
      assert.match(message, /^Invalid length of 'digest': 20 bytes/);
    });
  }

  it("refuses an RSA signature without its leading zero byte (RFC 8017, 8.1.2 and 8.2.2)", () => {
    const n =
      "niO0peBC20r6Ej71FvdRuJn_b21EZSOc1Ni-nDbuuK12QCsz24hfjCt5GHrPXoD5yh62Hiyn2r6wKAMvvrk4tZDBfjWB_vzLq1vY" +
      "kqKEetNFMXWtFLHtdWwGlMPzD_UxWjGRLbb6PVd7Pq-joBTin_uJHcxRJh9KnpoMPov4Y8rFgD1R0TIzlaBgh_ThxqawC_DOsd6L" +
      "DfRUWFr7JDJ4CBNOTHEF2M9qCKQpsn4HHJ2yqYuyHGZJKvjgqzdKPL7WzDtLBJoB98bvchzDH8w4bfJYobXZ300y9ijz7okjD466" +
      "NQp36mPmupe5GLLLTHH1byPXJEZ-iu1Vgw1dHViclQ";
    // One signature in 256 begins with a zero byte: these two do.
    const pss =
      "APOpSMUwwnhi3zdndP90aALpMpC89cuLxG0EIlLRtepoj1gvjlD9p4_bgduFSIBnQt6M1FDouJ5dr888ASbsNi2ysbBypFw8jj5g" +
      "o2FDxTBeqVofOjNnp8BWzyyAi9Pjlb-plOqp7_viYR0_2pugMYM7zrKlAI1R--G7updlnaXNX7xfKN72gKlrG54opHH6EyRHix7o" +
      "C2LQAtGxF8ZcC8xjswQDj3C9EIRKS3Fid7yvTjYYUMlDcRgzpdNAb1ZK8WrNBkVzxIeqm_tfn2Z6ImXqJRF31hLVzCWI1NGZiys9" +
      "9im82rGfhsaHnoC9gMR5cyNP1HtjazW-1_SpOeyAcQ";
    const pkcs1 =
      "AAP5tpYYnZRJ2r5GcbOCbU13ITgPsmA4Cd6wSR2LlJeYb6o1LhxPksIGWAnzdYJz3s9CZwI-U_Jyq0GUhU3PEfrekDkIknTtHJdc" +
      "GtT7fv6YxxXhiyjGw3D5Wx1CXh6rF1MT6cgZU-NkatcP3otLdNALxtKOzM6ruIrvrjGTn1OAIRukhYnqQQSMh5UNFT5r0hiAwrWn" +
      "Va8kDzALfPCo730KFW9v9hFngxZ3OrOeZe34rzfcLewyxaUdiuDZJLnGCmehaI1_Uni6CN5Td9B0rkt4k1KPII9MyOjaxaG2OJj_" +
      "-cGAcldE943ZLlTuE45n3xwfP36fQBVFNSdf080meQ";
    const key = createPublicKey({ key: { kty: "RSA", n, e: "AQAB" }, format: "jwk" });
    const [ps, rs] = [Buffer.from(pss, "base64url"), Buffer.from(pkcs1, "base64url")];
    const [data, numbered] = [digestOf("PS512", Buffer.from("data")), digestOf("RS256", Buffer.from("data 9"))];
    assert.deepEqual([ps[0], rs[0]], [0, 0]);
    assert.equal(verifyPss(data, ps, key, "sha512"), true);
    assert.equal(verifyPss(data, ps.subarray(1), key, "sha512"), false);
    assert.equal(verifyPkcs1(numbered, rs, key, "sha256"), true);
    assert.equal(verifyPkcs1(numbered, rs.subarray(1), key, "sha256"), false);
  });

  it("verifies the edges of ECDSA: digests of zeros and ones, and of the order itself", () => {
    for (const [name, { ecdsa, bytes }] of Object.entries(CURVES)) {
      const alg = { "P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "P-256K": "ES256K" }[name] ?? "";
      const length = Number(SIGNATURE_ALGORITHMS[alg]?.hash?.slice(3)) / 8;
      const order = Buffer.from(ecdsa.Point.Fn.ORDER.toString(16).padStart(bytes * 2, "0"), "hex").subarray(-length);
      for (const digest of [Buffer.alloc(length), Buffer.alloc(length, 0xff), order]) {
        const key = keyFor(alg);
        assert.ok(verifyWith(key, alg, digest, signWith(key, alg, digest)), `${alg} ${digest.toString("hex")}`);
      }
    }
  });

  it("signs RSNULL as PKCS#1 without a digest's name", () => {
    const key = keyFor("RSNULL");
    const value = Buffer.from("any bytes");
    const signature = signWith(key, "RSNULL", value);
    assert.ok(verifyWith(key, "RSNULL", value, signature));
    assert.equal(verifyWith(key, "RSNULL", Buffer.from("other bytes"), signature), false);
    assert.equal(response(() => signWith(key, "RSNULL", Buffer.alloc(246))).message, "The parameter is incorrect.");
  });

  for (const [name, { oaepHash }] of Object.entries(ENCRYPTION_ALGORITHMS)) {
    it(`encrypts and decrypts ${name} as node:crypto does`, () => {
      const key = keyFor("RS256");
      const { privateKey, publicKey } = key.material;
      const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, ...(oaepHash ? { oaepHash } : {}) };
      const pkcs1 = { padding: constants.RSA_PKCS1_PADDING };
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 1, maxLength: 190 }), (bytes) => {
          const text = Buffer.from(bytes);
          const ours = encryptWith(key, name, text);
          assert.deepEqual(decryptWith(key, name, ours), text);
          const theirs = publicEncrypt({ key: publicKey, ...(oaepHash ? oaep : pkcs1) }, text);
          assert.deepEqual(decryptWith(key, name, theirs), text);
          // Node 20 decrypts PKCS#1 v1.5 no more, so OAEP alone is judged this way round.
          if (oaepHash) assert.deepEqual(privateDecrypt({ key: privateKey, ...oaep }, ours), text);
        }),
        { numRuns: 10 },
      );
    });

    it(`refuses invalid ciphertext for ${name}, and too long a plaintext`, () => {
      const key = keyFor("RS256");
      const sealed = encryptWith(key, name, Buffer.from("text"));
      sealed[10] = (sealed[10] ?? 0) ^ 1;
      const refused = { status: 400, code: "BadParameter", message: "The parameter is incorrect." };
      assert.deepEqual(
        response(() => decryptWith(key, name, sealed)),
        refused,
      );
      assert.deepEqual(
        response(() => decryptWith(key, name, Buffer.alloc(10))),
        refused,
      );
      assert.deepEqual(
        response(() => encryptWith(key, name, Buffer.alloc(250))),
        refused,
      );
    });
  }

  it("names the key types of an algorithm", () => {
    const digest = Buffer.alloc(32);
    const ec = keyFor("ES256");
    const rsa = keyFor("RS256");
    const message = (key: CryptoKey, name: string) => response(() => signWith(key, name, digest)).message;
    const start = `Key and signing algorithm are incompatible. Key ${KID}`;
    assert.equal(
      message(ec, "RS256"),
      `${start} is of type 'EC', and algorithm 'RS256' can only be used with a key of type 'RSA' or 'RSA-HSM'.`,
    );
    assert.equal(
      message(rsa, "ES256"),
      `${start} is of type 'RSA', and algorithm 'ES256' can only be used with a key of type 'EC' or 'EC-HSM'.`,
    );
    assert.equal(
      message(ec, "ES384"),
      `${start} uses curve 'P-256', and algorithm 'ES384' can only be used with curve 'P-384'.`,
    );
    assert.equal(
      message(rsa, "HS256"),
      `${start} is of type 'RSA', and algorithm 'HS256' can only be used with a key of type 'oct' or 'oct-HSM'.`,
    );
    assert.equal(message(rsa, "none"), "Invalid algorithm 'none'.");
    assert.match(
      response(() => encryptWith(ec, "RSA-OAEP", digest)).message,
      /^Key and encryption algorithm .*'RSA-HSM'/,
    );
    assert.match(response(() => encryptWith(rsa, "A128GCM", digest)).message, /'oct' or 'oct-HSM'/);
    assert.equal(response(() => decryptWith(rsa, "RSA-OAEP-512", digest)).message, "Invalid algorithm 'RSA-OAEP-512'.");
  });
});
