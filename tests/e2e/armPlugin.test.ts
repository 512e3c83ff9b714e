import assert from "node:assert/strict";
import { type AzureClient, azureClient, type WireResponse } from "../cast/azureClient";
import { newHierarchy } from "../cast/certs";
import { startTestAzure, type TestAzure } from "../cast/localAzure";

/*
 * Every request sequence of the azure-native plugin and the response that it needs, as observed:
 * existence check, PUT, polling in both styles, read-back, deletes, and the errors it acts on.
 */
const GROUP = "/resourcegroups/rg-plugin";
const HUB = `${GROUP}/providers/Microsoft.Devices/IotHubs/hub-plugin`;
const DPS = `${GROUP}/providers/Microsoft.Devices/provisioningServices/dps-plugin`;
const PLACE = { location: "westeurope", sku: { name: "S1", capacity: 1 } };

const errorOf = (response: WireResponse) => (response.body as { error: { code: string; message: string } }).error;
const propertiesOf = (response: WireResponse) => (response.body as { properties: Record<string, unknown> }).properties;

describe("the azure-native plugin's requests", () => {
  let azure: TestAzure;
  let client: AzureClient;

  before(async () => {
    azure = await startTestAzure();
    client = azureClient(azure.ready);
    await client.arm("PUT", GROUP, { body: { location: "westeurope" } });
  });

  after(async () => {
    await client.close();
    await azure.close();
  });

  const setFaults = (faults: readonly object[]) => azure.control("POST", "/faults", { faults });

  /** Create as the plugin does it: existence check, PUT, polls, read-back. */
  async function create(path: string, body: object): Promise<WireResponse> {
    const check = await client.arm("GET", path);
    assert.deepEqual([check.status, errorOf(check).code], [404, "ResourceNotFound"]);
    const put = await client.arm("PUT", path, { body });
    assert.equal(put.status, 201);
    assert.equal(propertiesOf(put).provisioningState, "Accepted");
    const poll = await client.send("GET", String(put.headers["azure-asyncoperation"]));
    assert.deepEqual([poll.status, (poll.body as { status: string }).status], [200, "Succeeded"]);
    const read = await client.arm("GET", path);
    assert.deepEqual([read.status, propertiesOf(read).provisioningState], [200, "Succeeded"]);
    return read;
  }

  it("signs in the way MSAL Go does: instance discovery, configuration with a bare '?', token", async () => {
    const login = "https://login.microsoftonline.com";
    const { tenantId } = azure.ready;
    const endpoint = encodeURIComponent(`${login}/${tenantId}/oauth2/v2.0/authorize`);
    const instance = await client.send(
      "GET",
      `${login}/common/discovery/instance?api-version=1.1&authorization_endpoint=${endpoint}`,
      { bearer: null },
    );
    assert.equal(instance.status, 200);
    const configuration = await client.send("GET", `${login}/${tenantId}/v2.0/.well-known/openid-configuration?`, {
      bearer: null,
    });
    const found = configuration.body as Record<string, string>;
    assert.equal(found.issuer, `${login}/${tenantId}/v2.0`);
    assert.equal(found.token_endpoint, `${login}/${tenantId}/oauth2/v2.0/token`);
    assert.equal(found.authorization_endpoint, `${login}/${tenantId}/oauth2/v2.0/authorize`);
    const token = await client.token("https://management.core.windows.net//.default openid offline_access profile");
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    assert.equal(claims.aud, "https://management.core.windows.net/");
    assert.equal(claims.iss, `https://sts.windows.net/${tenantId}/`);
    assert.deepEqual(
      [claims.oid, claims.appid, claims.tid],
      [azure.ready.objectId, azure.ready.clientId, azure.ready.tenantId],
    );
    const response = await client.arm("GET", GROUP, { bearer: token });
    assert.equal(response.status, 200);
  });

  it("finds the location of the group, whatever the letter case of the path", async () => {
    const response = await client.arm("GET", "/resourceGroups/RG-Plugin");
    assert.equal((response.body as { location: string }).location, "westeurope");
  });

  it("creates hub and provisioning service, polled by Azure-AsyncOperation, and reads them back", async () => {
    const hub = await create(HUB, PLACE);
    assert.equal(propertiesOf(hub).hostName, "hub-plugin.azure-devices.net");
    const keys = await client.arm("POST", `${HUB}/IotHubKeys/iothubowner/listkeys`, { body: {} });
    const { primaryKey } = keys.body as { primaryKey: string };
    const connectionString = `HostName=hub-plugin.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=${primaryKey}`;
    const dps = await create(DPS, {
      ...PLACE,
      properties: { iotHubs: [{ connectionString, location: "westeurope" }], allocationPolicy: "Hashed" },
    });
    assert.match(String(propertiesOf(dps).idScope), /^0ne[0-9A-F]{8}$/);
    const one = await client.arm("POST", `${DPS}/keys/provisioningserviceowner/listkeys`, { body: {} });
    assert.equal(one.status, 200);
    assert.equal((await client.arm("POST", `${DPS}/listkeys`, { body: {} })).status, 200);
  });

  it("updates with PUT, polls and a read-back, and keeps keys and ID scope", async () => {
    const before = await client.arm("GET", DPS);
    const keys = await client.arm("POST", `${DPS}/listkeys`, { body: {} });
    const put = await client.arm("PUT", DPS, {
      body: { ...PLACE, tags: { a: "b" }, properties: { ...propertiesOf(before), allocationPolicy: "GeoLatency" } },
    });
    assert.equal(put.status, 201);
    const after = await client.arm("GET", DPS);
    assert.deepEqual((after.body as { tags: unknown }).tags, { a: "b" });
    assert.equal(propertiesOf(after).allocationPolicy, "GeoLatency");
    assert.equal(propertiesOf(after).idScope, propertiesOf(before).idScope);
    assert.deepEqual((await client.arm("POST", `${DPS}/listkeys`, { body: {} })).body, keys.body);
  });

  it("refuses a name in use in another group with 409, as of a second stack", async () => {
    await client.arm("PUT", "/resourcegroups/rg-other", { body: { location: "westeurope" } });
    const other = HUB.replace("rg-plugin", "rg-other");
    const response = await client.arm("PUT", other, { body: PLACE });
    assert.equal(response.status, 409);
    const body = response.body as { code: number; message: string };
    assert.equal(body.code, 409004);
    assert.match(body.message, /^IotHub name 'hub-plugin' is not available\./);
  });

  it("refuses an uploaded certificate's second PUT without If-Match with 412", async () => {
    const path = `${DPS}/certificates/root`;
    const { root } = await newHierarchy();
    const body = { properties: { certificate: Buffer.from(root.certificate.toPem()).toString("base64") } };
    assert.equal((await client.arm("GET", path)).status, 404);
    assert.equal((await client.arm("PUT", path, { body })).status, 200);
    const again = await client.arm("PUT", path, { body });
    assert.deepEqual([again.status, (again.body as { code: number }).code], [412, 412001]);
    const drop = await client.arm("DELETE", path);
    assert.equal(drop.status, 412);
    assert.equal((await client.arm("GET", path)).status, 200);
  });

  it("gets a new token after a 401 with a claims challenge, and continues with it", async () => {
    const challenge = 'Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="';
    await setFaults([
      {
        service: "arm",
        operation: "IotHubResource_Get",
        status: 401,
        headers: { "www-authenticate": challenge },
        body: { error: { code: "InvalidAuthenticationToken", message: "Continuous access evaluation" } },
      },
    ]);
    const refused = await client.arm("GET", HUB);
    assert.equal(refused.status, 401);
    assert.equal(refused.headers["www-authenticate"], challenge);
    const token = await client.token("https://management.azure.com/.default");
    assert.equal((await client.arm("GET", HUB, { bearer: token })).status, 200);
  });

  it("sends 429 with Retry-After and 409 AnotherOperationInProgress as often as they were injected", async () => {
    const throttled = { error: { code: "TooManyRequests", message: "Slow down." } };
    const busy = { error: { code: "AnotherOperationInProgress", message: "Wait." } };
    await setFaults([
      { service: "arm", status: 429, headers: { "retry-after": "7" }, body: throttled, times: 2 },
      { service: "arm", status: 409, body: busy },
    ]);
    const responses = [];
    for (let turn = 0; turn < 4; turn += 1) responses.push(await client.arm("GET", HUB));
    assert.deepEqual(
      responses.map(({ status }) => status),
      [429, 429, 409, 200],
    );
    assert.equal(responses[0]?.headers["retry-after"], "7");
    assert.equal(errorOf(responses[2] as WireResponse).code, "AnotherOperationInProgress");
  });

  it("registers the provider after 409 MissingSubscriptionRegistration", async () => {
    const register = await client.arm("POST", "/providers/Microsoft.Devices/register");
    assert.equal(register.status, 200);
    const state = await client.arm("GET", "/providers/Microsoft.Devices");
    assert.equal((state.body as { registrationState: string }).registrationState, "Registered");
  });

  it("runs operations as long as Azure by a switch, and serves both polling styles", async () => {
    await azure.control("POST", "/settings", { realDelays: true });
    try {
      const put = await client.arm("PUT", DPS, { body: PLACE });
      assert.equal(put.headers["retry-after"], "1");
      const status = String(put.headers["azure-asyncoperation"]);
      assert.equal(((await client.send("GET", status)).body as { status: string }).status, "Running");
      const busy = await client.arm("PUT", DPS, { body: PLACE });
      assert.deepEqual([busy.status, (busy.body as { code: number }).code], [409, 409002]);
      await azure.control("POST", "/clock", { offsetSeconds: 10 });
      assert.equal(((await client.send("GET", status)).body as { status: string }).status, "Succeeded");

      const drop = await client.arm("DELETE", DPS);
      assert.equal(drop.status, 202);
      const location = String(drop.headers.location);
      const running = await client.send("GET", location);
      assert.deepEqual([running.status, running.headers["retry-after"]], [202, "1"]);
      assert.equal(propertiesOf(await client.arm("GET", DPS)).state, "Deleting");
      await azure.control("POST", "/clock", { offsetSeconds: 20 });
      assert.equal((await client.send("GET", location)).status, 200);
      assert.equal((await client.arm("GET", DPS)).status, 404);
    } finally {
      await azure.control("POST", "/settings", { realDelays: false });
      await azure.control("POST", "/clock", { offsetSeconds: 0 });
    }
  });

  it("deletes: 202 with a polling URL, 204 for a deleted resource, and a group with everything in it", async () => {
    await client.arm("PUT", DPS, { body: PLACE });
    const drop = await client.arm("DELETE", HUB);
    assert.equal(drop.status, 202);
    const poll = await client.send("GET", String(drop.headers["azure-asyncoperation"]));
    assert.equal((poll.body as { status: string }).status, "Succeeded");
    assert.equal((await client.arm("DELETE", HUB)).status, 204);
    const group = await client.arm("DELETE", GROUP);
    assert.equal(group.status, 202);
    assert.equal((await client.send("GET", String(group.headers.location))).status, 200);
    const after = await client.arm("GET", DPS);
    assert.deepEqual([after.status, errorOf(after).code], [404, "ResourceGroupNotFound"]);
    const list = await client.arm("GET", "/providers/Microsoft.Devices/provisioningServices");
    assert.deepEqual(list.body, { value: [] });
  });
});
