import assert from "node:assert/strict";
import fc from "fast-check";
import { type Certificate, readCertificate } from "../../../certs/certificate";
import { readChildren, readWhole } from "../../../certs/der";
import { describeCertificate } from "../../../certs/describe";
import { CertsError } from "../../../certs/errors";
import { type LintFinding, lintCertificate, lintPath, lintPlan } from "../../../certs/lint";
import { PROFILES, type Profile } from "../../../certs/profiles";
import { daysFromNow, forge, type Hierarchy, NOW, newHierarchy, newSigner, OpenSsl } from "../../cast/certs";

const brief = (findings: readonly LintFinding[]): string[] =>
  findings.map(({ code, severity }) => `${severity} ${code}`);

/** A key that openssl makes fast. */
const EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];

describe("certs/lint", () => {
  let made: Hierarchy;
  let root: Certificate;
  let inter: Certificate;
  const openssl = new OpenSsl();
  before(async () => {
    made = await newHierarchy();
    [root, inter] = [made.root.certificate, made.intermediate.certificate];
  });
  after(() => openssl.dispose());

  it("finds no error in certificates that the toolkit issues", () => {
    assert.deepEqual(lintCertificate(root, "root", { at: NOW, issuer: root }), []);
    assert.deepEqual(lintCertificate(inter, "intermediate", { at: NOW, issuer: root }), []);
    assert.deepEqual(lintCertificate(made.device.certificate, "device", { at: NOW, issuer: inter }), []);
  });

  it("reports all errors of a certificate at once, each with value, rule and remedy", () => {
    const conf = openssl.write("req.conf", "[req]\ndistinguished_name=dn\n[dn]\n");
    const key = ["-newkey", "rsa:1024", "-nodes", "-keyout", "k.pem", "-sha1", "-subj", "/CN=a/CN=b"];
    const more = ["-addext", "basicConstraints=CA:TRUE", "-addext", "extendedKeyUsage=serverAuth", "-set_serial", "-7"];
    const bad = readCertificate(openssl.run("req", "-x509", "-config", conf, "-days", "3", ...key, ...more));
    const findings = lintCertificate(bad, "device", { at: new Date(bad.notAfter.getTime() + 1000), issuer: root });
    assert.deepEqual(brief(findings), [
      "error commonName",
      "error serialNumber",
      "error keyAlgorithm",
      "warning signatureAlgorithm",
      "error basicConstraints",
      "error extendedKeyUsage",
      "error expired",
      "error issuer",
    ]);
    for (const { value, rule, remedy, field } of findings) assert.ok(value && rule && remedy && field);
    const purpose = findings.find(({ code }) => code === "extendedKeyUsage");
    const { rule, ...rest } = purpose ?? {};
    assert.match(rule ?? "", /clientAuth \(RFC 5280, 4\.2\.1\.12\)/);
    assert.deepEqual(rest, {
      code: "extendedKeyUsage",
      severity: "error",
      field: "extendedKeyUsage",
      value: "1.3.6.1.5.5.7.3.1",
      remedy: "add clientAuth",
    });
  });

  it("reports an unreadable key, of a certificate and of its issuer", async () => {
    const { publicKey } = await newSigner();
    const offCurve = Buffer.from(publicKey);
    offCurve[offCurve.length - 1] = (offCurve.at(-1) ?? 0) ^ 1;
    const odd = await forge({ issuer: made.intermediate, publicKey: offCurve, commonName: "device-01" });
    const found = lintCertificate(odd, "device", { at: NOW, issuer: inter });
    assert.deepEqual(
      found.filter(({ severity }) => severity === "error").map(({ code, value }) => [code, value]),
      [["keyAlgorithm", "(cannot be read)"]],
    );
    assert.equal(describeCertificate(odd).keyAlgorithm, "(cannot be read)");
    assert.throws(() => odd.publicKey, { code: "malformed", message: "The public key of CN=device-01 cannot be read" });
    const of = lintCertificate(odd, "device", { at: NOW, issuer: odd });
    assert.ok(of.some(({ code }) => code === "issuer"));
  });

  it("never throws for a readable certificate, whatever is damaged in it", () => {
    const { raw } = made.device.certificate;
    fc.assert(
      fc.property(fc.nat({ max: raw.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(raw);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        let read: Certificate;
        try {
          read = readCertificate(damaged);
        } catch (error) {
          return error instanceof CertsError;
        }
        const judged = lintCertificate(read, "device", { at: NOW, issuer: inter });
        const facts = describeCertificate(read);
        return judged.length > 0 && lintPath(read, [read], [root], NOW).length === 1 && facts.version > 0;
      }),
      { numRuns: 400 },
    );
  });

  it("refuses a signature with unused bits, which OpenSSL does not verify", () => {
    for (let unusedBits = 1; unusedBits < 8; unusedBits += 1) {
      const damaged = Buffer.from(made.device.certificate.raw);
      // A view: the count of unused bits is a bit string's first byte.
      const signature = readChildren(readWhole(damaged).content)[2];
      signature?.content.set([unusedBits]);
      assert.throws(() => readCertificate(damaged), { code: "malformed" }, `${unusedBits}`);
    }
  });

  it("warns 30 days before the end, or as many as given", () => {
    const codes = (at: Date, expiryWarningDays?: number) =>
      brief(
        lintCertificate(inter, "intermediate", expiryWarningDays === undefined ? { at } : { at, expiryWarningDays }),
      );
    assert.deepEqual(codes(daysFromNow(1794)), []);
    assert.deepEqual(codes(daysFromNow(1796)), ["warning expiresSoon"]);
    assert.deepEqual(codes(daysFromNow(1700), 200), ["warning expiresSoon"]);
    assert.deepEqual(codes(daysFromNow(1826)), ["error expired"]);
    assert.deepEqual(codes(daysFromNow(-2)), ["error notYetValid"]);
  });

  it("reports a CA that its issuer's path length excludes, and validity outside the issuer's", async () => {
    const publicKey = made.device.signer.publicKey;
    const sub = await forge({
      issuer: made.intermediate,
      publicKey,
      profile: PROFILES.intermediate,
      to: daysFromNow(9999),
    });
    assert.deepEqual(brief(lintCertificate(sub, "intermediate", { at: NOW, issuer: inter })), [
      "error pathLength",
      "warning nesting",
    ]);
  });

  it("requires a CA's key usage, and only warns where CRL signing is absent", async () => {
    const publicKey = made.device.signer.publicKey;
    const lint = async (keyUsage: readonly ("keyCertSign" | "digitalSignature")[]) => {
      const profile = { ...PROFILES.intermediate, keyUsage };
      const certificate = await forge({ issuer: made.root, publicKey, profile, from: NOW, to: daysFromNow(100) });
      return brief(lintCertificate(certificate, "intermediate", { at: NOW, issuer: root }));
    };
    assert.deepEqual(await lint(["keyCertSign"]), ["warning keyUsage"]);
    assert.deepEqual(await lint(["digitalSignature"]), ["error keyUsage"]);
  });

  it("checks a device's name, but no CA's, against the rule of registration IDs", async () => {
    const publicKey = made.device.signer.publicKey;
    const issuer = made.intermediate;
    const named = await forge({ issuer, publicKey, commonName: "Device 1", from: NOW, to: daysFromNow(99) });
    assert.deepEqual(brief(lintCertificate(named, "device", { at: NOW, issuer: inter })), ["error registrationId"]);
    assert.deepEqual(brief(lintPlan({ commonName: "dev." }, "device", { at: NOW })), ["error registrationId"]);
    assert.deepEqual(lintPlan({ commonName: "My Root." }, "root", { at: NOW }), []);
  });

  it("reports predictable serial numbers, weak signatures, and key identifiers that are absent or another key's", () => {
    const ca = openssl.write("ca.conf", "[req]\ndistinguished_name=dn\n[dn]\n[none]\nauthorityKeyIdentifier=none\n");
    const subject = ["-subj", "/CN=Old", "-config", ca];
    const identified = ["-addext", "subjectKeyIdentifier=hash", "-addext", "basicConstraints=CA:TRUE", "-days", "200"];
    openssl.run("req", "-x509", ...openssl.rsaKey("old.key"), ...subject, ...identified, "-out", "old.pem");
    openssl.run("req", "-x509", ...openssl.rsaKey("new.key"), ...subject, ...identified, "-out", "new.pem");
    openssl.run("req", "-new", ...openssl.rsaKey("d.key"), ...subject, "-subj", "/CN=d1", "-out", "d.csr");
    const sign = ["-CA", "old.pem", "-CAkey", "old.key", "-set_serial", "7", "-days", "90"];
    const lint = (more: readonly string[], by: string): string[] => {
      const leaf = readCertificate(openssl.run("x509", "-req", "-in", "d.csr", ...sign, ...more));
      const issuer = readCertificate(openssl.run("x509", "-in", by));
      return brief(lintCertificate(leaf, "verification", { at: new Date(), issuer }));
    };
    const absent = lint(["-sha1", "-extfile", ca, "-extensions", "none"], "old.pem");
    assert.deepEqual(absent.slice(0, 3), ["warning serialNumber", "error signatureAlgorithm", "warning keyIdentifier"]);
    const ext = openssl.write("ext.conf", "authorityKeyIdentifier=keyid\nbasicConstraints=CA:FALSE\n");
    assert.deepEqual(lint(["-extfile", ext], "old.pem"), ["warning serialNumber"]);
    assert.deepEqual(lint(["-extfile", ext], "new.pem"), ["warning serialNumber", "error keyIdentifier"]);
  });

  it("limits a serial number to 20 bytes of DER, and recommends 8 where another CA issues it", async () => {
    const publicKey = made.device.signer.publicKey;
    const lint = async (serialNumber: string, commonName = "device-01", issuer = made.intermediate) => {
      const to = daysFromNow(99);
      const certificate = await forge({ issuer, publicKey, from: NOW, to, serialNumber, commonName });
      return brief(lintCertificate(certificate, "device", { at: NOW })).filter((each) => /serial/.test(each));
    };
    for (const good of [`7f${"ff".repeat(19)}`, `12${"ff".repeat(19)}`, `80${"00".repeat(18)}`, "12".repeat(8)])
      assert.deepEqual(await lint(good), [], good);
    for (const long of [`80${"00".repeat(19)}`, "12".repeat(21)])
      assert.deepEqual(await lint(long), ["error serialNumber"], long);
    const key = [
      ...EC,
      "-nodes",
      "-keyout",
      "zero.key",
      "-config",
      openssl.write("zero.conf", "[req]\ndistinguished_name=dn\n[dn]\n"),
    ];
    const zero = readCertificate(openssl.run("req", "-x509", ...key, "-subj", "/CN=d", "-set_serial", "0"));
    assert.ok(brief(lintCertificate(zero, "device", { at: NOW })).includes("error serialNumber"));
    assert.deepEqual(await lint("12".repeat(7)), ["warning serialNumber"]);
    assert.deepEqual(await lint("12", root.commonName, made.root), [], "self-issued");
  });

  it("accepts any extended key usage for a device, and a self-signed CA of any path length", async () => {
    const publicKey = made.device.signer.publicKey;
    // No profile has it; others' certificates do.
    const profile = { purposes: ["any"] as readonly string[] as Profile["purposes"] };
    const any = await forge({ issuer: made.intermediate, publicKey, profile, from: NOW, to: daysFromNow(99) });
    assert.deepEqual(lintCertificate(any, "device", { at: NOW, issuer: inter }), []);
    const conf = openssl.write("own.conf", "[req]\ndistinguished_name=dn\n[dn]\n");
    const key = [...EC, "-nodes", "-keyout", "own.key", "-config", conf, "-subj", "/CN=Own"];
    const ca = ["-addext", "basicConstraints=critical,CA:TRUE,pathlen:0", "-addext", "subjectKeyIdentifier=hash"];
    const own = readCertificate(openssl.run("req", "-x509", ...key, ...ca, "-days", "90"));
    assert.deepEqual(lintCertificate(own, "root", { at: new Date(), issuer: own }), []);
  });

  it("reports validity that begins before the issuer's, version 1, and signature algorithms that the toolkit does not use", async () => {
    const publicKey = made.device.signer.publicKey;
    const early = await forge({ issuer: made.root, publicKey, from: daysFromNow(-500), to: daysFromNow(99) });
    assert.deepEqual(brief(lintCertificate(early, "device", { at: NOW, issuer: root })), ["warning nesting"]);
    const conf = openssl.write("one.conf", "[req]\ndistinguished_name=dn\n[dn]\n");
    const key = [...EC, "-nodes", "-config", conf];
    openssl.run("req", "-x509", ...key, "-keyout", "one.key", "-subj", "/CN=One", "-days", "90", "-out", "one.pem");
    openssl.run("req", "-new", ...key, "-keyout", "two.key", "-subj", "/CN=d1", "-out", "one.csr");
    const by = ["-CA", "one.pem", "-CAkey", "one.key", "-set_serial", `0x${"12".repeat(8)}`, "-days", "90"];
    const plain = readCertificate(openssl.run("x509", "-req", "-in", "one.csr", ...by, "-sha512"));
    assert.deepEqual(brief(lintCertificate(plain, "verification", { at: new Date() })), [
      "error version",
      "warning signatureAlgorithm",
      "warning keyIdentifier",
    ]);
  });

  it("only warns of an absent extended key usage", async () => {
    const publicKey = made.device.signer.publicKey;
    const plain = await forge({
      issuer: made.intermediate,
      publicKey,
      profile: PROFILES.verification,
      to: daysFromNow(99),
    });
    assert.deepEqual(brief(lintCertificate(plain, "device", { at: NOW })), ["warning extendedKeyUsage"]);
    assert.deepEqual(lintCertificate(plain, "verification", { at: NOW }), []);
  });

  it("judges plans before any key exists", () => {
    assert.deepEqual(
      lintPlan({ commonName: "device-01", keyAlgorithm: "EC-P256" }, "device", { at: NOW, issuer: inter }),
      [],
    );
    const bad = { commonName: "", keyAlgorithm: "RSA-1024", pathLength: 1, lifetimeDays: 0 };
    assert.deepEqual(brief(lintPlan(bad, "device", { at: NOW })), [
      "error commonName",
      "error keyAlgorithm",
      "error pathLength",
      "error lifetime",
    ]);
    const long = lintPlan({ commonName: "d", lifetimeDays: 2000 }, "device", { at: NOW, issuer: inter });
    assert.deepEqual(brief(long), ["warning nesting"]);
    const late = lintPlan({ commonName: "d" }, "device", { at: daysFromNow(2000), issuer: inter });
    assert.deepEqual(brief(late), ["error expired"]);
    assert.deepEqual(lintPlan({ commonName: "ca", pathLength: 0 }, "intermediate", { at: NOW }), []);
  });
});
