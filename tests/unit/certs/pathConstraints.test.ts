import assert from "node:assert/strict";
import { Certificate } from "../../../certs/certificate";
import { verifyPath } from "../../../certs/chain";
import { EXTENSION_OIDS } from "../../../certs/extensions";
import { issueDevice } from "../../../certs/issue";
import { lintCertificate } from "../../../certs/lint";
import { nameConstraintError } from "../../../certs/nameConstraints";
import { arePoliciesValid } from "../../../certs/policies";
import { NOW, newHierarchy } from "../../cast/certs";
import {
  boolean,
  context,
  directoryName,
  type ForgedExtension,
  forgeCertificate,
  integer,
  newForgedKey,
  oid,
  sequence,
} from "../../cast/fuzz/forgedCertificate";

const dns = (name: string): Buffer => context(0x82, name);
const mail = (address: string): Buffer => context(0x81, address);
const uri = (text: string): Buffer => context(0x86, text);
const ip = (...bytes: readonly number[]): Buffer => context(0x87, Buffer.from(bytes));
const directory = (...attributes: readonly string[]): Buffer => context(0xa4, directoryName(attributes));
const permitted = (...bases: readonly Buffer[]): Buffer =>
  context(0xa0, Buffer.concat(bases.map((base) => sequence(base))));
const excluded = (...bases: readonly Buffer[]): Buffer =>
  context(0xa1, Buffer.concat(bases.map((base) => sequence(base))));

describe("certs/nameConstraints", () => {
  const judge = (constraints: readonly Buffer[], alternatives: readonly Buffer[], subject = ["CN=device-01"]) =>
    nameConstraintError(sequence(...constraints), {
      subjectDer: directoryName(subject),
      subjectAltName: alternatives.length === 0 ? undefined : sequence(...alternatives),
    });

  it("permits names within a subtree, and those of kinds without one", () => {
    for (const [base, ...names] of [
      [dns("a.example"), dns("a.example"), dns("x.A.Example"), mail("x@b.example")],
      [dns(".a.example"), dns("x.a.example")],
      [dns(""), dns("b.example")],
      [mail("x@a.example"), mail("x@A.example")],
      [mail("a.example"), mail("y@a.example")],
      [mail(".a.example"), mail("y@x.a.example")],
      [uri("a.example"), uri("https://u:p@a.example:8443/x?y#z")],
      [ip(10, 0, 0, 0, 255, 0, 0, 0), ip(10, 1, 2, 3)],
      [directory("O=Contoso"), directory("O=contoso", "CN=x")],
    ] as const) {
      assert.equal(judge([permitted(base as Buffer, directory())], names), undefined);
    }
    assert.equal(judge([permitted(directory("O=Contoso"))], [], ["O=CONTOSO", "CN=device-01"]), undefined);
  });

  it("refuses names outside of every permitted subtree, and within an excluded one", () => {
    for (const [base, name] of [
      [dns("a.example"), dns("xa.example")],
      [dns(".a.example"), dns("a.example")],
      [mail("x@a.example"), mail("X@a.example")],
      [mail("a.example"), mail("x@y.a.example")],
      [uri("a.example"), uri("https://x.a.example/")],
      [ip(10, 0, 0, 0, 255, 0, 0, 0), ip(11, 1, 2, 3)],
      [directory("O=Contoso"), directory("O=Other")],
    ] as const) {
      const own = directory("CN=device-01");
      assert.match(judge([permitted(base, own)], [name]) ?? "", /that is not permitted$/);
      assert.equal(judge([excluded(base)], [name]), undefined);
    }
    assert.match(judge([excluded(dns("a.example"))], [dns("x.A.example")]) ?? "", /DNS name that is excluded$/);
    assert.match(judge([permitted(directory("O=Contoso"))], []) ?? "", /directory name that is not permitted$/);
    assert.match(
      judge([permitted(mail("a.example"))], [], ["E=x@b.example"]) ?? "",
      /mail address that is not permitted$/,
    );
    assert.match(
      judge([permitted(dns("a.example")), excluded(dns("b.a.example"))], [dns("x.b.a.example")]) ?? "",
      /excluded$/,
    );
  });

  it("does not understand a minimum, an odd address range and other names, where such a name is there", () => {
    const limited = context(0xa0, sequence(dns("a.example"), context(0x80, Buffer.from([1]))));
    const other = context(0xa0, Buffer.concat([oid("1.3.6.1.4.1.311.20.2.3"), context(0xa0, Buffer.alloc(0))]));
    assert.throws(() => judge([limited], [dns("a.example")]), { code: "malformed" });
    assert.throws(() => judge([permitted(ip(10, 0))], [ip(10, 0, 0, 1)]), { code: "malformed" });
    assert.throws(() => judge([permitted(other)], [other]), { code: "malformed" });
    assert.throws(() => judge([permitted(uri("a.example"))], [uri("urn:x")]), { code: "malformed" });
    assert.equal(judge([limited], [mail("a@b.example")]), undefined);
  });
});

const [ONE, TWO, ANY] = ["1.3.6.1.4.1.99999.1", "1.3.6.1.4.1.99999.2", "2.5.29.32.0"];
const policies = (...oids: readonly string[]): Buffer => sequence(...oids.map((each) => sequence(oid(each))));

describe("certs/policies", () => {
  const REQUIRED = sequence(integer(0, 0x80));
  /** Below the anchor first, the leaf last. */
  const judge = (...path: readonly Omit<Parameters<typeof arePoliciesValid>[0][number], "isSelfIssued">[]): boolean =>
    arePoliciesValid(path.map((each) => ({ isSelfIssued: false, ...each })));

  it("needs a policy that all name, once a CA requires one", () => {
    const ca = { certificatePolicies: policies(ONE), policyConstraints: REQUIRED };
    assert.equal(judge(ca, { certificatePolicies: policies(ONE) }), true);
    assert.equal(judge(ca, { certificatePolicies: policies(TWO) }), false);
    assert.equal(judge(ca, {}), false);
    assert.equal(judge({ certificatePolicies: policies(ONE) }, { certificatePolicies: policies(TWO) }), true);
  });

  it("takes any policy for each, until it is inhibited", () => {
    const ca = { certificatePolicies: policies(ANY), policyConstraints: REQUIRED };
    assert.equal(judge(ca, { certificatePolicies: policies(TWO) }), true);
    const inhibited = { certificatePolicies: policies(ONE), policyConstraints: REQUIRED, inhibitAnyPolicy: integer(0) };
    assert.equal(judge(inhibited, { certificatePolicies: policies(ANY) }), false);
    assert.equal(judge({ ...inhibited, inhibitAnyPolicy: integer(1) }, { certificatePolicies: policies(ANY) }), true);
  });

  it("maps policies, until it is inhibited", () => {
    const policyMappings = sequence(sequence(oid(ONE), oid(TWO)));
    const ca = { certificatePolicies: policies(ONE), policyConstraints: REQUIRED, policyMappings };
    assert.equal(judge(ca, { certificatePolicies: policies(TWO) }), true);
    const above = { certificatePolicies: policies(ONE), policyConstraints: sequence(integer(0, 0x81)) };
    assert.equal(judge(above, ca, { certificatePolicies: policies(TWO) }), false);
    const ofAny = sequence(sequence(oid(ANY), oid(TWO)));
    assert.throws(() => judge({ ...ca, policyMappings: ofAny }, {}), { code: "malformed" });
  });

  it("counts certificates that are not self-issued until a policy is required", () => {
    const ca = { policyConstraints: sequence(integer(1, 0x80)) };
    assert.equal(judge(ca, {}), false);
    assert.equal(judge({ policyConstraints: sequence(integer(2, 0x80)) }, {}), true);
  });
});

describe("a path", () => {
  const root = newForgedKey("P-256");
  const rootName = directoryName(["CN=Root"]);
  const certificate = (
    subject: string,
    key: ReturnType<typeof newForgedKey>,
    extensions: readonly ForgedExtension[],
  ): Certificate =>
    Certificate.presented(
      forgeCertificate({
        serial: 5,
        issuer: rootName,
        subject: directoryName([subject]),
        notBefore: new Date(NOW.getTime() - 1000),
        notAfter: new Date(NOW.getTime() + 1000),
        spki: key.spki,
        extensions,
        signer: root,
        hash: "sha256",
      }),
    );
  const ca = { oid: EXTENSION_OIDS.basicConstraints, critical: true, value: sequence(boolean(true)) };
  const verdict = (leaf: Certificate, anchor: Certificate) => {
    const result = verifyPath(leaf, [], [anchor], { at: NOW });
    return result.ok ? "ok" : result.code;
  };

  it("understands critical constraints of names and policies on a CA", () => {
    const constrained = (oidOf: string, value: Buffer) =>
      certificate("CN=Root", root, [ca, { oid: oidOf, critical: true, value }]);
    const leaf = certificate("CN=device-01", newForgedKey("P-256"), []);
    const names = (base: Buffer) => constrained(EXTENSION_OIDS.nameConstraints, sequence(permitted(base)));
    assert.equal(verdict(leaf, names(directory("CN=device-01"))), "ok");
    assert.equal(verdict(leaf, names(directory("CN=device-02"))), "nameConstraints");
    assert.equal(verdict(leaf, names(dns("a.example"))), "ok");
    assert.equal(
      verdict(leaf, constrained(EXTENSION_OIDS.nameConstraints, Buffer.from([0x30, 0x05]))),
      "nameConstraints",
    );
    for (const [name, value] of [
      ["certificatePolicies", policies(ONE)],
      ["policyConstraints", sequence(integer(0, 0x80))],
      ["inhibitAnyPolicy", integer(0)],
      ["policyMappings", sequence(sequence(oid(ONE), oid(TWO)))],
    ] as const) {
      // Policies of an anchor do not count.
      assert.equal(verdict(leaf, constrained(EXTENSION_OIDS[name], value)), "ok", name);
    }
  });

  it("has an issuer of the serial number and name that the authority key identifier names", () => {
    const anchor = certificate("CN=Root", root, [ca]);
    const authority = (serial: number, issuer = "CN=Root"): Certificate =>
      certificate("CN=device-01", newForgedKey("P-256"), [
        {
          oid: EXTENSION_OIDS.authorityKeyIdentifier,
          value: sequence(context(0xa1, directory(issuer)), integer(serial, 0x82)),
        },
      ]);
    assert.equal(verdict(authority(5), anchor), "ok");
    assert.equal(verdict(authority(6), anchor), "noAnchor");
    assert.equal(verdict(authority(5, "CN=Other"), anchor), "noAnchor");
  });

  it("has no key whose curve is written out, and none is issued for", async () => {
    const explicit = newForgedKey("explicit");
    const leaf = certificate("CN=device-01", explicit, []);
    assert.equal(verdict(leaf, certificate("CN=Root", root, [ca])), "explicitCurve");
    const findings = lintCertificate(leaf, "device", { at: NOW });
    assert.ok(findings.some(({ code, value }) => code === "keyAlgorithm" && value === "explicit curve"));
    const { intermediate } = await newHierarchy();
    await assert.rejects(
      issueDevice({
        registrationId: "device-01",
        publicKey: explicit.spki,
        issuer: intermediate,
        clock: { now: () => NOW },
      }),
      { code: "unsupportedKey" },
    );
  });
});
