import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { activationBlob, kdfa } from "../../../../emulator/dps/tpm/tpmActivation";
import { sized, TpmFormatError } from "../../../../emulator/dps/tpm/tpmBytes";
import { readStorageKey } from "../../../../emulator/dps/tpm/tpmStorageKey";
import { PretendTpm } from "../../../cast/pretendTpm";

const bytes = (from: number, to: number) =>
  fc.uint8Array({ minLength: from, maxLength: to }).map((bytes) => Buffer.from(bytes));

describe("TPM 2.0: what DPS makes for one", () => {
  // One after the other: their keys differ.
  const [tpm, other] = [new PretendTpm(), new PretendTpm()];
  const keysOf = ({ endorsementKey, storageRootKey }: PretendTpm) => ({
    endorsementKey: readStorageKey(Buffer.from(endorsementKey, "base64")),
    storageRootKey: readStorageKey(Buffer.from(storageRootKey, "base64")),
  });

  it("derives keys as the openssl program's KBKDF does, which is the same function of SP 800-108", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("sha256", "sha384", "sha512", "sha1"),
        bytes(16, 64),
        fc.constantFrom("STORAGE", "INTEGRITY", "IDENTITY"),
        bytes(1, 40),
        bytes(1, 40),
        fc.constantFrom(16, 32, 48, 80),
        (hash, key, label, u, v, length) => {
          const options = [
            "mac:HMAC",
            `digest:${hash}`,
            `hexkey:${key.toString("hex")}`,
            `hexsalt:${Buffer.from(label).toString("hex")}`,
            `hexinfo:${Buffer.concat([u, v]).toString("hex")}`,
          ].flatMap((option) => ["-kdfopt", option]);
          const printed = execFileSync("openssl", ["kdf", "-keylen", String(length), ...options, "KBKDF"], {
            encoding: "utf8",
          });
          const ours = kdfa(hash as "sha256", key, label, u, v, length);
          assert.equal(ours.toString("hex").toUpperCase(), printed.replace(/[:\s]/g, ""));
        },
      ),
      { numRuns: 25 },
    );
  });

  it("brings any HMAC key, and a text, into the TPM that holds both keys", () => {
    fc.assert(
      fc.property(bytes(16, 64), fc.string({ maxLength: 200 }), (key, uri) => {
        const blob = activationBlob(keysOf(tpm), key, uri);
        assert.equal(tpm.activate(blob.toString("base64")), Buffer.from(uri).toString());
        assert.equal(tpm.identityKey, key.toString("base64"));
      }),
      { numRuns: 20 },
    );
  });

  it("is for no other TPM, nor for one with another storage root key", () => {
    const blob = activationBlob(keysOf(tpm), randomBytes(32), "uri").toString("base64");
    assert.throws(() => other.activate(blob));
    const mixed = { ...keysOf(tpm), storageRootKey: keysOf(other).storageRootKey };
    assert.throws(() => tpm.activate(activationBlob(mixed, randomBytes(32), "uri").toString("base64")), /integrity/);
  });

  it("is never the same twice", () => {
    const key = randomBytes(32);
    assert.notDeepEqual(activationBlob(keysOf(tpm), key, "uri"), activationBlob(keysOf(tpm), key, "uri"));
  });

  describe("reads storage keys", () => {
    const good = Buffer.from(tpm.endorsementKey, "base64");
    const changed = (at: number, value: number): Buffer => {
      const bytes = Buffer.from(good);
      bytes.writeUInt16BE(value, at);
      return bytes;
    };

    it("by their name, hash and cipher", () => {
      const { hash, aesBytes, tpmName, publicKey } = readStorageKey(good);
      assert.deepEqual([hash.name, aesBytes, tpmName.length], ["sha256", 16, 34]);
      assert.deepEqual(publicKey.asymmetricKeyDetails?.publicExponent, 65_537n);
    });

    for (const [what, bytes, message] of [
      ["nothing", Buffer.alloc(0), /expected 2 bytes, but only 0 are left/],
      ["a length that is not there", good.subarray(0, 100), /only 98 are left/],
      ["something after it", Buffer.concat([good, Buffer.alloc(3)]), /3 bytes follow the TPM2B_PUBLIC/],
      ["an elliptic curve", changed(2, 0x23), /type is 0x23, not RSA/],
      ["an unknown hash", changed(4, 0x99), /named by 0x99/],
      ["a signing key", changed(6, 0x0005), /no storage key/],
      ["another cipher", changed(2 + 10 + 32, 0x0026), /another cipher than AES/],
      ["AES with 100 bits", changed(2 + 12 + 32, 100), /neither 128 nor 256 bits/],
      ["AES in another mode", changed(2 + 14 + 32, 0x42), /not in CFB mode/],
      ["a scheme", changed(2 + 16 + 32, 0x14), /bound to a scheme/],
      ["1024 bits", changed(2 + 18 + 32, 1024), /1024 bits, not 2048/],
      ["a short modulus", changed(2 + 24 + 32, 255), /modulus has not 2048 bits/],
    ] as const) {
      it(`but not ${what}`, () => {
        assert.throws(
          () => readStorageKey(bytes),
          (error) => error instanceof TpmFormatError && message.test(error.message),
        );
      });
    }

    it("and never throws anything else, whatever it is given", () => {
      fc.assert(
        fc.property(bytes(0, 400), fc.boolean(), (given, whole) => {
          try {
            readStorageKey(whole ? sized(given) : given);
          } catch (error) {
            assert.ok(error instanceof TpmFormatError);
          }
        }),
      );
    });
  });
});
