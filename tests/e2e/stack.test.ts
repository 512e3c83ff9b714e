import { strict as assert } from "node:assert";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { createSas } from "../../azure/sas";
import { type AzureClient, azureClient } from "../cast/azureClient";
import { changesIn, type EngineStep, stepsIn } from "../cast/engineEvents";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import type { Ended } from "../cast/pulumiProject";
import { StackProject } from "../cast/stackProject";

const ok = ({ code, output }: Ended): string => {
  assert.equal(code, 0, output);
  return output;
};

interface DeviceOutput {
  registrationId: string;
  deviceId: string;
  assignedHub: string;
  status: string;
  telemetry: { sent: { temperature: number }; accepted: number | string; at: string };
}

/** One stack from its creation to its end: the tests follow a user's order. */
describe("the dev stack on the local Azure, by the real engine", function () {
  this.timeout(300_000);
  let azure: TestAzure;
  let client: AzureClient;
  let project: StackProject;
  let outputs: Readonly<Record<string, unknown>>;
  let dpsToken: string;

  const dps = (path: string): string => `https://${String(outputs.serviceEndpoint)}${path}?api-version=2021-10-01`;
  const callDps = (method: string, path: string, more: { body?: unknown; headers?: Record<string, string> } = {}) =>
    client.send(method, dps(path), { bearer: dpsToken, ...more });

  /** An operation on the hub, or on what is below it. */
  const hubArm = (method: string, path: string) => {
    const group = `/resourceGroups/${String(outputs.resourceGroupName)}/providers/Microsoft.Devices`;
    return client.arm(method, `${group}/IotHubs/${String(outputs.hubName)}${path}`);
  };
  /** How the service is linked, and to which hubs. */
  const links = async () => {
    const { resourceGroupName, provisioningServiceName } = outputs;
    const path = `/resourceGroups/${String(resourceGroupName)}/providers/Microsoft.Devices/provisioningServices`;
    const response = await client.arm("GET", `${path}/${String(provisioningServiceName)}?api-version=2026-08-31`);
    const { iotHubs } = (response.body as { properties: { iotHubs: Record<string, unknown>[] } }).properties;
    return iotHubs.map(({ authenticationType, hostName }) => [authenticationType, hostName]);
  };

  before(async () => {
    azure = await startTestAzure();
    client = azureClient(azure.ready);
    project = await StackProject.create(azure.env);
    await project.attachProviders();
    dpsToken = await client.token("https://azure-devices-provisioning.net/.default");
  });

  after(async () => {
    project?.remove();
    await client?.close();
    await azure?.close();
  });

  /** Changes that Azure applies in place, and the properties that they change. */
  const CHANGES = {
    hubUnits: 2,
    hubSku: "S2",
    localAuth: "off",
    tags: ["team=iot"],
    provisioningServiceUnits: 2,
    allocationPolicy: "geoLatency",
  };
  const CHANGED = {
    "zero-touch-rg": ["tags"],
    "zero-touch-hub": [
      "properties.disableDeviceSAS",
      "properties.disableLocalAuth",
      "properties.disableModuleSAS",
      "sku.capacity",
      "sku.name",
      "tags",
    ],
    "zero-touch-dps": ["properties.allocationPolicy", "sku.capacity", "tags"],
    // A write of the service by azure-native removes the links.
    "zero-touch-dps-links": [],
  };
  /** The same with another device. */
  const hardened = { ...CHANGES, groupDevices: ["group-device-02"], transport: "amqp" };
  /** What is done with the resources that the changes update, and for which properties. */
  const changesOf = (steps: readonly EngineStep[]) =>
    Object.fromEntries(
      steps.filter(({ name }) => name in CHANGED).map(({ op, name, properties }) => [name, [op, ...properties]]),
    );
  const UPDATES = Object.fromEntries(
    Object.entries(CHANGED).map(([name, properties]) => [name, ["update", ...properties]]),
  );
  /** Device ID and status of each receipt. */
  const receipts = () =>
    (project.outputs().telemetryReceipts as { deviceId: string; status: string }[]).map(
      ({ deviceId, status }) => `${deviceId} ${status}`,
    );

  /** How the hub accepted the devices' messages. */
  const acceptances = () => (project.outputs().devices as DeviceOutput[]).map(({ telemetry }) => telemetry.accepted);

  it("creates everything, and its devices prove it", async () => {
    const output = ok(await project.up());
    assert.match(output, /\+ 29 created/);
    assert.doesNotMatch(output, /PRIVATE KEY|SharedAccessKey/);
    outputs = project.outputs();
    const names = "devices enrollmentGroups globalEndpoint hubHostName hubName idScope individualEnrollments";
    const more = "provisioningServiceName resourceGroupName rootCertificate serviceEndpoint telemetryReceipts";
    assert.deepEqual(Object.keys(outputs).sort(), `${names} ${more}`.split(" "));
    const root = outputs.rootCertificate as Record<string, unknown>;
    assert.deepEqual(Object.keys(root).sort(), ["isVerified", "name", "notAfter", "thumbprint"]);
    assert.equal(root.isVerified, true);
    assert.match(String(root.thumbprint), /^[0-9A-F]{40}$/);
    assert.deepEqual(receipts(), ["group-device-01 received", "sensor-01 received"]);
  });

  it("has one device through the group and one through its own enrollment, accepted with 204", async () => {
    const devices = outputs.devices as DeviceOutput[];
    assert.deepEqual(
      devices.map(({ registrationId, deviceId, status }) => ({ registrationId, deviceId, status })),
      [
        { registrationId: "group-device-01", deviceId: "group-device-01", status: "assigned" },
        { registrationId: "individual-device-01", deviceId: "sensor-01", status: "assigned" },
      ],
    );
    for (const { telemetry, assignedHub, deviceId } of devices) {
      assert.equal(assignedHub, outputs.hubHostName);
      assert.equal(telemetry.accepted, 204);
      const { body } = await azure.control("GET", `/hubs/${String(outputs.hubName)}/events?deviceId=${deviceId}`);
      const { events } = body as { events: { body: unknown }[] };
      assert.deepEqual(
        events.map((event) => event.body),
        [{ temperature: 30 }],
      );
    }
  });

  it("proved possession of the root: Azure has it as verified, under the thumbprint of the outputs", async () => {
    const { resourceGroupName, provisioningServiceName } = outputs;
    const service = `/resourceGroups/${String(resourceGroupName)}/providers/Microsoft.Devices/provisioningServices`;
    const path = `${service}/${String(provisioningServiceName)}/certificates/zero-touch-root`;
    const { body } = await client.arm("GET", path);
    const { properties } = body as { properties: { isVerified: boolean; thumbprint: string } };
    assert.equal(properties.isVerified, true);
    assert.equal(properties.thumbprint, (outputs.rootCertificate as { thumbprint: string }).thumbprint);
  });

  it("keeps no private key, shared access key or passphrase in clear in the state", async () => {
    const state = project.exported();
    assert.doesNotMatch(state, /PRIVATE KEY/);
    assert.doesNotMatch(project.exportedSecrets(), /SharedAccessKey/);
    assert.ok(!state.includes("local-azure-only"));
    assert.ok(!state.includes(azure.ready.clientSecret));
    assert.match(state, /ciphertext/);
  });

  it("keeps a constant forwarder under 4 kB, which names no folder", async () => {
    const texts = project
      .resources()
      .filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/"))
      .map(({ inputs }) => String(inputs?.__provider));
    assert.equal(texts.length, 12);
    for (const text of texts) {
      assert.ok(text.startsWith("exports.handler"), text);
      assert.ok(Buffer.byteLength(text) < 4096);
      assert.ok(!text.includes(project.folder));
    }
  });

  it("changes from the identity to a key and back in place", async () => {
    const own = ["dps-hub-role", "dps-identity", "dps-links"].map((name) => `zero-touch-${name}`);
    project.configure({ linkBy: "key" });
    const keyed = ok(await project.up("--json"));
    assert.deepEqual(stepsIn(keyed), [...own.map((name) => `delete ${name}`), "update zero-touch-dps"]);
    assert.deepEqual(await links(), [["KeyBased", outputs.hubHostName]]);
    assert.match(project.exportedSecrets(), /SharedAccessKey=(?!\*)/);
    assert.doesNotMatch(project.exported(), /SharedAccessKey=(?!\*)/);

    // Protected, which changes nothing in Azure: the changes below must not replace what is protected.
    project.configure({ protect: true });
    const output = ok(await project.up("--json"));
    assert.deepEqual(stepsIn(output), [...own.map((name) => `create ${name}`), "update zero-touch-dps"]);
    assert.match(output, /linked to [\w.-]+ by its identity now, and no longer by a key/);
    assert.deepEqual(await links(), [["SystemAssigned", outputs.hubHostName]]);
    assert.equal(project.outputs().idScope, outputs.idScope);
  });

  it("shows no change at an up with a refresh, which takes the key out of the state", async () => {
    const output = ok(await project.up("--refresh", "--expect-no-changes"));
    assert.match(output, /29 unchanged/);
    assert.doesNotMatch(project.exportedSecrets(), /SharedAccessKey=(?!\*)/);
  });

  it("previews in-place changes of protected resources as updates of their properties and nothing else", async () => {
    project.configure({ protect: true, ...CHANGES });
    const { steps } = JSON.parse(ok(await project.run("preview", "--json", "--stack", "dev"))) as {
      steps: { op: string; urn: string; detailedDiff: object | null }[];
    };
    const changed = steps.filter(({ op }) => op !== "same");
    assert.deepEqual(
      Object.fromEntries(
        changed.map(({ op, urn, detailedDiff }) => [
          urn.split("::").at(-1),
          [op, ...Object.keys(detailedDiff ?? {}).sort()],
        ]),
      ),
      UPDATES,
    );
  });

  it("applies them, with the ID scope in clear, and links the hub again by a role that was lost", async () => {
    const roles = "/providers/Microsoft.Authorization/roleAssignments";
    const { value } = (await hubArm("GET", roles)).body as { value: { id: string; name: string }[] };
    assert.equal(value.length, 1);
    assert.equal((await hubArm("DELETE", `${roles}/${value[0]?.name}`)).status, 200);
    project.configure({ ...hardened, protect: true });
    const output = ok(await project.up("--refresh", "--json"));
    assert.deepEqual(changesOf(changesIn(output)), UPDATES);
    const device = (id: string) => ["", "", "-certificate", "-registration"].map((suffix) => id + suffix);
    assert.deepEqual(stepsIn(output), [
      ...device("group-device-02").map((name) => `create ${name}`),
      "create zero-touch-dps-hub-role",
      ...device("group-device-01").map((name) => `delete ${name}`),
      "update individual-device-01-registration",
      ...Object.keys(UPDATES)
        .concat("zero-touch-receipt")
        .sort()
        .map((name) => `update ${name}`),
    ]);
    assert.match(project.outputs().idScope as string, /^0ne[0-9A-F]{8}$/);
    assert.deepEqual(await links(), [["SystemAssigned", outputs.hubHostName]]);
    assert.match(output, /"group-device-02" is not read back: .*localAuth is off/);
  });

  it("registers devices while the hub and the service refuse every shared key", async () => {
    const { primaryKey } = (await hubArm("POST", "/IotHubKeys/iothubowner/listkeys")).body as { primaryKey: string };
    const hubHost = String(outputs.hubHostName);
    const sas = createSas(hubHost, primaryKey, 4_102_444_800, "iothubowner");
    const device = `https://${hubHost}/devices/sensor-01?api-version=2021-04-12`;
    assert.equal((await client.send("GET", device, { headers: { authorization: sas } })).status, 401);
    const { resourceGroupName, provisioningServiceName, serviceEndpoint } = outputs;
    const service = `/resourceGroups/${String(resourceGroupName)}/providers/Microsoft.Devices/provisioningServices`;
    const path = `${service}/${String(provisioningServiceName)}/keys/provisioningserviceowner/listkeys`;
    const owner = (await client.arm("POST", path)).body as { primaryKey: string };
    const own = createSas(String(serviceEndpoint), owner.primaryKey, 4_102_444_800, "provisioningserviceowner");
    const refused = await callDps("GET", "/enrollmentGroups/sample-group", { headers: { authorization: own } });
    assert.equal(refused.status, 401);
    assert.equal((await callDps("GET", "/enrollmentGroups/sample-group")).status, 200);
    const devices = project.outputs().devices as DeviceOutput[];
    assert.deepEqual(
      devices.map(({ registrationId, status }) => [registrationId, status]),
      [
        ["group-device-02", "assigned"],
        ["individual-device-01", "assigned"],
      ],
    );
    assert.deepEqual(acceptances(), ["accepted", "accepted"]);
    assert.deepEqual(receipts(), ["group-device-02 unread", "sensor-01 unread"]);
  });

  it("shows no change after an edit of a handler and a move of the checkout", async () => {
    appendFileSync(
      join(project.folder, "providers/handlers/enrollmentGroupHandler.ts"),
      "\nexport const edited = 1;\n",
    );
    project.move();
    // Without the protection, which is no change, but in the state.
    project.configure(hardened);
    ok(await project.up("--refresh", "--expect-no-changes"));
    await project.attachProviders();
  });

  it("refuses to overwrite what was changed since the last refresh, with a remedy", async () => {
    const group = (await callDps("GET", "/enrollmentGroups/sample-group")).body as Record<string, unknown>;
    const disabled = { ...group, provisioningStatus: "disabled" };
    const put = await callDps("PUT", "/enrollmentGroups/sample-group", {
      body: disabled,
      headers: { "if-match": "*" },
    });
    assert.equal(put.status, 200);
    project.configure({ ...hardened, rootCertificateName: "another-root" });
    const { code, output } = await project.up();
    assert.notEqual(code, 0);
    assert.match(output, /Could not update enrollment group "sample-group"/);
    assert.match(output, /changed by someone else since Pulumi last read it/);
    assert.match(output, /To fix: Run `pulumi refresh`/);
  });

  it("sees by refresh what was changed and deleted outside of Pulumi, and repairs it by up, which takes changes back in place", async () => {
    assert.equal((await callDps("DELETE", "/enrollments/individual-device-01")).status, 204);
    const token = await client.token("https://iothubs.azure.net/.default");
    const device = `https://${String(outputs.hubHostName)}/devices/sensor-01?api-version=2021-04-12`;
    const gone = await client.send("DELETE", device, { bearer: token, headers: { "if-match": "*" } });
    assert.equal(gone.status, 204);

    const refreshed = ok(await project.run("refresh", "--yes", "--skip-preview", "--stack", "dev"));
    assert.match(refreshed, /1 updated/);
    assert.match(refreshed, /2 deleted/);
    project.configure({ transport: "mqtt" });
    assert.deepEqual(changesOf(changesIn(ok(await project.up("--json")))), UPDATES);
    assert.deepEqual(acceptances(), ["PUBACK", "PUBACK"]);
    assert.deepEqual(await links(), [["SystemAssigned", outputs.hubHostName]]);

    const repaired = (await callDps("GET", "/enrollmentGroups/sample-group")).body as Record<string, unknown>;
    assert.equal(repaired.provisioningStatus, "enabled");
    const individual = (await callDps("GET", "/enrollments/individual-device-01")).body as Record<string, unknown>;
    assert.equal(individual.deviceId, "sensor-01");
    assert.equal((await client.send("GET", device, { bearer: token })).status, 200);
  });

  it("leaves nothing behind at destroy, and a second up works afterwards", async () => {
    ok(await project.run("destroy", "--yes", "--skip-preview", "--stack", "dev"));
    assert.deepEqual(project.resources(), []);
    const groups = await client.arm("GET", "/resourcegroups");
    assert.deepEqual((groups.body as { value: unknown[] }).value, []);
    project.configure({});
    assert.match(ok(await project.up()), /29 created/);
    outputs = project.outputs();
  });

  it("continues when the whole resource group was deleted outside of Pulumi", async () => {
    const lose = async () => {
      const group = `/resourcegroups/${String(project.outputs().resourceGroupName)}`;
      assert.equal((await client.arm("DELETE", group)).status, 202);
    };
    await lose();
    project.configure({ linkBy: "key" });
    const { code, output } = await project.up();
    assert.notEqual(code, 0);
    assert.match(output, /Could not read the key that links hub "[\w-]+" in resource group "[\w-]+"/);
    assert.match(output, /To fix: .*not in Azure.*--refresh/);
    assert.doesNotMatch(output, /^\s+at /m);

    project.configure({});
    ok(await project.up("--refresh"));
    assert.notEqual(project.outputs().hubName, outputs.hubName);

    await lose();
    ok(await project.run("destroy", "--yes", "--skip-preview", "--stack", "dev"));
    assert.deepEqual(project.resources(), []);
  });
});
