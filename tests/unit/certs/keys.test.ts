import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, verify } from "node:crypto";
import { inspect } from "node:util";
import type { KeyAlgorithmName } from "../../../certs/algorithms";
import { CertsError, type CertsErrorCode } from "../../../certs/errors";
import { exportPrivateKey, generateKeyPair, type PrivateKey, privateKeyOf, readPrivateKey } from "../../../certs/keys";
import { KeySigner } from "../../../certs/signer";
import { OpenSsl } from "../../cast/certs";

function code(expected: CertsErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof CertsError && error.code === expected;
}

describe("certs/keys", () => {
  let ec: PrivateKey;
  let rsa: PrivateKey;
  const openssl = new OpenSsl();
  before(async () => {
    ec = await generateKeyPair("EC-P256");
    rsa = await generateKeyPair("RSA-2048");
  });
  after(() => openssl.dispose());

  it("creates keys of the given algorithm", async () => {
    for (const [name, key] of [
      ["EC-P256", ec],
      ["RSA-2048", rsa],
      ["EC-P384", await generateKeyPair("EC-P384")],
    ] as const) {
      assert.equal(key.algorithm.name, name);
      assert.ok(createPublicKey(key.key).export({ type: "spki", format: "der" }).equals(key.publicKey));
    }
    await assert.rejects(generateKeyPair("DSA" as KeyAlgorithmName), TypeError);
  });

  it("shows no key material when printed", () => {
    const secret = createPrivateKey(exportPrivateKey(ec)).export({ format: "jwk" }).d;
    assert.ok(
      secret !== undefined && !inspect(ec, { depth: 5 }).includes(secret) && !JSON.stringify(ec).includes(secret),
    );
  });

  it("writes PKCS#8 that openssl reads, in clear and encrypted with PBES2 and AES-256", () => {
    openssl.write("clear.pem", exportPrivateKey(ec));
    openssl.write("secret.pem", exportPrivateKey(ec, "pass phrase ä"));
    openssl.write("phrase", "pass phrase ä");
    const clear = openssl.run("pkey", "-in", "clear.pem", "-pubout");
    assert.equal(openssl.run("pkey", "-in", "secret.pem", "-passin", "file:phrase", "-pubout"), clear);
    const structure = openssl.run("asn1parse", "-in", "secret.pem");
    assert.match(structure, /PBES2/);
    assert.match(structure, /aes-256-cbc/);
    assert.throws(() => exportPrivateKey(ec, ""), TypeError);
  });

  it("reads PKCS#8, SEC1 and PKCS#1 as openssl writes them, in clear and encrypted", () => {
    openssl.write("ec.pem", exportPrivateKey(ec));
    openssl.write("rsa.pem", exportPrivateKey(rsa));
    openssl.write("phrase", "1234");
    const traditional = ["pkey", "-traditional", "-passout", "file:phrase", "-aes256"];
    const files: readonly [string, string, PrivateKey][] = [
      ["-----BEGIN PRIVATE KEY", openssl.run("pkey", "-in", "ec.pem"), ec],
      ["-----BEGIN EC PRIVATE KEY", openssl.run("pkey", "-traditional", "-in", "ec.pem"), ec],
      ["-----BEGIN EC PARAMETERS", openssl.run("ec", "-in", "ec.pem", "-param_out", "-param_enc", "named_curve"), ec],
      ["-----BEGIN RSA PRIVATE KEY", openssl.run("pkey", "-traditional", "-in", "rsa.pem"), rsa],
      ["-----BEGIN ENCRYPTED", openssl.run("pkcs8", "-topk8", "-in", "ec.pem", "-passout", "file:phrase"), ec],
      ["-----BEGIN EC PRIVATE KEY", openssl.run(...traditional, "-in", "ec.pem"), ec],
      ["-----BEGIN RSA PRIVATE KEY", openssl.run(...traditional, "-in", "rsa.pem"), rsa],
    ];
    for (const [start, pem, key] of files) {
      if (start.includes("PARAMETERS")) {
        // Parameters alone are no key, before a key they are passed over.
        assert.throws(() => readPrivateKey(pem), code("noPrivateKey"));
        assert.ok(readPrivateKey(pem + exportPrivateKey(ec)).publicKey.equals(key.publicKey));
        continue;
      }
      assert.ok(pem.startsWith(start), start);
      assert.ok(readPrivateKey(pem, "1234").publicKey.equals(key.publicKey));
      if (!pem.includes("ENCRYPTED")) continue;
      assert.throws(() => readPrivateKey(pem), code("passphraseNeeded"));
      assert.throws(() => readPrivateKey(pem, ""), code("passphraseNeeded"));
      assert.throws(() => readPrivateKey(pem, "4321"), code("wrongPassphrase"));
    }
  });

  it("distinguishes a missing, a broken and an unsupported key, and never quotes the text", () => {
    const body = exportPrivateKey(ec).split("\n")[1] ?? "";
    assert.throws(() => readPrivateKey("nothing"), code("noPrivateKey"));
    assert.throws(
      () => readPrivateKey(`-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`),
      code("noPrivateKey"),
    );
    assert.throws(
      () => readPrivateKey(`-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`),
      (error: unknown) => code("malformed")(error) && !inspect(error).includes(body),
    );
    assert.throws(() => readPrivateKey(openssl.run("genpkey", "-algorithm", "ed25519")), code("unsupportedKey"));
    assert.throws(() => privateKeyOf(createPublicKey(ec.key)), TypeError);
  });

  it("keeps the passphrase out of the error", () => {
    const pem = exportPrivateKey(ec, "right");
    assert.throws(
      () => readPrivateKey(pem, "hunter2-wrong"),
      (error: unknown) => code("wrongPassphrase")(error) && !inspect(error).includes("hunter2-wrong"),
    );
  });
});

describe("certs/signer", () => {
  it("signs with r||s of the curve's length, and with PKCS#1 v1.5, from PEM", async () => {
    for (const name of ["EC-P256", "EC-P384", "RSA-2048"] as const) {
      const signer = KeySigner.fromPem(exportPrivateKey(await generateKeyPair(name), "x"), "x");
      const data = Buffer.from("to be signed");
      const signature = await signer.sign(data);
      assert.equal(signature.length, signer.algorithm.signatureLength);
      const key = createPublicKey({ key: signer.publicKey, format: "der", type: "spki" });
      assert.ok(verify(signer.algorithm.hash, data, { key, dsaEncoding: "ieee-p1363" }, signature));
      assert.ok(!verify(signer.algorithm.hash, Buffer.from("other"), { key, dsaEncoding: "ieee-p1363" }, signature));
    }
  });
});
