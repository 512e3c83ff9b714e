import assert from "node:assert/strict";
import { createPublicKey, X509Certificate } from "node:crypto";
import fc from "fast-check";
import { Certificate, readCertificate } from "../../../certs/certificate";
import { verifyPath } from "../../../certs/chain";
import { toPem } from "../../../certs/pem";
import { PROFILES } from "../../../certs/profiles";
import { readPublicKey } from "../../../certs/publicKey";
import { daysFromNow, forge, type Hierarchy, NOW, newHierarchy, newSigner, OpenSsl } from "../../cast/certs";

/** Keys and digests that the openssl program signs certificates with. */
const SIGNERS = {
  "RSA, SHA-1": ["-sha1"],
  "RSA, SHA-256": ["-sha256"],
  "RSA, SHA-384": ["-sha384"],
  "RSA, SHA-512": ["-sha512"],
  "RSA-PSS": ["-sha256", "-sigopt", "rsa_padding_mode:pss"],
  "P-256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-sha256"],
  "P-384": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384"],
  "P-521": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-sha512"],
  Ed25519: ["-newkey", "ed25519"],
} as const;

describe("certs/signature", () => {
  const openssl = new OpenSsl();
  const made = new Map<string, Certificate>();
  let hierarchy: Hierarchy;

  before(async () => {
    hierarchy = await newHierarchy();
    openssl.write("dn.conf", "[req]\ndistinguished_name=dn\n[dn]\n");
    for (const [name, args] of Object.entries(SIGNERS)) {
      const key = name.startsWith("RSA") ? openssl.rsaKey() : ["-nodes", "-keyout", "k.pem"];
      const rest = ["-days", "30", "-subj", "/CN=ca"];
      made.set(name, readCertificate(openssl.run("req", "-x509", "-config", "dn.conf", ...key, ...args, ...rest)));
    }
  });

  after(() => openssl.dispose());

  /** What OpenSSL's reading of the certificate says. */
  function openSslSays(certificate: Certificate, issuer: Certificate): boolean {
    try {
      return new X509Certificate(certificate.raw).verify(issuer.publicKey);
    } catch {
      return false;
    }
  }

  for (const name of Object.keys(SIGNERS)) {
    it(`judges ${name} as OpenSSL does, under every issuer's key`, () => {
      const child = made.get(name) ?? assert.fail(name);
      assert.equal(child.isSignedBy(child.publicKey), true);
      for (const issuer of made.values()) {
        const expected = openSslSays(child, issuer);
        assert.equal(child.isSignedBy(issuer.publicKey), expected);
        assert.equal(Certificate.presented(child.raw).isSignedBy(issuer.publicKey), expected);
        assert.equal(expected, issuer === child);
      }
    });
  }

  it("judges damaged certificates as OpenSSL does, those presented in TLS too", () => {
    const child = hierarchy.device.certificate;
    const issuer = hierarchy.intermediate.certificate;
    let read = 0;
    fc.assert(
      fc.property(fc.nat(child.raw.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const raw = Buffer.from(child.raw);
        raw[at] = (raw[at] ?? 0) ^ flip;
        let damaged: Certificate;
        try {
          damaged = new Certificate(raw);
        } catch {
          return;
        }
        read += 1;
        assert.equal(damaged.isSignedBy(issuer.publicKey), false);
        assert.equal(openSslSays(damaged, issuer), false);
        assert.equal(Certificate.presented(raw).isSignedBy(issuer.publicKey), false);
      }),
      { numRuns: 300 },
    );
    assert.ok(read > 20, `only ${read} could be read`);
  });

  it("refuses a certificate that names two algorithms for its one signature", () => {
    const child = hierarchy.device.certificate;
    const raw = Buffer.from(child.raw);
    // It has ecdsa-with-SHA256 twice, within what is signed and after it; the second becomes ecdsa-with-SHA384.
    const oid = Buffer.from("06082a8648ce3d040302", "hex");
    const second = raw.lastIndexOf(oid);
    assert.notEqual(second, raw.indexOf(oid));
    raw[second + oid.length - 1] = 3;
    const twofold = new Certificate(raw);
    assert.equal(openSslSays(twofold, hierarchy.intermediate.certificate), false);
    assert.equal(twofold.isSignedBy(hierarchy.intermediate.certificate.publicKey), false);
  });

  it("reads the same facts from a certificate presented in TLS", () => {
    const { raw, sha256Thumbprint, extensions, publicKey, subjectAltName } = hierarchy.device.certificate;
    const presented = Certificate.presented(raw);
    assert.deepEqual(presented.extensions, extensions);
    assert.equal(presented.sha256Thumbprint, sha256Thumbprint);
    assert.ok(presented.publicKey.equals(publicKey));
    assert.equal(presented.subjectAltName, subjectAltName);
    assert.equal(presented.toPem(), toPem("CERTIFICATE", raw));
    assert.throws(() => Certificate.presented(Buffer.from("no certificate")), { code: "malformed" });
  });

  for (const name of ["P-256", "P-384", "P-521", "RSA, SHA-256", "Ed25519"]) {
    it(`reads the public key of ${name} as OpenSSL does`, () => {
      const { spki } = made.get(name) ?? assert.fail(name);
      assert.ok(readPublicKey(spki).equals(createPublicKey({ key: spki, format: "der", type: "spki" })));
    });
  }

  it("reads no public key that is off its curve, too short, or nonsense", () => {
    const { spki } = hierarchy.device.certificate;
    const off = Buffer.from(spki);
    off.fill(0x11, spki.length - 64);
    for (const wrong of [off, spki.subarray(0, -1), Buffer.from("nonsense")]) assert.throws(() => readPublicKey(wrong));
  });

  it("refuses a path, and does not throw, over a CA whose key OpenSSL does not read", async () => {
    const { root, intermediate } = hierarchy;
    const signer = await newSigner();
    // An elliptic curve's point that lies on no curve.
    const spki = Buffer.from(signer.publicKey);
    spki.fill(0x11, spki.length - 64);
    const profile = PROFILES.intermediate;
    const broken = await forge({ issuer: root, publicKey: spki, commonName: "Broken", profile, to: daysFromNow(9) });
    assert.throws(() => broken.publicKey);
    const leaf = await forge({ issuer: { certificate: broken, signer }, publicKey: (await newSigner()).publicKey });
    const judged = verifyPath(leaf, [Certificate.presented(broken.raw), intermediate.certificate], [root.certificate], {
      at: NOW,
    });
    assert.deepEqual([judged.ok, judged.ok || judged.code], [false, "badSignature"]);
  });
});
