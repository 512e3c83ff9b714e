import { strict as assert } from "node:assert";
import { createHmac } from "node:crypto";
import type { CurlResponse } from "../cast/curl";
import { DeviceEnvironment } from "../cast/deviceEnvironment";
import { startTestAzure } from "../cast/localAzure";
import { Webhook } from "../cast/webhook";

const KEY = Buffer.alloc(32, 9).toString("base64");
const sign = (key: string, text: string): string =>
  createHmac("sha256", Buffer.from(key, "base64")).update(text).digest("base64");

describe("a device with a symmetric key, over HTTPS with curl", function () {
  this.timeout(300_000);
  let environment: DeviceEnvironment;
  let webhook: Webhook;

  before(async () => {
    environment = await DeviceEnvironment.open(await startTestAzure());
    webhook = await Webhook.open();
  });

  after(async () => {
    await webhook?.close();
    await environment?.close();
  });

  /** A token made here by the documents' rule, not by the toolkit's own code. */
  function token(resource: string, key: string, policy = ""): string {
    const encoded = encodeURIComponent(resource);
    const expiry = Math.floor(Date.now() / 1000) + 3600;
    const signature = encodeURIComponent(sign(key, `${encoded}\n${expiry}`));
    return `SharedAccessSignature sr=${encoded}&sig=${signature}&se=${expiry}${policy && `&skn=${policy}`}`;
  }

  const call = (method: string, url: string, authorization: string, body?: unknown): Promise<CurlResponse> =>
    environment.curl(
      ...["-i", "-X", method, "-H", `Authorization: ${authorization}`, "-H", "Content-Type: application/json"],
      ...(body === undefined ? [] : ["-d", JSON.stringify(body)]),
      url,
    );

  async function register(id: string, key: string, payload?: unknown): Promise<CurlResponse> {
    const registration = `https://global.azure-devices-provisioning.net/${environment.idScope}/registrations/${id}`;
    const signed = token(`${environment.idScope}/registrations/${id}`, key, "registration");
    const version = "api-version=2021-06-01";
    const begun = await call("PUT", `${registration}/register?${version}`, signed, { registrationId: id, payload });
    if (begun.status !== 202) return begun;
    for (;;) {
      const { operationId } = begun.body;
      const response = await call("GET", `${registration}/operations/${operationId}?${version}`, signed);
      if (response.status !== 202) return response;
    }
  }

  const group = (id: string, more: object = {}) =>
    environment.service("PUT", `/enrollmentGroups/${id}`, {
      enrollmentGroupId: id,
      attestation: { type: "symmetricKey", symmetricKey: { primaryKey: KEY, secondaryKey: sign(KEY, id) } },
      ...more,
    });

  it("registers through a group with its derived key, and sends telemetry with it", async () => {
    await group("keys");
    const key = sign(KEY, "sensor-1");
    const done = await register("sensor-1", key);
    assert.deepEqual([done.status, done.body.status], [200, "assigned"]);
    assert.deepEqual(done.body.registrationState.symmetricKey, { enrollmentGroupId: "keys" });
    const device = `${environment.hubHost}/devices/sensor-1`;
    const send = (signed: string) =>
      call("POST", `https://${device}/messages/events?api-version=2020-03-13`, signed, { temperature: 21 });
    assert.equal((await send(token(device, key))).status, 204);
    const refused = await send(token(device, KEY));
    assert.deepEqual([refused.status, refused.headers["iothub-errorcode"]], [401, "IotHubUnauthorizedAccess"]);
    const { body } = await environment.azure.control("GET", "/hubs/test-hub/events?deviceId=sensor-1");
    const bodies = (body as { events: { body: unknown }[] }).events.map((event) => event.body);
    assert.deepEqual(bodies, [{ temperature: 21 }]);
  });

  it("is refused with another key, and nothing changes", async () => {
    await group("line-1");
    const before = await environment.contents();
    const refused = await register("sensor-2", KEY);
    assert.deepEqual([refused.status, refused.body.errorCode, refused.body.message], [401, 401002, "Unauthorized"]);
    assert.equal(await environment.contents(), before);
  });

  it("is assigned by a real webhook, with payloads in both directions and its twin", async () => {
    const made = await environment.service("PUT", "/enrollments/pump-7", {
      registrationId: "pump-7",
      attestation: { type: "symmetricKey", symmetricKey: { primaryKey: KEY } },
      allocationPolicy: "custom",
      customAllocationDefinition: { webhookUrl: webhook.url, apiVersion: "2021-10-01" },
    });
    assert.equal(made.status, 200);
    const initialTwin = { tags: { site: "north" }, properties: { desired: { interval: 5 } } };
    webhook.replies = [[503], [200, { iotHubHostName: environment.hubHost, initialTwin, payload: { hello: "pump" } }]];
    const done = await register("pump-7", KEY, { model: "m-1" });
    assert.deepEqual([done.body.status, done.body.registrationState.assignedHub], ["assigned", environment.hubHost]);
    assert.deepEqual(done.body.registrationState.payload, { hello: "pump" });
    assert.equal(webhook.calls.length, 2);
    assert.deepEqual(webhook.calls[1]?.body.deviceRuntimeContext.payload, { model: "m-1" });
    const twin = await environment.hub("GET", "/twins/pump-7");
    assert.deepEqual([twin.body.tags, twin.body.properties.desired.interval], [{ site: "north" }, 5]);
    webhook.replies = [[401]];
    const failed = await register("pump-7", KEY);
    assert.deepEqual([failed.status, failed.body.registrationState.errorCode], [200, 400209]);
  });

  it("moves when ARM takes its hub out of the allocation or unlinks it, and fails while a hub's key is not the linked one", async () => {
    const devices = `/subscriptions/${environment.azure.ready.subscriptionId}/resourceGroups/test-rg/providers/Microsoft.Devices`;
    const [first, second] = [`${devices}/IotHubs/test-hub`, `${devices}/IotHubs/second-hub`];
    const [location, sku] = ["westeurope", { name: "S1", capacity: 1 }];
    assert.equal((await environment.arm("PUT", second, "2023-06-30", { location, sku, properties: {} })).status, 201);
    const linkTo = async (hub: string, more: object = {}) => {
      const { body } = await environment.arm("POST", `${hub}/listkeys`, "2023-06-30");
      const { keyName, primaryKey } = body.value[0];
      const host = `${hub.split("/").at(-1)}.azure-devices.net`;
      return {
        connectionString: `HostName=${host};SharedAccessKeyName=${keyName};SharedAccessKey=${primaryKey}`,
        location,
        ...more,
      };
    };
    const link = async (...iotHubs: object[]) => {
      const dps = `${devices}/provisioningServices/test-dps`;
      const { status, text } = await environment.arm("PUT", dps, "2022-12-12", {
        location,
        sku,
        properties: { iotHubs },
      });
      assert.equal(status, 201, text);
    };
    await group("rovers");
    const registered = async () => {
      const { registrationState: state } = (await register("rover", sign(KEY, "rover"))).body;
      return [state.status, state.assignedHub?.split(".")[0] ?? state.errorMessage, state.substatus];
    };
    const isInFirst = async () => (await environment.hub("GET", "/devices/rover")).status === 200;
    assert.deepEqual(await registered(), ["assigned", "test-hub", "initialAssignment"]);
    await link(await linkTo(first, { applyAllocationPolicy: false }), await linkTo(second));
    assert.deepEqual(await registered(), ["assigned", "second-hub", "deviceDataMigrated"]);
    assert.equal(await isInFirst(), false);
    await link(await linkTo(first), await linkTo(second, { applyAllocationPolicy: false }));
    assert.deepEqual(await registered(), ["assigned", "test-hub", "reprovisionedToInitialAssignment"]);
    await link(await linkTo(second));
    assert.deepEqual(await registered(), ["assigned", "second-hub", "deviceDataReset"]);
    assert.equal(await isInFirst(), true, "DPS has no key of a hub that is not linked");
    const { body: hub } = await environment.arm("GET", second, "2023-06-30");
    const authorizationPolicies = [
      {
        keyName: "iothubowner",
        primaryKey: KEY,
        secondaryKey: KEY,
        rights: "RegistryWrite, ServiceConnect, DeviceConnect",
      },
    ];
    const rolled = { ...hub, properties: { ...hub.properties, authorizationPolicies } };
    assert.equal((await environment.arm("PUT", second, "2023-06-30", rolled)).status, 201);
    assert.deepEqual(await registered(), ["failed", "IotHubUnauthorizedAccess", undefined]);
    await link(await linkTo(second));
    assert.deepEqual(await registered(), ["assigned", "second-hub", "deviceDataReset"]);
    await link(await linkTo(first));
  });
});
