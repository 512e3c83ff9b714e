import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { PFX } from "@peculiar/asn1-pfx";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import fc from "fast-check";
import type { Certificate } from "../../../../certs/certificate";
import { CertsError } from "../../../../certs/errors";
import { issueDevice } from "../../../../certs/issue";
import { exportPrivateKey, generateKeyPair, type PrivateKey } from "../../../../certs/keys";
import { MAX_ROUNDS } from "../../../../certs/pkcs12/decrypt";
import { derive, PURPOSE } from "../../../../certs/pkcs12/derive";
import { looksLikePkcs12, type Pkcs12, readPkcs12 } from "../../../../certs/pkcs12/read";
import { writePkcs12 } from "../../../../certs/pkcs12/write";
import { type Hierarchy, newHierarchy, OpenSsl, stoppedClock } from "../../../cast/certs";

/** OCTET STRINGs of at most 100 bytes, in an element of indefinite length. */
function inPieces(tag: number, content: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < content.length; at += 100) {
    const piece = content.subarray(at, at + 100);
    pieces.push(Buffer.from([0x04, piece.length]), piece);
  }
  return Buffer.concat([Buffer.from([tag, 0x80]), ...pieces, Buffer.alloc(2)]);
}

/** DER as BER: indefinite lengths, strings in pieces; `nested` levels of what OCTET STRINGs hold are rewritten, too. */
function toBer(der: Buffer, nested: number): Buffer {
  const elements: Buffer[] = [];
  for (let at = 0; at < der.length; ) {
    const [tag, first] = [der.readUInt8(at), der.readUInt8(at + 1)];
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + lengthBytes;
    const end = start + (lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes));
    const content = der.subarray(start, end);
    if (tag & 0x20) elements.push(Buffer.from([tag, 0x80]), toBer(content, nested), Buffer.alloc(2));
    else if (tag === 0x80) elements.push(inPieces(0xa0, content));
    else if (tag === 0x04)
      elements.push(inPieces(0x24, nested > 0 && content[0] === 0x30 ? toBer(content, nested - 1) : content));
    else elements.push(der.subarray(at, end));
    at = end;
  }
  return Buffer.concat(elements);
}

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

  it("reads what Windows, Key Vault and old programs write: RC2 and Triple DES", () => {
    openssl.write("all.pem", exportPrivateKey(key) + chain.map((each) => each.toPem()).join(""));
    for (const [keypbe, certpbe] of [
      ["PBE-SHA1-3DES", "PBE-SHA1-RC2-40"],
      ["PBE-SHA1-RC2-128", "PBE-SHA1-2DES"],
      ["PBE-SHA1-RC2-40", "NONE"],
    ] as const) {
      // More than one file each: every one has a key of its own.
      for (const passphrase of ["pw", "", "grüße 😀", "4", "5"]) {
        const options = ["-legacy", "-keypbe", keypbe, "-certpbe", certpbe, "-passout", `pass:${passphrase}`];
        openssl.run("pkcs12", "-export", "-in", "all.pem", "-out", "old.p12", "-macalg", "sha1", ...options);
        const read = readPkcs12(readFileSync(join(openssl.folder, "old.p12")), passphrase);
        assert.ok(read.key?.publicKey.equals(key.publicKey), `${keypbe} ${certpbe}`);
        assert.equal(read.certificates.length, 2);
      }
    }
  });

  it("reads and writes under an empty passphrase as openssl does, in both of its forms", () => {
    openssl.write("all.pem", exportPrivateKey(key) + chain.map((each) => each.toPem()).join(""));
    for (const variant of [[], ["-nomac"], ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES"]]) {
      openssl.run("pkcs12", "-export", "-in", "all.pem", "-out", "empty.p12", "-passout", "pass:", ...variant);
      const read = readPkcs12(readFileSync(join(openssl.folder, "empty.p12")), "");
      assert.ok(read.key?.publicKey.equals(key.publicKey), variant.join(" "));
    }
    const written = writePkcs12({ key, chain, passphrase: undefined });
    assert.ok(openSslRead(openssl.write("own.p12", written), "").includes(exportPrivateKey(key)));
    // The other form: the MAC derived from no bytes at all.
    const { version, authSafe, macData } = AsnConvert.parse(written, PFX);
    assert.ok(macData);
    const salt = Buffer.from(macData.macSalt.buffer);
    const passphrase = undefined;
    const derived = derive({ hash: "sha256", passphrase, salt, iterations: 2048, purpose: PURPOSE.mac, length: 32 });
    const safe = Buffer.from(AsnConvert.parse(authSafe.content, OctetString).buffer);
    macData.mac.digest = new OctetString(createHmac("sha256", derived).update(safe).digest());
    const other = Buffer.from(AsnConvert.serialize(new PFX({ version, authSafe, macData })));
    assert.ok(openSslRead(openssl.write("other.p12", other), "").includes(exportPrivateKey(key)));
    assert.ok(readPkcs12(other, "").key?.publicKey.equals(key.publicKey));
    assert.throws(() => readPkcs12(writePkcs12({ key, chain, passphrase: "pw" }), ""), { code: "wrongPassphrase" });
  });

  it("reads BER, as EJBCA and NSS write it", () => {
    openssl.write("all.pem", exportPrivateKey(key) + chain.map((each) => each.toPem()).join(""));
    for (const variant of [[], ["-nomac"]]) {
      openssl.run("pkcs12", "-export", "-in", "all.pem", "-out", "der.p12", "-passout", "pass:pw", ...variant);
      const der = readFileSync(join(openssl.folder, "der.p12"));
      // The MAC is over the safe's bytes, so that only without one these are rewritten, too.
      const ber = toBer(der, variant.length === 0 ? 0 : 2);
      assert.ok(ber.includes(Buffer.from("2480", "hex")));
      assert.ok(openSslRead(openssl.write("ber.p12", ber), "pw").includes(exportPrivateKey(key)));
      assert.ok(looksLikePkcs12(ber));
      const read = readPkcs12(ber, "pw");
      assert.ok(read.key?.publicKey.equals(key.publicKey));
      assert.deepEqual(
        read.certificates.map(({ raw }) => raw),
        chain.map(({ raw }) => raw),
      );
    }
  });

  it("refuses a wrong passphrase, damage, and other files, each by its code", () => {
    const der = writePkcs12({ key, chain, passphrase: "pw" });
    assert.throws(() => readPkcs12(der, "other"), { name: "CertsError", code: "wrongPassphrase" });
    assert.throws(() => readPkcs12(chain[0]?.raw ?? der, "pw"), { code: "malformed" });
    assert.throws(() => readPkcs12(Buffer.concat([der, Buffer.alloc(1)]), "pw"), { code: "malformed" });
    for (const none of [chain[0]?.raw ?? der, Buffer.alloc(0), Buffer.from([0x30])]) assert.ok(!looksLikePkcs12(none));
    openssl.write("k.pem", exportPrivateKey(key));
    openssl.write("c.pem", chain[0]?.toPem() ?? "");
    for (const keypbe of ["PBE-SHA1-RC4-128", "PBE-SHA1-RC4-40"]) {
      const legacy = ["-legacy", "-keypbe", keypbe, "-certpbe", "NONE", "-inkey", "k.pem", "-in", "c.pem"];
      openssl.run("pkcs12", "-export", ...legacy, "-out", "rc4.p12", "-passout", "pass:pw");
      assert.throws(() => readPkcs12(readFileSync(join(openssl.folder, "rc4.p12")), "pw"), {
        code: "unsupportedEncryption",
        message: /1\.2\.840\.113549\.1\.12\.1\.[12].*To fix:.*openssl pkcs12 -legacy/,
      });
    }
    const raw = ({ key: own, certificates }: Pkcs12) => [own?.publicKey, ...certificates.map((each) => each.raw)];
    let passed = 0;
    fc.assert(
      fc.property(fc.nat({ max: der.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bad = Buffer.from(der);
        bad[at] = (bad[at] ?? 0) ^ flip;
        // A tag of the envelope that no MAC covers may be read for another; nothing else comes out than was put in.
        try {
          assert.deepEqual(raw(readPkcs12(bad, "pw")), raw(readPkcs12(der, "pw")));
          passed += 1;
        } catch (error) {
          assert.ok(error instanceof CertsError);
        }
      }),
      { numRuns: 60 },
    );
    assert.ok(passed <= 3);
  });

  it("names the limit of a file that asks for too many rounds, before it runs any", () => {
    /** The file with another number of rounds for its MAC. */
    const withRounds = (iterations: number): Buffer => {
      const pfx = AsnConvert.parse(writePkcs12({ key, chain, passphrase: "pw" }), PFX);
      Object.assign(pfx.macData ?? {}, { iterations });
      return Buffer.from(AsnConvert.serialize(pfx));
    };
    assert.throws(() => readPkcs12(withRounds(0), "pw"), { code: "malformed", message: /0 rounds/ });
    // The MAC alone is within the limit, and seconds of work; with the key it is not.
    for (const rounds of [MAX_ROUNDS - 2047, MAX_ROUNDS + 1, 2 ** 31 - 1, 2 ** 40]) {
      const file = withRounds(rounds);
      const start = process.cpuUsage();
      assert.throws(() => readPkcs12(file, "pw"), {
        code: "unsupportedEncryption",
        message: new RegExp(`more than ${MAX_ROUNDS} rounds.*the limit.*To fix:`),
      });
      assert.ok(process.cpuUsage(start).user < 1_000_000);
    }
  });

  it("writes no file without a passphrase, or for another certificate's key", () => {
    assert.throws(() => writePkcs12({ key, chain, passphrase: "" }), TypeError);
    assert.throws(() => writePkcs12({ key, chain: [], passphrase: "p" }), TypeError);
    assert.throws(() => writePkcs12({ key, chain: chain.slice(1), passphrase: "p" }), { code: "signerMismatch" });
  });
});
