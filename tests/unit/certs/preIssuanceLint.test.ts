import assert from "node:assert/strict";
import { fieldsOf, issueDevice, issueIntermediate } from "../../../certs/issue";
import { lintBeforeSigning } from "../../../certs/preIssuanceLint";
import { PROFILES } from "../../../certs/profiles";
import type { Signer } from "../../../certs/signer";
import { type CertificateFields, createCertificate } from "../../../certs/x509";
import { daysFromNow, type Hierarchy, NOW, newHierarchy, newSigner, stoppedClock } from "../../cast/certs";

describe("certs/preIssuanceLint", () => {
  let made: Hierarchy;
  before(async () => {
    made = await newHierarchy();
  });

  it("keeps the real key from signing what lint refuses", async () => {
    const signer: Signer = {
      publicKey: made.intermediate.signer.publicKey,
      algorithm: made.intermediate.signer.algorithm,
      sign: () => assert.fail("the real key signed"),
    };
    const { publicKey } = await newSigner();
    const issuer = { certificate: made.intermediate.certificate, signer };
    await assert.rejects(issueDevice({ registrationId: "a b", publicKey, issuer, clock: stoppedClock() }), {
      name: "CertsError",
      code: "refusedByLint",
      data: { subject: "CN=a b", codes: "registrationId" },
      message:
        /^CN=a b is not issued:\n {2}subject\.commonName is 'a b': 1 to 64 .*; .*registration ID: choose another$/,
    });
    await assert.rejects(issueDevice({ registrationId: "ok", publicKey, issuer, clock: stoppedClock() }), {
      message: "the real key signed",
    });
  });

  it("names every error at once, and lets warnings pass", async () => {
    const { signer, certificate } = made.root;
    const given = {
      commonName: "Sub",
      issuer: certificate,
      serialNumber: "01",
      validity: { notBefore: daysFromNow(-1), notAfter: daysFromNow(20) },
      publicKey: made.device.signer.publicKey,
    };
    const create = (fields: CertificateFields) =>
      createCertificate(fields, {
        ...signer,
        sign(tbs) {
          const { algorithm } = signer;
          lintBeforeSigning(tbs, { profile: "intermediate", algorithm, issuer: certificate, at: NOW });
          return signer.sign(tbs);
        },
      });
    const right = fieldsOf(PROFILES.intermediate, given, signer.publicKey);
    const wrong: CertificateFields = {
      ...right,
      basicConstraints: { ca: false, critical: true },
      keyUsage: ["digitalSignature"],
      authorityKeyIdentifier: "00".repeat(20),
    };
    await assert.rejects(create(wrong), {
      data: { subject: "CN=Sub", codes: "basicConstraints keyUsage keyIdentifier" },
    });
    await create(right);
  });

  it("makes throw-away keys for RSA and P-384 issuers too", async () => {
    const signer = await newSigner("RSA-3072");
    const order = { commonName: "R", publicKey: signer.publicKey, issuer: made.root, clock: stoppedClock() };
    const issuer = { certificate: await issueIntermediate(order), signer };
    const p384 = await newSigner("EC-P384");
    const leaf = await issueDevice({ registrationId: "d", publicKey: p384.publicKey, issuer, clock: stoppedClock() });
    assert.ok(leaf.isSignedBy(issuer.certificate.publicKey));
  });
});
