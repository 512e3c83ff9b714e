import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import fc from "fast-check";
import type { Certificate } from "../../../../certs/certificate";
import { encodeElement, readChildren, readWhole, TAG } from "../../../../certs/der";
import { encodeSmallInteger } from "../../../../certs/encode";
import { CertsError } from "../../../../certs/errors";
import { issueDevice } from "../../../../certs/issue";
import { exportPrivateKey, generateKeyPair, type PrivateKey } from "../../../../certs/keys";
import { Rounds } from "../../../../certs/pkcs12/decrypt";
import { looksLikePkcs12, readPkcs12 } from "../../../../certs/pkcs12/read";
import { writePkcs12 } from "../../../../certs/pkcs12/write";
import { type Hierarchy, newHierarchy, OpenSsl, stoppedClock } from "../../../cast/certs";

describe("certs/pkcs12", () => {
  const openssl = new OpenSsl();
  let made: Hierarchy;
  let key: PrivateKey;
  let chain: Certificate[];
  before(async () => {
    made = await newHierarchy();
    key = await generateKeyPair("EC-P256");
    const order = { publicKey: key.publicKey, issuer: made.intermediate, clock: stoppedClock() };
    chain = [await issueDevice({ ...order, registrationId: "device-01" }), made.intermediate.certificate];
  });
  after(() => openssl.dispose());

  const openSslRead = (file: string, passphrase: string, ...more: string[]): string =>
    openssl.run("pkcs12", "-in", file, "-passin", `pass:${passphrase}`, "-nodes", ...more);

  it("writes what openssl and Node's TLS read", () => {
    for (const passphrase of ["pw", "grüße 😀"]) {
      const der = writePkcs12({ key, chain, passphrase });
      assert.ok(looksLikePkcs12(der));
      const file = openssl.write("own.p12", der);
      const text = openSslRead(file, passphrase);
      for (const certificate of chain) assert.ok(text.includes(certificate.toPem()));
      assert.ok(text.includes(exportPrivateKey(key)));
      assert.match(text, /friendlyName: device-01/);
      assert.throws(() => openSslRead(file, "wrong"), /Mac verify error/);
      createSecureContext({ pfx: der, passphrase });
    }
  });

  it("reads what it writes, for every kind of key", async () => {
    for (const algorithm of ["EC-P384", "RSA-2048"] as const) {
      const other = await generateKeyPair(algorithm);
      const order = { publicKey: other.publicKey, issuer: made.intermediate, clock: stoppedClock() };
      const leaf = await issueDevice({ ...order, registrationId: "d" });
      const read = readPkcs12(writePkcs12({ key: other, chain: [leaf], passphrase: "p" }), "p");
      assert.ok(read.key?.publicKey.equals(other.publicKey));
      assert.deepEqual(
        read.certificates.map(({ subject }) => subject),
        ["CN=d"],
      );
    }
  });

  it("reads what openssl writes: modern, Triple DES, other digests, no MAC, no encryption", () => {
    openssl.write(
      "all.pem",
      exportPrivateKey(key) +
        [...chain]
          .reverse()
          .map((each) => each.toPem())
          .join(""),
    );
    const variants: readonly (readonly string[])[] = [
      [],
      ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
      ["-keypbe", "AES-128-CBC", "-certpbe", "AES-192-CBC", "-macalg", "sha512", "-iter", "1000"],
      ["-certpbe", "NONE", "-macalg", "sha384"],
      ["-nomac"],
      ["-keypbe", "NONE", "-certpbe", "NONE", "-maciter"],
    ];
    for (const passphrase of ["pw", "grüße 😀"]) {
      for (const variant of variants) {
        openssl.run(
          "pkcs12",
          "-export",
          "-in",
          "all.pem",
          "-out",
          "in.p12",
          "-passout",
          `pass:${passphrase}`,
          ...variant,
        );
        const read = readPkcs12(readFileSync(join(openssl.folder, "in.p12")), passphrase);
        assert.ok(read.key?.publicKey.equals(key.publicKey), variant.join(" "));
        assert.deepEqual(
          read.certificates.map(({ subject }) => subject),
          ["CN=device-01", "CN=Test Intermediate"],
        );
      }
    }
  });

  it("reads a file of certificates alone", () => {
    openssl.write("only.pem", chain.map((each) => each.toPem()).join(""));
    openssl.run("pkcs12", "-export", "-nokeys", "-in", "only.pem", "-out", "only.p12", "-passout", "pass:x");
    const read = readPkcs12(readFileSync(join(openssl.folder, "only.p12")), "x");
    assert.equal(read.key, undefined);
    assert.equal(read.certificates.length, 2);
  });

  it("refuses a wrong passphrase, damage, and what is none, each by its code", () => {
    const der = writePkcs12({ key, chain, passphrase: "pw" });
    assert.throws(() => readPkcs12(der, "other"), { name: "CertsError", code: "wrongPassphrase" });
    assert.throws(() => readPkcs12(chain[0]?.raw ?? der, "pw"), { code: "malformed" });
    assert.ok(!looksLikePkcs12(chain[0]?.raw ?? der));
    openssl.write("k.pem", exportPrivateKey(key));
    openssl.write("c.pem", chain[0]?.toPem() ?? "");
    const legacy = ["-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-inkey", "k.pem", "-in", "c.pem"];
    openssl.run("pkcs12", "-export", ...legacy, "-out", "rc2.p12", "-passout", "pass:pw");
    assert.throws(() => readPkcs12(readFileSync(join(openssl.folder, "rc2.p12")), "pw"), {
      code: "unsupportedEncryption",
      message: /an old encryption \(1\.2\.840\.113549\.1\.12\.1\.6\).*openssl pkcs12 -legacy/,
    });
    const oldKey = ["-legacy", "-keypbe", "PBE-SHA1-RC2-40", "-certpbe", "NONE", "-inkey", "k.pem", "-in", "c.pem"];
    openssl.run("pkcs12", "-export", ...oldKey, "-out", "rc2key.p12", "-passout", "pass:pw");
    assert.throws(() => readPkcs12(readFileSync(join(openssl.folder, "rc2key.p12")), "pw"), {
      code: "unsupportedEncryption",
    });
    fc.assert(
      fc.property(fc.nat({ max: der.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bad = Buffer.from(der);
        bad[at] = (bad[at] ?? 0) ^ flip;
        assert.throws(
          () => readPkcs12(bad, "pw"),
          (error) => error instanceof CertsError,
        );
      }),
      { numRuns: 60 },
    );
  });

  it("does no more work than a file may ask for, in all its parts together", () => {
    /** The file with another number of rounds for its MAC. */
    const withRounds = (rounds: number): Buffer => {
      const [version, safe, mac] = readChildren(readWhole(writePkcs12({ key, chain, passphrase: "pw" })).content);
      const [info, salt] = readChildren(mac?.content ?? Buffer.alloc(0));
      const parts = [info, salt].map((each) => each?.raw ?? Buffer.alloc(0));
      const macData = encodeElement(TAG.sequence, ...parts, encodeSmallInteger(rounds));
      return encodeElement(TAG.sequence, version?.raw ?? Buffer.alloc(0), safe?.raw ?? Buffer.alloc(0), macData);
    };
    for (const rounds of [0, 4_000_001, 2 ** 31 - 1])
      assert.throws(() => readPkcs12(withRounds(rounds), "pw"), {
        code: "malformed",
        message: `A PKCS#12 file with ${rounds} rounds of derivation`,
      });
    const rounds = new Rounds();
    rounds.take(3_000_000);
    assert.throws(() => rounds.read(readWhole(encodeSmallInteger(1_000_001))), { code: "malformed" });
  });

  it("writes no file without a passphrase, or for another's key", () => {
    assert.throws(() => writePkcs12({ key, chain, passphrase: "" }), TypeError);
    assert.throws(() => writePkcs12({ key, chain: [], passphrase: "p" }), TypeError);
    assert.throws(() => writePkcs12({ key, chain: chain.slice(1), passphrase: "p" }), { code: "signerMismatch" });
  });
});
