import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { fullChainPem } from "../../../certs/chain";
import type { CertsErrorCode } from "../../../certs/errors";
import { EXTENSION_OIDS, PURPOSE_OIDS } from "../../../certs/extensions";
import {
  type Issuer,
  issueDevice,
  issueIntermediate,
  issueRoot,
  issueSelfSignedDevice,
  issueVerification,
} from "../../../certs/issue";
import { PROFILES } from "../../../certs/profiles";
import type { Signer } from "../../../certs/signer";
import { planValidity } from "../../../certs/validity";
import {
  countingSerials,
  daysFromNow,
  forge,
  type Hierarchy,
  NOW,
  newHierarchy,
  newSigner,
  OpenSsl,
  stoppedClock,
} from "../../cast/certs";

const clock = stoppedClock();

describe("certs/issue", () => {
  let ec: Hierarchy;
  const openssl = new OpenSsl();
  before(async () => {
    ec = await newHierarchy();
  });
  after(() => openssl.dispose());

  /** What openssl says of a chain at the moment the tests take place at. */
  function opensslVerify(hierarchy: Hierarchy, leaf = hierarchy.device.certificate, purpose = "sslclient"): string {
    openssl.write("root.pem", hierarchy.root.certificate.toPem());
    openssl.write("inter.pem", hierarchy.intermediate.certificate.toPem());
    openssl.write("leaf.pem", leaf.toPem());
    const at = String(NOW.getTime() / 1000);
    const chain = ["-CAfile", "root.pem", "-untrusted", "inter.pem", "leaf.pem"];
    return openssl.run("verify", "-x509_strict", "-attime", at, "-purpose", purpose, ...chain);
  }

  for (const algorithm of ["EC-P256", "EC-P384", "RSA-2048"] as const) {
    it(`issues a chain of ${algorithm} that openssl and node:crypto accept`, async () => {
      const hierarchy = await newHierarchy(algorithm);
      assert.equal(opensslVerify(hierarchy), "leaf.pem: OK\n");
      const nodes = [hierarchy.device, hierarchy.intermediate, hierarchy.root].map(
        ({ certificate }) => new X509Certificate(certificate.raw),
      );
      const [device, intermediate, root] = nodes;
      assert.ok(device !== undefined && intermediate !== undefined && root !== undefined);
      assert.ok(device.checkIssued(intermediate) && device.verify(intermediate.publicKey));
      assert.ok(intermediate.checkIssued(root) && intermediate.verify(root.publicKey));
      assert.ok(root.checkIssued(root) && root.verify(root.publicKey));
      assert.ok(intermediate.ca && root.ca && !device.ca);
      assert.equal(device.subject, "CN=device-01");
    });
  }

  it("mixes algorithms along a chain", async () => {
    const leafSigner = await newSigner("EC-P384");
    const leaf = await issueDevice({
      registrationId: "m",
      publicKey: leafSigner.publicKey,
      issuer: ec.intermediate,
      clock,
    });
    assert.equal(opensslVerify(ec, leaf), "leaf.pem: OK\n");
  });

  it("writes the extensions of each profile as openssl shows them", () => {
    const text = (pem: string): string => {
      openssl.write("text.pem", pem);
      return openssl.run("x509", "-in", "text.pem", "-noout", "-text").replace(/\s+/g, " ");
    };
    const root = text(ec.root.certificate.toPem());
    assert.match(root, /Basic Constraints: critical CA:TRUE X509v3 Key Usage: critical Certificate Sign, CRL Sign /);
    const intermediate = text(ec.intermediate.certificate.toPem());
    assert.match(intermediate, /Basic Constraints: critical CA:TRUE, pathlen:0 /);
    const device = text(ec.device.certificate.toPem());
    assert.match(device, /Version: 3 \(0x2\)/);
    assert.match(device, /Issuer: CN = Test Intermediate/);
    assert.match(device, /Subject: CN = device-01 /);
    assert.match(device, /Not Before: Mar 1 11:00:00 2026 GMT Not After : Mar 1 12:00:00 2027 GMT/);
    assert.match(device, /Basic Constraints: critical CA:FALSE X509v3 Key Usage: critical Digital Signature X509v3/);
    assert.match(device, /Extended Key Usage: TLS Web Client Authentication/);
    assert.match(device, /Subject Key Identifier: ([0-9A-F:]{59}) .*Authority Key Identifier: ([0-9A-F:]{59})/);
  });

  it("links each key identifier to the issuer's", () => {
    const [device, intermediate, root] = [ec.device, ec.intermediate, ec.root].map(
      ({ certificate }) => certificate.extensions,
    );
    assert.equal(device?.authorityKeyIdentifier, intermediate?.subjectKeyIdentifier);
    assert.equal(intermediate?.authorityKeyIdentifier, root?.subjectKeyIdentifier);
    assert.equal(root?.authorityKeyIdentifier, root?.subjectKeyIdentifier);
    assert.match(String(root?.subjectKeyIdentifier), /^[0-9a-f]{40}$/);
  });

  it("adds key transport for RSA leaves only", async () => {
    const rsa = await newSigner("RSA-2048");
    const leaf = await issueDevice({ registrationId: "r", publicKey: rsa.publicKey, issuer: ec.intermediate, clock });
    assert.deepEqual(leaf.extensions.keyUsage, ["digitalSignature", "keyEncipherment"]);
    assert.deepEqual(ec.device.certificate.extensions.keyUsage, ["digitalSignature"]);
  });

  it("issues the leaf of a proof of possession: CN = code, one day, no purpose", async () => {
    const { publicKey } = await newSigner();
    const verificationCode = "75B86466DA34D2B04C0C4C9557A119687ADAE7D4732BDDB3";
    const leaf = await issueVerification({ verificationCode, publicKey, issuer: ec.root, clock });
    assert.equal(leaf.commonName, verificationCode);
    assert.equal(leaf.extensions.isCa, false);
    assert.equal(leaf.extensions.extendedKeyUsage, undefined);
    assert.equal(leaf.notAfter.getTime(), daysFromNow(1).getTime());
    assert.equal(opensslVerify(ec, leaf, "any"), "leaf.pem: OK\n");
  });

  it("issues a self-signed device that openssl trusts as its own anchor", async () => {
    const signer = await newSigner();
    const leaf = await issueSelfSignedDevice({ registrationId: "lone", signer, clock });
    openssl.write("lone.pem", leaf.toPem());
    const at = String(NOW.getTime() / 1000);
    const verdict = openssl.run("verify", "-attime", at, "-purpose", "sslclient", "-CAfile", "lone.pem", "lone.pem");
    assert.equal(verdict, "lone.pem: OK\n");
    assert.equal(leaf.issuer, "CN=lone");
    assert.deepEqual(leaf.extensions.extendedKeyUsage, [PURPOSE_OIDS.clientAuth]);
  });

  it("takes serial numbers from the given source", async () => {
    const serials = countingSerials();
    const { publicKey } = await newSigner();
    const request = { publicKey, issuer: ec.intermediate, clock, serials };
    assert.equal((await issueDevice({ ...request, registrationId: "a" })).serialNumber, "01");
    assert.equal((await issueDevice({ ...request, registrationId: "b" })).serialNumber, "02");
    const zero = { next: () => Buffer.alloc(8) };
    await refused(issueDevice({ ...request, registrationId: "c", serials: zero }), "badSerial");
    const big = await issueDevice({ ...request, registrationId: "d", serials: { next: () => Buffer.alloc(19, 0xff) } });
    assert.equal(new X509Certificate(big.raw).serialNumber, "FF".repeat(19));
    assert.equal(big.isSerialNegative, false);
  });

  it("keeps any common name that X.509 allows, as node:crypto reads it", async () => {
    const { publicKey } = await newSigner();
    const allowed = fc.stringMatching(/^[A-Za-z0-9._:-][A-Za-z0-9 äöß€😀._:,+"\\<>;=#-]{0,40}[A-Za-z0-9-]$/u);
    await fc.assert(
      fc.asyncProperty(allowed, async (commonName) => {
        const made = await issueIntermediate({ commonName, publicKey, issuer: ec.root, clock });
        assert.equal(made.commonName, commonName);
        assert.equal(new X509Certificate(made.raw).toLegacyObject().subject.CN, commonName);
      }),
      { numRuns: 25 },
    );
  });

  describe("refuses", () => {
    const device = async (issuer: Issuer, more: object = {}) =>
      issueDevice({ registrationId: "d", publicKey: (await newSigner()).publicKey, issuer, clock, ...more });

    it("names outside the rule, before anything is signed", async () => {
      const signer: Signer = { ...ec.root.signer, sign: () => assert.fail("signed") };
      for (const commonName of ["", "x".repeat(65), "a\nb"]) {
        await refused(issueRoot({ commonName, signer, clock }), "badName");
      }
      assert.equal((await device(ec.intermediate, { registrationId: "x".repeat(64) })).commonName, "x".repeat(64));
    });

    it("a signer with another key than the issuer's certificate", async () => {
      await refused(device({ ...ec.intermediate, signer: ec.root.signer }), "signerMismatch");
    });

    it("an issuer that is no CA", async () => {
      await refused(device(ec.device), "issuerNotCa");
      const profile = { ...PROFILES.intermediate, keyUsage: ["cRLSign"] as const };
      const certificate = await forge({ issuer: ec.root, publicKey: ec.device.signer.publicKey, profile });
      await refused(device({ certificate, signer: ec.device.signer }), "issuerNotCa");
    });

    it("a CA where the issuer's path length leaves no room", async () => {
      const below = async (issuer: Issuer, pathLength?: number): Promise<Issuer> => {
        const signer = await newSigner();
        const order = { commonName: "Sub", publicKey: signer.publicKey, issuer, clock };
        return {
          signer,
          certificate: await issueIntermediate(pathLength === undefined ? order : { ...order, pathLength }),
        };
      };
      await refused(below(ec.intermediate), "issuerPathLength");
      const two = await below(ec.root, 1);
      await refused(below(two, 1), "issuerPathLength");
      assert.equal((await below(two)).certificate.extensions.pathLength, 0);
    });

    it("keys outside the table, and objects that are no keys", async () => {
      const publicKey = openssl.run("genpkey", "-algorithm", "ed25519");
      openssl.write("ed.pem", publicKey);
      openssl.run("pkey", "-in", "ed.pem", "-pubout", "-outform", "DER", "-out", "ed.der");
      const { readFileSync } = await import("node:fs");
      await refused(device(ec.root, { publicKey: readFileSync(`${openssl.folder}/ed.der`) }), "unsupportedKey");
      await refused(device(ec.root, { publicKey: Buffer.from("3000", "hex") }), "malformed");
    });

    it("a signature that is not of the promised form", async () => {
      const { publicKey, algorithm } = ec.root.signer;
      const der: Signer = { publicKey, algorithm, sign: async () => Buffer.alloc(71) };
      await assert.rejects(issueRoot({ commonName: "R", signer: der, clock }), {
        name: "TypeError",
        message: /71 bytes where EC-P256 has 64; .*r\|\|s, not DER/,
      });
    });

    it("an issuer outside its own validity, and an invalid lifetime", async () => {
      await refused(device(ec.intermediate, { clock: stoppedClock(daysFromNow(1826)) }), "issuerExpired");
      await refused(device(ec.intermediate, { clock: stoppedClock(daysFromNow(-1)) }), "issuerNotYetValid");
      for (const lifetimeDays of [0, -1, Number.NaN, 4_000_000]) {
        await refused(device(ec.intermediate, { lifetimeDays }), "badLifetime");
      }
    });

    it("a lifetime beyond the issuer's if the overrun is to be refused, and otherwise cuts it", async () => {
      const late = { clock: stoppedClock(daysFromNow(1800)) };
      await refused(device(ec.intermediate, { ...late, overrun: "refuse" }), "validityNotNested");
      const cut = await device(ec.intermediate, late);
      assert.deepEqual(cut.notAfter, ec.intermediate.certificate.notAfter);
      assert.equal(
        (await device(ec.intermediate, { ...late, lifetimeDays: 5 })).notAfter.getTime(),
        daysFromNow(1805).getTime(),
      );
    });
  });

  it("always nests validity in the issuer's and keeps whole seconds", () => {
    const issuer = ec.intermediate.certificate;
    const moment = fc.date({ min: issuer.notBefore, max: issuer.notAfter, noInvalidDate: true });
    fc.assert(
      fc.property(moment, fc.integer({ min: 1, max: 5000 }), (now, lifetimeDays) => {
        const { notBefore, notAfter } = planValidity(PROFILES.device, now, { lifetimeDays, issuer });
        assert.ok(notBefore >= issuer.notBefore && notAfter <= issuer.notAfter);
        assert.ok(notBefore <= now && notBefore <= notAfter);
        assert.equal(notBefore.getTime() % 1000, 0);
        assert.equal(notAfter.getTime() % 1000, 0);
      }),
    );
  });

  it("writes times after 2049 as GeneralizedTime, which openssl reads", async () => {
    const signer = await newSigner();
    const root = await issueRoot({ commonName: "Long", signer, clock, lifetimeDays: 36_500 });
    openssl.write("long.pem", root.toPem());
    assert.equal(openssl.run("x509", "-in", "long.pem", "-noout", "-enddate"), "notAfter=Feb  5 12:00:00 2126 GMT\n");
    assert.equal(root.notAfter.toISOString(), "2126-02-05T12:00:00.000Z");
  });

  it("writes a full chain, and refuses one out of order", () => {
    const [device, intermediate, root] = [ec.device, ec.intermediate, ec.root].map(({ certificate }) => certificate);
    assert.ok(device !== undefined && intermediate !== undefined && root !== undefined);
    assert.equal(fullChainPem([device, intermediate]), device.toPem() + intermediate.toPem());
    assert.equal(fullChainPem([device, intermediate, root]).split("BEGIN").length, 4);
    assert.throws(() => fullChainPem([device, root]), {
      code: "brokenChain",
      message: /^CN=device-01 .*not issued by CN=Test Root,/,
    });
    assert.throws(() => fullChainPem([]), TypeError);
  });

  it("freezes its profiles", () => {
    for (const profile of Object.values(PROFILES)) {
      assert.ok(Object.isFrozen(profile) && Object.isFrozen(profile.keyUsage) && Object.isFrozen(profile.purposes));
    }
    assert.ok(Object.isFrozen(PROFILES) && Object.isFrozen(EXTENSION_OIDS));
  });
});

async function refused(work: Promise<unknown>, code: CertsErrorCode): Promise<void> {
  await assert.rejects(work, { name: "CertsError", code });
}
