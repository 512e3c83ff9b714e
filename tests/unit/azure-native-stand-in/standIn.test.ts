import { strict as assert } from "node:assert";
import { FinalError } from "../../../azure-native-stand-in/arm/armTransport";
import { StandIn } from "../../../azure-native-stand-in/standIn";
import { type Properties, UNKNOWN } from "../../../plugin-protocol/propertyValue";
import { ResourceInitFailedError } from "../../../plugin-protocol/resourceProvider";
import { ScriptedArm, type ScriptedResponse } from "../../cast/scriptedArm";

const urn = (token: string, name = "hub") => `urn:pulumi:dev::p::${token}::${name}`;
const HUB = urn("azure-native:iothub:IotHubResource");
const GROUP = urn("azure-native:resources:ResourceGroup", "group");
const CERTIFICATE = urn("azure-native:deviceprovisioningservices:DpsCertificate", "root");
const hub: Properties = { resourceGroupName: "g", resourceName: "h", location: "westeurope", sku: { name: "S1" } };
const HUB_PATH = "/resourceGroups/g/providers/Microsoft.Devices/IotHubs/h";
const HUB_ID = `/subscriptions/s1${HUB_PATH}`;
const made: ScriptedResponse = {
  status: 200,
  body: {
    id: HUB_ID,
    name: "h",
    sku: { name: "S1" },
    properties: { hostName: "h.azure-devices.net", provisioningState: "Succeeded" },
  },
};
const seed = Buffer.from("seed");

const LOCAL = { ARM_SUBSCRIPTION_ID: "s1", ZERO_TOUCH_CLOUD: "local" };

function standIn(lines: ScriptedResponse[] = [], environment: NodeJS.ProcessEnv = LOCAL) {
  const arm = new ScriptedArm(lines);
  const complaints: string[] = [];
  const claims = Buffer.from(JSON.stringify({ oid: "o", appid: "a", tid: "t" })).toString("base64url");
  const provider = new StandIn({
    environment,
    transport: () => ({
      send: (request) => arm.send(request),
      token: async () => ({ token: `e30.${claims}.x`, expiresOnTimestamp: 0 }),
    }),
    pause: async (milliseconds) => void arm.pauses.push(milliseconds),
    complain: (text) => complaints.push(text),
  });
  return { provider, arm, complaints };
}

describe("handshake", () => {
  it("refuses to start when the shell points at a stopped local Azure, and says how to start it", async () => {
    const control = "http://127.0.0.1:9";
    const { provider, complaints } = standIn([], { ...LOCAL, ZERO_TOUCH_LOCAL_CONTROL: control });
    await assert.rejects(provider.handshake(), ({ message }: Error) => {
      assert.ok(message.startsWith(`\nThe local Azure is not running at ${control}, `), message);
      assert.match(message, /To fix: run `npm run local -- start`/);
      assert.deepEqual(complaints, [`\nIt is no bug here. ${message.trim()}`]);
      return true;
    });
  });

  it("starts when the shell points at none", async () => {
    const { provider, complaints } = standIn([], LOCAL);
    await provider.handshake();
    assert.deepEqual(complaints, []);
  });
});

describe("check", () => {
  const checked = async (
    token: string,
    inputs: Properties,
    former: Properties = {},
    lines: ScriptedResponse[] = [],
  ) => {
    const { provider, arm } = standIn(lines);
    return { ...(await provider.check(token, former, inputs, seed)), sequence: arm.sequence };
  };

  it("refuses an unknown token, and lists the known ones", async () => {
    const { failures } = await checked(urn("azure-native:storage:Queue"), {});
    assert.match(
      failures[0]?.reason ?? "",
      /^azure-native:storage:Queue is no resource type of the stand-in.*genuine.*azure-native:iothub:IotHubResource/,
    );
  });

  it("names all failures at once and sends no request then", async () => {
    const { failures, sequence } = await checked(HUB, { resourceGroupName: "g", bogus: 1 });
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["bogus", "sku"],
    );
    assert.deepEqual(sequence, []);
  });

  it("chooses a name, and uses the resource group's location", async () => {
    const { inputs, failures, sequence } = await checked(HUB, { resourceGroupName: "g", sku: { name: "S1" } }, {}, [
      { status: 200, body: { location: "northeurope" } },
    ]);
    assert.deepEqual(failures, []);
    assert.match(String(inputs.resourceName), /^hub[0-9a-f]{8}$/);
    assert.equal(inputs.__createBeforeDelete, true);
    assert.equal(inputs.location, "northeurope");
    assert.deepEqual(sequence, ["GET /resourceGroups/g"]);
  });

  it("keeps the name and location of the last run without a request", async () => {
    const { inputs, sequence } = await checked(HUB, { resourceGroupName: "g", sku: { name: "S1" } }, hub);
    assert.deepEqual(inputs, hub);
    assert.deepEqual(sequence, []);
    const random = await checked(
      HUB,
      { resourceGroupName: "g", sku: { name: "S1" } },
      { ...hub, __createBeforeDelete: true },
    );
    assert.deepEqual(random.inputs, { ...hub, __createBeforeDelete: true });
  });

  it("checks names against the specification's patterns in a preview", async () => {
    const named = async (token: string, name: string, value: string) =>
      (await checked(urn(token), { [name]: value })).failures
        .map(({ reason }) => reason)
        .filter((reason) => reason.includes("match"));
    for (const [token, name, right, wrong] of [
      ["resources:ResourceGroup", "resourceGroupName", "rg-1.a_(b)", "rg 1"],
      ["keyvault:Vault", "vaultName", "kv-1", "kv_1"],
      ["keyvault:Secret", "secretName", "s-1", "s.1"],
      ["keyvault:Key", "keyName", "k-1", "k.1"],
    ] as const) {
      assert.deepEqual(await named(`azure-native:${token}`, name, right), [], name);
      assert.match(
        (await named(`azure-native:${token}`, name, wrong)).join(),
        new RegExp(`^'${name}' does not match expression`),
      );
    }
    const long = await checked(GROUP, { resourceGroupName: "g".repeat(91), location: "westeurope" });
    assert.match(long.failures[0]?.reason ?? "", /too long \(91\): at most 90 characters/);
  });

  it("requests the location again for another resource group", async () => {
    const { inputs } = await checked(HUB, { resourceGroupName: "g2", sku: { name: "S1" } }, hub, [
      { status: 200, body: { location: "eastus" } },
    ]);
    assert.equal(inputs.location, "eastus");
  });

  it("leaves the location unknown with an unknown resource group, and requires it with one that does not exist", async () => {
    const unknown = await checked(HUB, { resourceGroupName: UNKNOWN, sku: { name: "S1" } });
    assert.equal(unknown.inputs.location, UNKNOWN);
    const absent = await checked(HUB, { resourceGroupName: "g", sku: { name: "S1" } }, {}, [{ status: 404 }]);
    assert.equal("location" in absent.inputs, false);
    assert.match(absent.failures[0]?.reason ?? "", /missing required property 'location'.*Either set it explicitly/);
  });

  it("requests a resource group's location once for all its resources", async () => {
    const { provider, arm } = standIn([{ status: 200, body: { location: "westeurope" } }]);
    const inputs = { resourceGroupName: "g", sku: { name: "S1" } };
    await Promise.all([
      provider.check(HUB, {}, inputs, seed),
      provider.check(HUB, {}, { ...inputs, resourceGroupName: "G" }, seed),
    ]);
    assert.deepEqual(arm.sequence, ["GET /resourceGroups/g"]);
  });

  it("prefers the configured location, and requires one for a resource group", async () => {
    const { provider } = standIn();
    const without = await provider.check(GROUP, {}, {}, seed);
    assert.deepEqual(
      without.failures.map(({ property }) => property),
      ["location"],
    );
    assert.match(without.failures[0]?.reason ?? "", /pulumi config set azure-native:location/);
    provider.configure({ location: "eastus" });
    assert.equal((await provider.check(GROUP, {}, {}, seed)).inputs.location, "eastus");
    assert.equal(
      (await provider.check(HUB, {}, { resourceGroupName: "g", sku: { name: "S1" } }, seed)).inputs.location,
      "eastus",
    );
  });

  it("gives a child its logical name, and says so when automatic names are off", async () => {
    const inputs = { resourceGroupName: "g", provisioningServiceName: "d" };
    assert.equal((await checked(CERTIFICATE, inputs)).inputs.certificateName, "root");
    const off = await standIn().provider.check(CERTIFICATE, {}, inputs, seed, { proposedName: "", mode: "disable" });
    assert.deepEqual(
      off.failures.map(({ property }) => property),
      ["certificateName"],
    );
  });
});

describe("configuration", () => {
  it("refuses unsupported settings", () => {
    const failures = standIn().provider.checkConfig({
      location: "eastus",
      version: "3.28.0",
      auxiliaryTenantIds: "true",
    });
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["auxiliaryTenantIds"],
    );
  });

  it("refuses to be configured outside the local mode", () => {
    for (const environment of [{}, { ZERO_TOUCH_CLOUD: "public" }]) {
      const { provider } = standIn([], environment);
      assert.throws(() => provider.checkConfig({}), /ZERO_TOUCH_CLOUD is not 'local'/);
      assert.throws(() => provider.configure({}), /ZERO_TOUCH_CLOUD is not 'local'/);
    }
  });

  it("says what is missing in the environment, and what to run", async () => {
    const { provider } = standIn([], {});
    await assert.rejects(provider.create(HUB, hub, false, 0), {
      message: /^ARM_SUBSCRIPTION_ID not set; run: .*npm run -s env/,
    });
  });
});

describe("create", () => {
  it("sends no request in a preview", async () => {
    const { provider, arm } = standIn();
    const { id, outputs } = await provider.create(HUB, hub, true, 0);
    assert.equal(id, "");
    assert.equal(outputs.name, UNKNOWN);
    assert.deepEqual(arm.sequence, []);
  });

  it("sends GET, PUT, polls, GET, without If-Match, and uses Azure's own spelling of the ID", async () => {
    const headers = { "azure-asyncoperation": "https://management.azure.com/subscriptions/s1/operation" };
    const { provider, arm } = standIn([
      { status: 404 },
      { status: 201, headers },
      { status: 200, body: { status: "Succeeded" } },
      made,
    ]);
    const { id, outputs } = await provider.create(HUB, hub, false, 0);
    assert.deepEqual(arm.sequence, [`GET ${HUB_PATH}`, `PUT ${HUB_PATH}`, "GET /operation", `GET ${HUB_PATH}`]);
    assert.deepEqual(arm.requests[1], {
      method: "PUT",
      url: `https://management.azure.com${HUB_ID}?api-version=2023-06-30`,
      body: { location: "westeurope", sku: { name: "S1" } },
    });
    assert.equal(id, HUB_ID);
    assert.equal((outputs.properties as Properties).hostName, "h.azure-devices.net");
    assert.deepEqual(arm.pauses, []);
  });

  it("refuses a resource that exists already", async () => {
    const { provider, arm } = standIn([made]);
    await assert.rejects(provider.create(HUB, hub, false, 0), {
      message: `cannot create already existing resource '${HUB_ID}'`,
    });
    assert.equal(arm.requests.length, 1);
  });

  it("stores nothing when the PUT is refused", async () => {
    const refused: ScriptedResponse = { status: 400, body: { code: 400305, message: "bad name" } };
    const { provider } = standIn([{ status: 404 }, refused]);
    await assert.rejects(provider.create(HUB, hub, false, 0), {
      name: "ArmError",
      message: 'Status=400 Message="{"code":400305,"message":"bad name"}"',
    });
  });

  it("stores a resource that was accepted and then failed", async () => {
    const headers = { "azure-asyncoperation": "https://management.azure.com/subscriptions/s1/operation" };
    const failed: ScriptedResponse = { status: 200, body: { status: "Failed", error: { code: "X", message: "no" } } };
    const { provider } = standIn([{ status: 404 }, { status: 201, headers }, failed, made]);
    await assert.rejects(provider.create(HUB, hub, false, 0), (error) => {
      assert.ok(error instanceof ResourceInitFailedError);
      assert.equal(error.message, 'Status=200 Code="X" Message="no"');
      assert.equal(error.state.id, HUB_ID);
      assert.equal(error.state.outputs.name, "h");
      return true;
    });
  });

  it("stores a resource whose PUT got no response, which Azure may have executed", async () => {
    const { provider } = standIn([{ status: 404 }, new FinalError("reset")]);
    await assert.rejects(provider.create(HUB, hub, false, 0), (error) => {
      assert.ok(error instanceof ResourceInitFailedError);
      assert.deepEqual([error.message, error.state], ["reset", { id: HUB_ID, outputs: {} }]);
      return true;
    });
    // The next run: an update, whether or not it exists.
    const next = standIn([made, made]);
    await next.provider.update(HUB, HUB_ID, hub, {}, false, 0);
    assert.deepEqual(next.arm.sequence, [`PUT ${HUB_PATH}`, `GET ${HUB_PATH}`]);
  });

  it("stores nothing of a resource that failed and does not exist", async () => {
    const headers = { "azure-asyncoperation": "https://management.azure.com/subscriptions/s1/operation" };
    const { provider } = standIn([
      { status: 404 },
      { status: 201, headers },
      { status: 200, body: { status: "Failed" } },
      { status: 404 },
    ]);
    await assert.rejects(provider.create(HUB, hub, false, 0), { name: "ArmError", code: "Failed" });
  });

  it("fails when the read after the write fails, and keeps the resource in the state", async () => {
    const refused: ScriptedResponse = { status: 403, body: { error: { code: "AuthorizationFailed", message: "m" } } };
    for (const write of ["create", "update"] as const) {
      const before: ScriptedResponse[] = write === "create" ? [{ status: 404 }] : [];
      const { provider } = standIn([...before, made, refused, refused]);
      const work =
        write === "create" ? provider.create(HUB, hub, false, 0) : provider.update(HUB, HUB_ID, hub, {}, false, 0);
      await assert.rejects(work, (error) => {
        assert.ok(error instanceof ResourceInitFailedError);
        assert.match(error.message, /^Status=403 Code="AuthorizationFailed"/);
        assert.deepEqual([error.state.id, error.state.outputs.name], [HUB_ID, "h"]);
        return true;
      });
    }
  });

  it("sends a vault's access policies as none at a create, and as they are at an update that leaves them out", async () => {
    const vault = urn("azure-native:keyvault:Vault", "vault");
    const id = "/subscriptions/s1/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v1";
    const inputs = {
      resourceGroupName: "g",
      vaultName: "v1",
      location: "westeurope",
      properties: { enableSoftDelete: true },
    };
    const policies = [{ objectId: "o", tenantId: "t", permissions: { keys: ["get"] } }];
    const found: ScriptedResponse = { status: 200, body: { id, name: "v1", properties: { accessPolicies: policies } } };
    const sent = ({ arm }: ReturnType<typeof standIn>) =>
      arm.requests.filter(({ method }) => method === "PUT").map(({ body }) => (body as Properties).properties);
    const created = standIn([{ status: 404 }, found, found]);
    await created.provider.create(vault, inputs, false, 0);
    assert.deepEqual(sent(created), [{ enableSoftDelete: true, accessPolicies: [] }]);
    const updated = standIn([found, found, found]);
    await updated.provider.update(vault, id, inputs, {}, false, 0);
    assert.deepEqual(sent(updated), [{ enableSoftDelete: true, accessPolicies: policies }]);
    const given = standIn([found, found]);
    await given.provider.update(vault, id, { ...inputs, properties: { accessPolicies: [] } }, {}, false, 0);
    assert.deepEqual(sent(given), [{ accessPolicies: [] }]);
    const refreshed = await standIn([found]).provider.read(vault, id, inputs, { properties: { accessPolicies: [] } });
    assert.deepEqual(refreshed?.inputs, inputs, "left out of the inputs at a refresh");
    const owned = { ...inputs, properties: { accessPolicies: [] } };
    const drift = await standIn([found]).provider.read(vault, id, owned, { properties: { accessPolicies: [] } });
    assert.deepEqual(drift?.inputs.properties, { accessPolicies: policies });
  });
});

describe("update, read and delete", () => {
  it("updates with PUT and GET, and keeps name and location in a preview", async () => {
    const { provider, arm } = standIn([made, made]);
    await provider.update(HUB, HUB_ID, hub, {}, false, 0);
    assert.deepEqual(arm.sequence, [`PUT ${HUB_PATH}`, `GET ${HUB_PATH}`]);
    const { outputs } = await provider.update(
      HUB,
      HUB_ID,
      { ...hub, location: UNKNOWN },
      { name: "h", location: "westeurope" },
      true,
      0,
    );
    assert.deepEqual([outputs.name, outputs.location, outputs.etag], ["h", "westeurope", UNKNOWN]);
  });

  it("refreshes with one GET and shows drift in the inputs", async () => {
    const body = { id: HUB_ID, name: "h", location: "West Europe", sku: { name: "S2", tier: "Standard" }, tags: {} };
    const { provider, arm } = standIn([{ status: 200, body }]);
    const state = { location: "westeurope", sku: { name: "S1", tier: "Standard" } };
    const found = await provider.read(HUB, HUB_ID, { ...hub, tags: { a: "b" } }, state);
    assert.deepEqual(found?.inputs, { ...hub, sku: { name: "S2" }, tags: { a: "b" } });
    assert.deepEqual(arm.sequence, [`GET ${HUB_PATH}`]);
  });

  it("removes a resource that no longer exists", async () => {
    assert.equal(await standIn([{ status: 404 }]).provider.read(HUB, HUB_ID, hub, {}), undefined);
  });

  it("imports by id alone", async () => {
    const { provider } = standIn([made]);
    const found = await provider.read(HUB, HUB_ID, {}, {});
    assert.deepEqual(found?.inputs, { resourceGroupName: "g", resourceName: "h", sku: { name: "S1" } });
    const typed = HUB_ID.replace("resourceGroups/g", "resourcegroups/G");
    assert.equal((await standIn([made]).provider.read(HUB, typed, {}, {}))?.id, typed, "the ID keeps its letter case");
    await assert.rejects(
      standIn().provider.read(HUB, "/nonsense", {}, {}),
      /'\/nonsense' is no id of azure-native:iothub:IotHubResource/,
    );
  });

  it("deletes, polls to the end, and treats 404 as success", async () => {
    const headers = { location: "https://management.azure.com/subscriptions/s1/operation" };
    const { provider, arm } = standIn([{ status: 202, headers }, { status: 204 }]);
    await provider.remove(HUB, HUB_ID, 0);
    assert.deepEqual(arm.sequence, [`DELETE ${HUB_PATH}`, "GET /operation"]);
    await standIn([{ status: 404 }]).provider.remove(HUB, HUB_ID, 0);
    await assert.rejects(
      standIn([{ status: 409, body: { error: { code: "Conflict", message: "m" } } }]).provider.remove(HUB, HUB_ID, 0),
      { code: "Conflict" },
    );
  });

  it("deletes a secret in its vault's data plane, for ARM has no DELETE for it", async () => {
    const { provider, arm } = standIn([{ status: 200, body: { recoveryId: "r" } }]);
    const id = "/subscriptions/s1/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v1/secrets/s";
    await provider.remove(urn("azure-native:keyvault:Secret", "secret"), id, 0);
    assert.deepEqual(
      arm.requests.map(({ method, url }) => `${method} ${url}`),
      ["DELETE https://v1.vault.azure.net/secrets/s?api-version=7.6"],
    );
  });
});

describe("functions", () => {
  it("list keys by POST with an empty object, keys plain", async () => {
    const { provider, arm } = standIn([{ status: 200, body: { keyName: "o", primaryKey: "p", rights: "r" } }]);
    const invoked = await provider.invoke("azure-native:iothub:listIotHubResourceKeysForKeyName", {
      resourceGroupName: "g",
      resourceName: "h",
      keyName: "o",
    });
    assert.deepEqual(invoked, { result: { keyName: "o", primaryKey: "p", rights: "r" } });
    assert.deepEqual(arm.requests[0], {
      method: "POST",
      url: `https://management.azure.com${HUB_ID}/IotHubKeys/o/listkeys?api-version=2023-06-30`,
      body: {},
    });
  });

  it("return the signed-in identity", async () => {
    const invoked = await standIn().provider.invoke("azure-native:authorization:getClientConfig", {});
    assert.deepEqual(invoked, { result: { clientId: "a", objectId: "o", subscriptionId: "s1", tenantId: "t" } });
  });

  it("get a resource by GET, as the SDK's class has it", async () => {
    const { provider, arm } = standIn([made]);
    const args = { resourceGroupName: "g", resourceName: "h" };
    const invoked = await provider.invoke("azure-native:iothub:getIotHubResource", args);
    assert.deepEqual(arm.sequence, [`GET ${HUB_PATH}`]);
    assert.deepEqual(invoked, {
      result: {
        azureApiVersion: "2023-06-30",
        id: HUB_ID,
        name: "h",
        properties: { hostName: "h.azure-devices.net", provisioningState: "Succeeded" },
        sku: { name: "S1" },
        type: "Microsoft.Devices/IotHubs",
      },
    });
  });

  it("send an optional argument in the query", async () => {
    const { provider, arm } = standIn([made]);
    const args = { scope: "/subscriptions/s1", roleAssignmentName: "r", tenantId: "t 1" };
    await provider.invoke("azure-native:authorization:getRoleAssignment", args);
    assert.equal(new URL(arm.requests[0]?.url ?? "").search, "?api-version=2022-04-01&tenantId=t%201");
  });

  it("name the path that failed", async () => {
    const missing: ScriptedResponse = { status: 404, body: { error: { code: "ResourceNotFound", message: "m" } } };
    const args = { resourceGroupName: "g", resourceName: "h", keyName: "o" };
    await assert.rejects(
      standIn([missing]).provider.invoke("azure-native:iothub:listIotHubResourceKeysForKeyName", args),
      {
        message: `request failed ${HUB_ID}/IotHubKeys/o/listkeys: Status=404 Code="ResourceNotFound" Message="m"`,
      },
    );
  });

  it("refuse unknown tokens and arguments", async () => {
    await assert.rejects(
      standIn().provider.invoke("azure-native:iothub:getCertificate", {}),
      /is no function of the stand-in/,
    );
    const invoked = await standIn().provider.invoke("azure-native:iothub:listIotHubResourceKeys", {
      resourceGroup: "g",
    });
    assert.ok("failures" in invoked);
    assert.deepEqual(
      invoked.failures.map(({ property }) => property),
      ["resourceGroup", "resourceGroupName", "resourceName"],
    );
  });
});
