import { strict as assert } from "node:assert";
import { changesOf } from "../../../review/change";
import { expected } from "../../../review/expectedOutcome";
import { UNKNOWN } from "../../../review/previewDocument";
import { preview, type StepWords, urnOf } from "../../cast/steps";

const hub: StepWords = { op: "update", type: "hub", before: { sku: { name: "S1" } }, after: { sku: { name: "S2" } } };
const group = (more: Partial<StepWords>): StepWords => ({
  op: "replace",
  type: "group",
  before: { serviceEndpoint: "a.azure-devices-provisioning.net" },
  after: { serviceEndpoint: UNKNOWN },
  reasons: ["serviceEndpoint"],
  sources: { serviceEndpoint: [urnOf("service")] },
  ...more,
});
const service = (more: Partial<StepWords>): StepWords => ({
  op: "update",
  type: "service",
  before: { properties: { iotHubs: [{ connectionString: "[secret]" }] } },
  after: { properties: { iotHubs: [{ connectionString: UNKNOWN }] } },
  sources: { properties: [urnOf("hub")] },
  ...more,
});
const outcome = (...steps: readonly StepWords[]) => {
  const { changes, waiting } = expected(changesOf(preview(...steps)));
  return { changes: changes.map(({ type, action }) => `${action} ${type}`), waiting: waiting.map(({ type }) => type) };
};

describe("review/expectedOutcome", () => {
  it("follows the chain: a hub's new tier does not change the service and its enrollments", () => {
    assert.deepEqual(outcome(hub, service({}), group({})), {
      changes: ["update IotHubResource"],
      waiting: ["EnrollmentGroup", "IotDpsResource"],
    });
  });

  it("knows the inputs with a name, a host name or an ID scope by their whole paths", () => {
    const waits = (name: string, value: unknown = "x", now: unknown = UNKNOWN): boolean => {
      const step = group({
        ...{ op: "update", before: { [name]: value }, after: { [name]: now }, reasons: [] },
        sources: { [name]: [urnOf("hub")] },
      });
      return outcome(hub, step).waiting.length === 1;
    };
    for (const name of ["serviceEndpoint", "globalEndpoint", "idScope", "provisioningServiceId", "resourceGroupName"])
      assert.ok(waits(name), name);
    for (const name of ["resourceName", "hubs"]) assert.ok(waits(name), name);
    assert.ok(waits("hubs", ["a"], [UNKNOWN]));
    for (const name of ["myhubs", "hubsOfMine", "hub", "idScopes", "theServiceEndpoint", "serviceEndpointOf"])
      assert.ok(!waits(name), name);
    assert.ok(!waits("hubs", [{ a: 1 }], [{ a: UNKNOWN }]));
  });

  it("keeps a change that has another reason", () => {
    const after = { serviceEndpoint: UNKNOWN, provisioningStatus: "disabled" };
    assert.deepEqual(outcome(hub, service({}), group({ after })), {
      changes: ["update EnrollmentGroup", "update IotHubResource"],
      waiting: ["IotDpsResource"],
    });
  });

  it("keeps what depends on a replaced, new or deleted resource", () => {
    for (const op of ["replace", "create"]) {
      const source = service({ op, after: { location: "x" }, sources: {} });
      assert.deepEqual(outcome(source, group({})).waiting, [], op);
    }
  });

  it("registers devices again if a hub is replaced, not if it gets another tier", () => {
    const registration: StepWords = {
      op: "update",
      type: "registration",
      before: { hubs: ["a.azure-devices.net"] },
      after: { hubs: [UNKNOWN] },
      sources: { hubs: [urnOf("hub")] },
    };
    assert.deepEqual(outcome(hub, registration).waiting, ["DeviceRegistration"]);
    const another: StepWords = { ...hub, op: "replace", before: { resourceName: "a" }, after: { resourceName: "b" } };
    assert.deepEqual(outcome(another, registration).waiting, []);
  });

  it("keeps a value that an update may change", () => {
    const registration: StepWords = {
      op: "update",
      type: "registration",
      before: { enrollment: "1" },
      after: { enrollment: UNKNOWN },
      sources: { enrollment: [urnOf("group")] },
    };
    const changed = group({ op: "update", reasons: [], before: { iotEdge: false }, after: { iotEdge: true } });
    assert.deepEqual(outcome(changed, registration).changes, ["update DeviceRegistration", "update EnrollmentGroup"]);
  });

  it("keeps the root if only the intermediate is replaced, and the key that belongs to the root", () => {
    const authority = (after: object): StepWords => ({
      ...{
        op: "update",
        type: "authority",
        before: { rootName: "R", intermediateName: "I" },
        after: { rootName: "R", ...after },
      },
      outputs: { rootCertificate: "PEM of the root", intermediateCertificate: "PEM of the intermediate" },
    });
    const sources = { certificate: [urnOf("authority")], signingKey: [urnOf("authority")] };
    const after = { certificate: UNKNOWN, signingKey: UNKNOWN };
    const root = (certificate: string): StepWords => ({
      ...{ op: "update", type: "root", sources, after, before: { certificate, signingKey: "[secret]" } },
    });
    const renewed = authority({ intermediateName: "J" });
    assert.deepEqual(outcome(renewed, root("PEM of the root")).waiting, ["VerifiedCertificate"]);
    assert.deepEqual(outcome(renewed, root("PEM of the intermediate")).waiting, []);
    assert.deepEqual(outcome(authority({ intermediateName: "J", other: 1 }), root("PEM of the root")).waiting, []);
    // A renewal of unknown extent: no difference shows which of the two it is.
    assert.deepEqual(outcome(authority({ intermediateName: "I" }), root("PEM of the root")).waiting, []);
  });

  it("keeps a vault's address, unless the address changes", () => {
    const access = (before: object, after: object): StepWords => ({
      ...{ op: "update", type: "vaultAccess" },
      before: { ...before },
      after: { ...after },
    });
    const authority: StepWords = {
      ...{ op: "replace", type: "authority", reasons: ["vaultUri"], sources: { vaultUri: [urnOf("vaultAccess")] } },
      ...{ before: { vaultUri: "https://a.vault.azure.net" }, after: { vaultUri: UNKNOWN } },
    };
    assert.deepEqual(outcome(access({ grants: [] }, { grants: ["1"] }), authority).waiting, ["CertificateAuthority"]);
    assert.deepEqual(outcome(access({ vaultUri: "a" }, { vaultUri: "b" }), authority).waiting, []);
  });

  it("keeps a pending value of unknown origin", () => {
    assert.deepEqual(outcome(group({ sources: {} })).changes, ["replace EnrollmentGroup"]);
  });

  it("keeps an update without a visible difference, and a replacement because of a dependency", () => {
    const renewal: StepWords = { op: "update", type: "certificate", before: { a: 1 }, after: { a: 1 } };
    const along: StepWords = { op: "replace", type: "root", before: { a: 1 }, after: { a: 1 } };
    assert.deepEqual(outcome(renewal, along).changes, ["update DeviceCertificate", "replace VerifiedCertificate"]);
  });
});
