import assert from "node:assert/strict";
import { issueDevice, issueIntermediate } from "../../../certs/issue";
import { PROFILES } from "../../../certs/profiles";
import { rehearse } from "../../../certs/rehearsal";
import type { Signer } from "../../../certs/signer";
import { daysFromNow, type Hierarchy, NOW, newHierarchy, newSigner, stoppedClock } from "../../cast/certs";

describe("certs/rehearsal", () => {
  let made: Hierarchy;
  before(async () => {
    made = await newHierarchy();
  });

  it("lets no real key sign what lint refuses", async () => {
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
        "CN=a b is not issued:\n  subject.commonName is 'a b': 1 to 64 letters, digits and the characters - . _ : ending in a " +
        "letter, a digit or a dash; the common name of a device is its registration ID: choose another",
    });
    await assert.rejects(issueDevice({ registrationId: "ok", publicKey, issuer, clock: stoppedClock() }), {
      message: "the real key signed",
    });
  });

  it("tells every error at once, and lets warnings pass", () => {
    const blueprint = {
      profile: { ...PROFILES.intermediate, isCa: false, keyUsage: ["digitalSignature"] as const },
      pathLength: undefined,
      commonName: "Sub",
      issuerDer: made.root.certificate.subjectDer,
      issuerKeyIdentifier: "00".repeat(20),
      serialNumber: "01",
      validity: { notBefore: daysFromNow(-1), notAfter: daysFromNow(20) },
      publicKey: made.device.signer.publicKey,
      dnsNames: [],
      ipAddresses: [],
    };
    const { signer, certificate } = made.root;
    assert.throws(() => rehearse(blueprint, signer, certificate, NOW), {
      data: { subject: "CN=Sub", codes: "basicConstraints keyUsage keyIdentifier" },
    });
    const right = {
      ...blueprint,
      profile: PROFILES.intermediate,
      issuerKeyIdentifier: certificate.extensions.subjectKeyIdentifier,
    };
    rehearse(right, signer, certificate, NOW);
  });

  it("stands in for RSA and P-384 issuers too", async () => {
    const signer = await newSigner("RSA-3072");
    const order = { commonName: "R", publicKey: signer.publicKey, issuer: made.root, clock: stoppedClock() };
    const issuer = { certificate: await issueIntermediate(order), signer };
    const p384 = await newSigner("EC-P384");
    const leaf = await issueDevice({ registrationId: "d", publicKey: p384.publicKey, issuer, clock: stoppedClock() });
    assert.ok(leaf.isSignedBy(issuer.certificate.publicKey));
  });
});
