import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readCertificates } from "../../../certs/certificate";
import type { CertsError, CertsErrorCode } from "../../../certs/errors";
import { exportPrivateKey, generateKeyPair, readPrivateKey } from "../../../certs/keys";
import { readRequest } from "../../../certs/request";
import { areRsaMembersConsistent } from "../../../certs/rsaMembers";
import { newHierarchy, OpenSsl } from "../../cast/certs";
import { rsaKey } from "../../cast/rsaKeys";

const refusal = (work: () => unknown, code: CertsErrorCode, words: RegExp): void =>
  assert.throws(work, (error: CertsError) => {
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  });

describe("files of other kinds", () => {
  const openssl = new OpenSsl();
  after(() => openssl.dispose());

  it("are named with the command that converts them", async () => {
    const { device } = await newHierarchy();
    const pem = device.certificate.toPem();
    openssl.write("device.pem", pem);
    openssl.write("key.pem", exportPrivateKey(await generateKeyPair("EC-P256")));
    openssl.run("crl2pkcs7", "-nocrl", "-certfile", "device.pem", "-out", "device.p7b");
    openssl.run("crl2pkcs7", "-nocrl", "-certfile", "device.pem", "-outform", "DER", "-out", "der.p7b");
    openssl.run("pkcs8", "-topk8", "-nocrypt", "-in", "key.pem", "-outform", "DER", "-out", "pkcs8.der");
    openssl.run("ec", "-in", "key.pem", "-outform", "DER", "-out", "sec1.der");
    const file = (name: string): Buffer => readFileSync(join(openssl.folder, name));
    const utf16 = Buffer.from(pem, "utf16le");
    const others: [Buffer, RegExp][] = [
      [file("device.p7b"), /PKCS#7.*To fix: openssl pkcs7/],
      [file("der.p7b"), /PKCS#7/],
      [file("pkcs8.der"), /private key in DER.*To fix: openssl pkey/],
      [file("sec1.der"), /private key in DER/],
      [Buffer.from("feedfeed00000002", "hex"), /Java key store.*To fix: keytool/],
      [Buffer.from("cececece00000002", "hex"), /Java key store/],
      [utf16, /UTF-16/],
      [Buffer.concat([Buffer.from("fffe", "hex"), utf16]), /UTF-16.*To fix: save it as UTF-8/],
      [Buffer.concat([Buffer.from("feff", "hex"), Buffer.from(utf16).swap16()]), /UTF-16/],
    ];
    for (const [bytes, words] of others) {
      refusal(() => readCertificates(bytes), "malformed", words);
      refusal(() => readRequest(bytes), "malformed", words);
    }
    assert.equal(readCertificates(device.certificate.raw).length, 1);
  });

  it("include base64url", async () => {
    const text = Buffer.from([0x30, 0x82, 0xfb, 0xff, 0xfe]).toString("base64url");
    refusal(() => readRequest(text), "malformed", /base64url.*To fix/);
    refusal(() => readCertificates(text), "malformed", /base64url/);
  });
});

describe("a private key's file", () => {
  const openssl = new OpenSsl();
  after(() => openssl.dispose());

  it("holds one key", async () => {
    const [one, other] = [await generateKeyPair("EC-P256"), await generateKeyPair("EC-P256")].map((key) =>
      exportPrivateKey(key),
    );
    refusal(() => readPrivateKey(`${one}${other}`), "severalKeys", /2 private keys/);
  });

  it("asks for a limited number of rounds, which is checked before any work", async () => {
    openssl.write("key.pem", exportPrivateKey(await generateKeyPair("EC-P256")));
    const encrypted = (...options: string[]): string =>
      openssl.run("pkcs8", "-topk8", "-in", "key.pem", "-passout", "pass:secret", ...options);
    assert.equal(readPrivateKey(encrypted("-iter", "300000"), "secret").algorithm.name, "EC-P256");
    const pem = encrypted("-iter", "1000000");
    const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
    // INTEGER 1,000,000 becomes 16,000,000: the same length.
    const at = der.indexOf(Buffer.from("02030f4240", "hex"));
    assert.ok(at > 0);
    Buffer.from("7fffff", "hex").copy(der, at + 2);
    const patched = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${der.toString("base64")}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
    refusal(() => readPrivateKey(patched, "secret"), "unsupportedEncryption", /4000000 rounds.*To fix/);
    assert.equal(readPrivateKey(encrypted("-scrypt"), "secret").algorithm.name, "EC-P256");
    assert.equal(readPrivateKey(encrypted("-v1", "PBE-SHA1-3DES"), "secret").algorithm.name, "EC-P256");
  });

  it("has RSA members that belong together", () => {
    const jwk = rsaKey().export({ format: "jwk" });
    assert.ok(areRsaMembersConsistent(jwk));
    const { p, q, dp, dq } = jwk;
    for (const change of [{ d: dp }, { dp: dq }, { dq: dp }, { qi: dq }, { p: q }, { q: p }, { p: "AQ" }, { q: "" }]) {
      assert.ok(!areRsaMembersConsistent({ ...jwk, ...change }), JSON.stringify(Object.keys(change)));
    }
    const damaged = createPrivateKey({ key: { ...jwk, dp: dq }, format: "jwk" });
    const pem = damaged.export({ type: "pkcs8", format: "pem" }).toString();
    refusal(() => readPrivateKey(pem), "malformed", /do not belong together/);
  });
});
