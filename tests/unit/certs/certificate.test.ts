import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { CertificateCache } from "../../../certs/cache";
import { Certificate, readCertificate, readCertificates } from "../../../certs/certificate";
import { describeCertificate } from "../../../certs/describe";
import { CertsError } from "../../../certs/errors";
import { toPem } from "../../../certs/pem";
import { type Hierarchy, newHierarchy, OpenSsl } from "../../cast/certs";

describe("certs/certificate", () => {
  let made: Hierarchy;
  let device: Certificate;
  let bundle: string;
  const openssl = new OpenSsl();
  before(async () => {
    made = await newHierarchy();
    device = made.device.certificate;
    bundle = device.toPem() + made.intermediate.certificate.toPem() + made.root.certificate.toPem();
  });
  after(() => openssl.dispose());

  /** A self-signed certificate by openssl with the given arguments. */
  function selfSigned(...args: string[]): Certificate {
    openssl.write("ec.conf", "[req]\ndistinguished_name=dn\n[dn]\n");
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "k.pem"];
    return readCertificate(openssl.run("req", "-x509", "-config", "ec.conf", ...key, "-days", "30", ...args));
  }

  it("reads the same facts as node:crypto and openssl", () => {
    const node = new X509Certificate(device.raw);
    const facts = describeCertificate(device);
    assert.deepEqual(facts, {
      subject: "CN=device-01",
      issuer: "CN=Test Intermediate",
      commonName: "device-01",
      serialNumber: node.serialNumber,
      sha1Thumbprint: node.fingerprint.replaceAll(":", ""),
      sha256Thumbprint: node.fingerprint256.replaceAll(":", ""),
      notBefore: new Date(node.validFrom).toISOString(),
      notAfter: new Date(node.validTo).toISOString(),
      isCa: false,
      keyAlgorithm: "EC-P256",
      version: 3,
    });
    openssl.write("device.pem", device.toPem());
    const said = openssl.run("x509", "-in", "device.pem", "-noout", "-serial", "-fingerprint", "-sha1", "-subject");
    const print = `sha1 Fingerprint=${facts.sha1Thumbprint.match(/../g)?.join(":")}`;
    assert.equal(said, `serial=${facts.serialNumber}\n${print}\nsubject=CN = device-01\n`);
  });

  it("reads PEM, DER, base64 of DER and base64 of PEM, as Azure does", () => {
    const pem = device.toPem();
    const der = device.raw.toString("base64");
    const forms = [pem, `text before\n${pem}after`, Buffer.from(pem), new Uint8Array(device.raw), der, `${der}\n`];
    for (const form of [...forms, Buffer.from(pem).toString("base64")]) {
      assert.ok(readCertificate(form).equals(device));
    }
  });

  it("reads a bundle in its order and passes over other blocks", () => {
    const subjects = readCertificates(`${toPem("PRIVATE KEY", Buffer.alloc(4))}${bundle}`).map(
      ({ subject }) => subject,
    );
    assert.deepEqual(subjects, ["CN=device-01", "CN=Test Intermediate", "CN=Test Root"]);
  });

  it("names the error of an input", () => {
    const table: readonly [string | Uint8Array, string, string][] = [
      ["", "noCertificate", "The input is empty where a certificate belongs"],
      [toPem("PRIVATE KEY", Buffer.alloc(4)), "noCertificate", "The PEM text holds no certificate"],
      ["not a certificate", "malformed", "The text is not base64"],
      [bundle, "severalCertificates", "One certificate was asked for, the input holds 3"],
      [device.raw.subarray(0, 100), "malformed", "Malformed DER: an element is longer than its input"],
      [Buffer.concat([device.raw, Buffer.alloc(1)]), "malformed", "Malformed DER: bytes after the end"],
      [device.toPem().slice(0, 200), "malformed", "A PEM block begins and does not end"],
    ];
    for (const [input, code, message] of table) {
      assert.throws(() => readCertificate(input), { name: "CertsError", code, message });
    }
  });

  it("fails only with `malformed` for any damaged byte", () => {
    fc.assert(
      fc.property(fc.nat({ max: device.raw.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(device.raw);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        try {
          const read = new Certificate(damaged);
          assert.ok(!read.isSignedBy(made.intermediate.certificate.publicKey) || read.raw.equals(damaged));
        } catch (error) {
          assert.ok(error instanceof CertsError && error.code === "malformed", String(error));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("does not share memory with the input", () => {
    const bytes = Buffer.from(device.raw);
    const read = new Certificate(bytes);
    bytes.fill(0);
    assert.ok(read.equals(device));
  });

  it("reads what others write: several subject parts, doubled CN, negative serial, other keys", () => {
    const parts = selfSigned("-subj", "/C=SE/O=Contoso, Ltd./CN=my-ca");
    assert.equal(parts.subject, "CN=my-ca, O=Contoso\\, Ltd., C=SE");
    assert.equal(parts.commonName, "my-ca");
    assert.equal(selfSigned("-subj", "/CN=a/CN=b").commonName, undefined);
    assert.equal(selfSigned("-subj", "/O=x").commonName, undefined);
    const negative = selfSigned("-subj", "/CN=n", "-set_serial", "-5");
    assert.equal(negative.isSerialNegative, true);
    openssl.run("genpkey", "-algorithm", "ed25519", "-out", "ed.pem");
    const ed = readCertificate(
      openssl.run("req", "-x509", "-config", "ec.conf", "-key", "ed.pem", "-subj", "/CN=ed", "-days", "3"),
    );
    assert.equal(describeCertificate(ed).keyAlgorithm, "ed25519");
    assert.equal(ed.isSignedBy(device.publicKey), false);
    assert.equal(ed.isSignedBy(ed.publicKey), true);
  });

  it("reads every key usage and purpose that openssl writes", () => {
    const all =
      "critical,digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,keyAgreement,keyCertSign,cRLSign,encipherOnly,decipherOnly";
    const { extensions } = selfSigned(
      "-subj",
      "/CN=u",
      "-addext",
      `keyUsage=${all}`,
      "-addext",
      "extendedKeyUsage=clientAuth,1.2.3",
    );
    assert.equal(`critical,${extensions.keyUsage?.join(",")}`, all);
    assert.deepEqual(extensions.extendedKeyUsage, ["1.3.6.1.5.5.7.3.2", "1.2.3"]);
  });
});

describe("certs/cache", () => {
  it("reads each certificate once and drops the least recently used", async () => {
    const { root, intermediate, device } = await newHierarchy();
    const [a, b, c] = [root, intermediate, device].map(({ certificate }) => certificate.raw);
    assert.ok(a !== undefined && b !== undefined && c !== undefined);
    const cache = new CertificateCache(2);
    const first = cache.read(a);
    const second = cache.read(b);
    assert.equal(cache.read(Buffer.from(a)), first);
    cache.read(c);
    assert.equal(cache.size, 2);
    assert.equal(cache.read(a), first);
    assert.notEqual(cache.read(b), second);
  });

  it("stores no certificate that it cannot read, and requires a limit", () => {
    const cache = new CertificateCache();
    assert.throws(() => cache.read(Buffer.alloc(3)), { code: "malformed" });
    assert.equal(cache.size, 0);
    assert.throws(() => new CertificateCache(0), TypeError);
  });
});
