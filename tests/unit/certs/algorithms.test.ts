import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import {
  algorithmOf,
  describeKey,
  findAlgorithmOf,
  isKeyAlgorithmName,
  KEY_ALGORITHM_NAMES,
  KEY_ALGORITHMS,
  type KeyAlgorithmName,
  keyAlgorithm,
} from "../../../certs/algorithms";
import { CertsError } from "../../../certs/errors";
import { rsaKey } from "../../cast/rsaKeys";

describe("certs/algorithms", () => {
  it("lists the five algorithms, frozen, each under its own name", () => {
    assert.deepEqual(KEY_ALGORITHM_NAMES, ["RSA-2048", "RSA-3072", "RSA-4096", "EC-P256", "EC-P384"]);
    assert.ok(Object.isFrozen(KEY_ALGORITHMS));
    for (const name of KEY_ALGORITHM_NAMES) {
      assert.equal(keyAlgorithm(name).name, name);
      assert.ok(Object.isFrozen(keyAlgorithm(name)));
      assert.ok(Object.isFrozen(keyAlgorithm(name).webCrypto));
    }
  });

  it("refuses an unknown name as the caller's mistake, inherited names too", () => {
    for (const name of ["RSA-1024", "toString", ""]) {
      assert.equal(isKeyAlgorithmName(name), false);
      assert.throws(() => keyAlgorithm(name as KeyAlgorithmName), {
        name: "TypeError",
        message: /^Unknown key algorithm .*RSA-2048, RSA-3072, RSA-4096, EC-P256, EC-P384$/,
      });
    }
  });

  it("finds the entry of a key, public or private", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    assert.equal(algorithmOf(privateKey).name, "EC-P384");
    assert.equal(algorithmOf(createPublicKey(privateKey)).name, "EC-P384");
    assert.equal(algorithmOf(createPublicKey(rsaKey())).name, "RSA-2048");
  });

  it("refuses keys outside the table, and names their type", () => {
    const outside = [
      ["EC-secp521r1", generateKeyPairSync("ec", { namedCurve: "P-521" }).publicKey],
      ["RSA-1024", generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey],
      ["ed25519", generateKeyPairSync("ed25519").publicKey],
    ] as const;
    for (const [kind, key] of outside) {
      assert.equal(findAlgorithmOf(key), undefined);
      assert.equal(describeKey(key), kind);
      assert.throws(
        () => algorithmOf(key),
        (error: unknown) => error instanceof CertsError && error.code === "unsupportedKey" && error.data.kind === kind,
      );
    }
  });
});
