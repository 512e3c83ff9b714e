import { strict as assert } from "node:assert";
import { createSas } from "../../../../azure/sas";
import { type PostJson, postJson } from "../../../../emulator/dps/allocation/postJson";
import { DataPlane, keyOf, link, type TestResponse } from "../../../cast/dataPlane";
import { Webhook, type WebhookReply } from "../../../cast/webhook";

const ID = "dev-1";
const HUB_2 = "hub-2.azure-devices.net";

describe("DPS device API: custom allocation", () => {
  let webhook: Webhook;
  let plane: DataPlane;

  beforeEach(async () => {
    webhook = await Webhook.open();
    open();
  });

  afterEach(() => webhook.close());

  function open(post?: PostJson): void {
    plane = new DataPlane(post ? { postJson: post } : {});
    plane.directory.service = { ...plane.directory.service, linkedHubs: [link("hub-1"), link("hub-2")] };
  }

  const enroll = (more: object = {}): Promise<TestResponse> =>
    plane.ask("IndividualEnrollment_CreateOrUpdate", {
      params: { id: ID },
      body: {
        registrationId: ID,
        attestation: { type: "symmetricKey", symmetricKey: { primaryKey: keyOf("own") } },
        allocationPolicy: "custom",
        customAllocationDefinition: { webhookUrl: webhook.url, apiVersion: "2021-10-01" },
        ...more,
      },
    });
  const headers = () => {
    const expiry = Math.floor(plane.clock.now().getTime() / 1000) + 3600;
    return { authorization: createSas(`0ne00000001/registrations/${ID}`, keyOf("own"), expiry, "registration") };
  };
  const register = (body: object = {}) =>
    plane.register(ID, [], { headers: headers(), body: { registrationId: ID, ...body } });
  const poll = (operationId: string) =>
    plane.ask("RuntimeRegistration_OperationStatusLookup", {
      params: { id: ID, operationId },
      headers: headers(),
      chain: [],
    });

  async function provision(body: object = {}): Promise<TestResponse> {
    const begun = await register(body);
    assert.deepEqual([begun.status, begun.body.status], [202, "assigning"]);
    return outcome(begun.body.operationId);
  }
  async function outcome(operationId: string): Promise<TestResponse> {
    for (;;) {
      const result = await poll(operationId);
      if (result.status !== 202) return result;
      await new Promise((done) => setImmediate(done));
    }
  }

  it("sends Azure's request to the webhook, and assigns the device to the hub in its response", async () => {
    await enroll({ iotHubs: [HUB_2] });
    webhook.replies = [[200, { iotHubHostName: HUB_2 }]];
    const done = await provision({ payload: { model: "m-1" } });
    assert.deepEqual([done.status, done.body.status], [200, "assigned"]);
    assert.equal(done.body.registrationState.assignedHub, HUB_2);
    assert.equal("payload" in done.body.registrationState, false);
    const [call] = webhook.calls;
    assert.equal(call?.path, "/api/allocate?code=k");
    assert.equal(call?.headers["content-type"], "application/json; charset=utf-8");
    const { individualEnrollment, ...rest } = call?.body ?? {};
    assert.deepEqual(rest, {
      deviceRuntimeContext: { registrationId: ID, symmetricKey: {}, payload: { model: "m-1" } },
      linkedHubs: [HUB_2],
    });
    assert.equal(individualEnrollment.registrationId, ID);
    assert.deepEqual(individualEnrollment.attestation, { type: "symmetricKey" }, "keys are not sent");
    const result = individualEnrollment.customAllocationDefinition;
    assert.deepEqual(result, { webhookUrl: webhook.url.replace("code=k", "****"), apiVersion: "2021-10-01" });
    webhook.replies = [[200, { iotHubHostName: "HUB-1.azure-devices.net" }]];
    assert.equal((await provision()).body.registrationState.substatus, "deviceDataMigrated");
    assert.deepEqual(webhook.calls[1]?.body.deviceRuntimeContext, {
      registrationId: ID,
      currentIotHubHostName: HUB_2,
      currentDeviceId: ID,
      symmetricKey: {},
    });
  });

  it("gives the device the webhook's payload, and its twin to the hub instead of the enrollment's", async () => {
    await enroll({ initialTwin: { tags: { from: "enrollment" }, properties: { desired: { a: 1 } } } });
    const initialTwin = { tags: { from: "webhook" }, properties: { desired: { b: 2 } } };
    webhook.replies = [[200, { iotHubHostName: HUB_2, initialTwin, payload: [1, { deep: null }] }]];
    const done = await provision();
    assert.deepEqual(done.body.registrationState.payload, [1, { deep: null }]);
    const identity = plane.hubs.identities.find("hub-key-hub-2", ID);
    assert.deepEqual([identity?.tags, identity?.desired], [{ from: "webhook" }, { b: 2 }]);
    const looked = await plane.ask("DeviceRegistrationState_Get", { params: { id: ID } });
    assert.deepEqual(looked.body.payload, [1, { deep: null }]);
  });

  it("falls back on the enrollment's twin", async () => {
    await enroll({ initialTwin: { tags: { from: "enrollment" } } });
    webhook.replies = [[200, { iotHubHostName: HUB_2, initialTwin: null, payload: null }]];
    const done = await provision();
    assert.deepEqual(plane.hubs.identities.find("hub-key-hub-2", ID)?.tags, { from: "enrollment" });
    assert.equal("payload" in done.body.registrationState, false);
  });

  const failures: readonly (readonly [string, WebhookReply, number, string])[] = [
    ["401", [401], 400209, "CustomAllocationUnauthorizedAccess"],
    ["no hub", [200, {}], 400208, "CustomAllocationIotHubNotSpecified"],
    ["an empty hub", [200, { iotHubHostName: "" }], 400208, "CustomAllocationIotHubNotSpecified"],
    ["null for a hub", [200, { iotHubHostName: null }], 400208, "CustomAllocationIotHubNotSpecified"],
    ["400", [400], 400207, "CustomAllocationFailed"],
    ["404", [404, { iotHubHostName: HUB_2 }], 400207, "CustomAllocationFailed"],
    ["300", [300, { iotHubHostName: HUB_2 }], 400207, "CustomAllocationFailed"],
    ["a redirection", [302], 400207, "CustomAllocationFailed"],
    ["no JSON", [200, "hub-2"], 400207, "CustomAllocationFailed"],
    [
      "a hub that is not linked",
      [200, { iotHubHostName: "hub-9.azure-devices.net" }],
      400207,
      "CustomAllocationFailed",
    ],
  ];
  for (const [what, reply, errorCode, errorMessage] of failures) {
    it(`fails with ${errorCode} when the webhook returns ${what}`, async () => {
      await enroll();
      webhook.replies = [reply];
      const done = await provision();
      assert.deepEqual([done.status, done.body.status], [200, "failed"]);
      const { registrationState: state } = done.body;
      assert.deepEqual([state.errorCode, state.errorMessage], [errorCode, errorMessage]);
      assert.equal(state.assignedHub, undefined);
      assert.equal(webhook.calls.length, 1, "asked once");
      assert.deepEqual(plane.hubs.identities.count("hub-key-hub-1").total, 0);
    });
  }

  it("asks again after 429 and above, ten times", async () => {
    await enroll();
    webhook.replies = [[429], [500], [503], [200, { iotHubHostName: HUB_2 }]];
    assert.equal((await provision()).body.registrationState.assignedHub, HUB_2);
    assert.equal(webhook.calls.length, 4);
    webhook.replies = [[503]];
    const done = await provision();
    assert.equal(done.body.registrationState.errorCode, 400207);
    assert.equal(webhook.calls.length, 4 + 11);
  });

  it("gives up on a webhook that is silent, or not there", async () => {
    // Counted here: on a busy machine some of them are given up before the webhook has heard them.
    let given = 0;
    const impatient = postJson(20);
    open((url, body) => {
      given += 1;
      return impatient(url, body);
    });
    await enroll();
    webhook.replies = ["silence"];
    assert.equal((await provision()).body.registrationState.errorCode, 400207);
    assert.equal(given, 11);
    await webhook.close();
    assert.equal((await provision()).body.registrationState.errorCode, 400207);
    webhook = await Webhook.open();
  });

  it("reads a response of one megabyte, and refuses a larger one", async () => {
    const response = (bytes: number) => {
      webhook.replies = [[200, "x".repeat(bytes)]];
      return postJson()(webhook.url.replace("http:", "HTTP:"), {});
    };
    assert.equal((await response(1024 * 1024)).text.length, 1024 * 1024);
    await assert.rejects(response(1024 * 1024 + 1), /exceeded max size/);
  });

  it("keeps nothing for a service that was removed while its webhook thought", async () => {
    let response: ((result: { status: number; text: string }) => void) | undefined;
    open(() => new Promise((done) => (response = done)));
    await enroll();
    await register();
    const before = plane.contents();
    plane.directory.service = { ...plane.directory.service, key: "dps-key-2" };
    response?.({ status: 200, text: JSON.stringify({ iotHubHostName: HUB_2 }) });
    for (let turn = 0; turn < 5; turn += 1) await new Promise((done) => setImmediate(done));
    assert.equal(plane.contents(), before);
  });

  it("keeps the place of a device whose next registration fails", async () => {
    await enroll();
    webhook.replies = [[200, { iotHubHostName: HUB_2 }]];
    await provision();
    webhook.replies = [[401]];
    assert.equal((await provision()).body.status, "failed");
    assert.ok(plane.hubs.identities.find("hub-key-hub-2", ID));
    webhook.replies = [[200, { iotHubHostName: "hub-1.azure-devices.net" }]];
    assert.equal((await provision()).body.registrationState.substatus, "deviceDataMigrated");
    assert.equal(plane.hubs.identities.find("hub-key-hub-2", ID), undefined);
    webhook.replies = [[401]];
    await provision();
    webhook.replies = [[200, { iotHubHostName: "hub-1.azure-devices.net" }]];
    assert.equal((await provision()).body.registrationState.substatus, "deviceDataMigrated", "how it came there");
  });

  it("does not ask when the device stays where it is", async () => {
    await enroll({ reprovisionPolicy: { updateHubAssignment: false, migrateDeviceData: false } });
    webhook.replies = [[200, { iotHubHostName: HUB_2 }]];
    await provision();
    assert.equal((await provision()).body.registrationState.assignedHub, HUB_2);
    assert.equal(webhook.calls.length, 1);
  });

  it("calls the webhook again with the device's payload after a restart", async () => {
    let given: (() => void) | undefined;
    const first = new Promise<void>((done) => {
      given = done;
    });
    // The process of this plane never comes back from its webhook.
    open(() => {
      given?.();
      return new Promise(() => undefined);
    });
    await enroll();
    const begun = await register({ payload: { model: "m-1" } });
    await first;
    const still = await poll(begun.body.operationId);
    assert.deepEqual([still.status, still.body.status], [202, "assigning"]);
    const next = new DataPlane({ database: plane.database });
    next.directory.service = plane.directory.service;
    plane = next;
    webhook.replies = [[200, { iotHubHostName: HUB_2 }]];
    assert.equal((await outcome(begun.body.operationId)).body.registrationState.assignedHub, HUB_2);
    assert.deepEqual(webhook.calls[0]?.body.deviceRuntimeContext.payload, { model: "m-1" });
  });

  it("refuses an enrollment without a webhook, or with no URL of one", async () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [undefined, /webhookUrl is no http or https URL; customAllocationDefinition.apiVersion is missing/],
      [{ webhookUrl: "ftp://a/b", apiVersion: "2021-10-01" }, /webhookUrl is no http or https URL/],
      [{ webhookUrl: "a b", apiVersion: "2021-10-01" }, /webhookUrl is no http or https URL/],
      [{ webhookUrl: webhook.url }, /apiVersion is missing/],
    ];
    const before = plane.contents();
    for (const [customAllocationDefinition, message] of wrong) {
      const result = await enroll({ customAllocationDefinition });
      assert.deepEqual([result.status, result.body.errorCode], [400, 400004]);
      assert.match(result.body.message, message);
    }
    assert.equal(plane.contents(), before);
  });
});
