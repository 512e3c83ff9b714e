import { strict as assert } from "node:assert";
import { DAY_MS } from "../../../certs/clock";
import { handler as authorityHandler } from "../../../providers/handlers/certificateAuthorityHandler";
import { isRevokedCertificate } from "../../../providers/handlers/certificates/certificateRenewal";
import { handler as leafHandler } from "../../../providers/handlers/deviceCertificateHandler";
import type { AzureGateway } from "../../../providers/handlers/resource/azureGateway";
import { fakeAzure, fakeGateway, NOW } from "../../cast/fakeGateway";
import { matchEach } from "../../cast/matchEach";

describe("renewal of a device's certificate", () => {
  const worldAt = (days: number): AzureGateway => ({
    ...fakeGateway(fakeAzure()),
    now: () => new Date(NOW.getTime() + days * DAY_MS),
  });
  const isRenewed = async (days: number, outs: object, inputs: object) =>
    (await leafHandler(worldAt(days)).diff("dev-1", { ...outs }, { ...inputs })).changes;
  let given: { registrationId: string; issuerCertificate: string; issuerKey: string };

  before(async () => {
    const { outs } = await authorityHandler(worldAt(0)).create({
      ...{ rootName: "R", intermediateName: "I", intermediateLifetimeDays: 400 },
    });
    const [issuerCertificate, issuerKey] = [String(outs.intermediateCertificate), String(outs.intermediateKey)];
    given = { registrationId: "dev-1", issuerCertificate, issuerKey };
  });

  it("comes 30 days before its end, or as configured, or never; the setting itself is no change", async () => {
    const { inputs } = await leafHandler(worldAt(0)).check({}, given);
    const { outs } = await leafHandler(worldAt(0)).create(inputs);
    assert.deepEqual(
      [await isRenewed(334, outs, inputs), await isRenewed(335, outs, inputs), await isRenewed(500, outs, inputs)],
      [false, true, true],
    );
    assert.equal(await isRenewed(304, outs, { ...inputs, renewBeforeDays: 60 }), false);
    assert.equal(await isRenewed(305, outs, { ...inputs, renewBeforeDays: 60 }), true);
    assert.equal(await isRenewed(500, outs, { ...inputs, renewBeforeDays: 0 }), false);
  });

  it("issues a new leaf and key, which is not due again", async () => {
    const { inputs } = await leafHandler(worldAt(0)).check({}, given);
    const { id, outs } = await leafHandler(worldAt(0)).create(inputs);
    const renewed = await leafHandler(worldAt(340)).update(id, outs, inputs);
    assert.notEqual(renewed.outs.thumbprint, outs.thumbprint);
    assert.notEqual(renewed.outs.privateKey, outs.privateKey);
    assert.equal(await isRenewed(341, renewed.outs, inputs), false);
  });

  it("waits for half of a life that is shorter than the span, so that no run renews what the last one issued", async () => {
    const { inputs } = await leafHandler(worldAt(0)).check({}, { ...given, lifetimeDays: 10 });
    const { outs } = await leafHandler(worldAt(0)).create(inputs);
    assert.equal(await isRenewed(0, outs, inputs), false);
    assert.equal(await isRenewed(4.9, outs, inputs), false);
    assert.equal(await isRenewed(5, outs, inputs), true);
  });

  it("says why: the end and the span, half of its life, or what changed; and nothing where nothing is issued", async () => {
    const said = async (days: number, outs: object, inputs: object) => {
      const azure = fakeAzure();
      const gateway = { ...fakeGateway(azure), now: worldAt(days).now };
      await leafHandler(gateway).diff("dev-1", { ...outs }, { ...inputs });
      return azure.messages;
    };
    const { inputs } = await leafHandler(worldAt(0)).check({}, given);
    const { outs } = await leafHandler(worldAt(0)).create(inputs);
    assert.deepEqual(await said(100, outs, inputs), []);
    matchEach(await said(340, outs, inputs), /dev-1 is renewed now: .*2027-03-01, and renewBeforeDays = 30/);
    assert.match((await said(400, outs, inputs)).join(), /it ended on 2027-03-01, and renewBeforeDays = 30\./);
    const changed = { ...inputs, keyAlgorithm: "RSA-2048", lifetimeDays: 10 };
    matchEach(await said(100, outs, changed), /dev-1 gets a new certificate, because keyAlgorithm, lifetimeDays/);
    const short = (await leafHandler(worldAt(0)).create({ ...inputs, lifetimeDays: 10 })).outs;
    assert.match((await said(6, short, { ...inputs, lifetimeDays: 10 })).join(), /and half of its life is over and/);
    assert.deepEqual(await said(340, outs, { ...inputs, registrationId: "dev-2" }), [], "Pulumi shows a replacement");
  });

  it("never renews a revoked certificate, whatever changes but the device", async () => {
    const { inputs } = await leafHandler(worldAt(0)).check({}, given);
    const { outs } = await leafHandler(worldAt(0)).create(inputs);
    const revoked = { ...inputs, revokedThumbprints: ["A".repeat(40), outs.thumbprint], keyAlgorithm: "RSA-2048" };
    assert.equal(await isRenewed(340, outs, revoked), false);
    assert.equal(await isRenewed(340, outs, { ...revoked, revokedThumbprints: ["A".repeat(40)] }), true);
    assert.equal(await isRenewed(340, outs, { ...revoked, registrationId: "dev-2" }), true);
  });

  it("knows no revoked certificate where there is none", () => {
    assert.equal(isRevokedCertificate({}, { revokedThumbprints: ["A".repeat(40)] }), false);
    assert.equal(isRevokedCertificate({ certificate: given.issuerCertificate }, {}), false);
  });

  it("refuses a span that is none", async () => {
    const { failures } = await leafHandler(worldAt(0)).check({}, { ...given, renewBeforeDays: -1 });
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["renewBeforeDays"],
    );
  });
});
