import { strict as assert } from "node:assert";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { type AzureClient, azureClient } from "../cast/azureClient";
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
  telemetry: { sent: { temperature: number }; accepted: number; at: string };
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

  before(async () => {
    azure = await startTestAzure();
    client = azureClient(azure.ready);
    project = await StackProject.create(azure.env);
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
    localAuth: "serviceOnly",
    tags: ["team=iot"],
    provisioningServiceUnits: 2,
    allocationPolicy: "geoLatency",
  };
  const CHANGED = {
    "zero-touch-rg": ["tags"],
    "zero-touch-hub": [
      "properties.disableDeviceSAS",
      "properties.disableModuleSAS",
      "sku.capacity",
      "sku.name",
      "tags",
    ],
    "zero-touch-dps": ["properties.allocationPolicy", "sku.capacity", "tags"],
  };
  /** The steps that are no `same` of a preview with these settings: operation and changed properties by resource. */
  const changedSteps = async (settings: Readonly<Record<string, unknown>>) => {
    project.configure(settings);
    const { steps } = JSON.parse(ok(await project.run("preview", "--json", "--stack", "dev"))) as {
      steps: { op: string; urn: string; detailedDiff: object | null }[];
    };
    const changed = steps.filter(({ op }) => op !== "same");
    assert.ok(
      changed.every(({ op }) => op === "update"),
      JSON.stringify(changed),
    );
    return Object.fromEntries(
      changed.map(({ urn, detailedDiff }) => [urn.split("::").at(-1) ?? "", Object.keys(detailedDiff ?? {}).sort()]),
    );
  };

  it("creates everything, and its devices prove it", async () => {
    const output = ok(await project.up());
    assert.match(output, /\+ 24 created/);
    assert.doesNotMatch(output, /PRIVATE KEY|SharedAccessKey/);
    outputs = project.outputs();
    const names = "devices enrollmentGroups globalEndpoint hubHostName hubName idScope individualEnrollments";
    const more = "provisioningServiceName resourceGroupName rootCertificate serviceEndpoint";
    assert.deepEqual(Object.keys(outputs).sort(), `${names} ${more}`.split(" "));
    const root = outputs.rootCertificate as Record<string, unknown>;
    assert.deepEqual(Object.keys(root).sort(), ["isVerified", "name", "notAfter", "thumbprint"]);
    assert.equal(root.isVerified, true);
    assert.match(String(root.thumbprint), /^[0-9A-F]{40}$/);
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
    assert.doesNotMatch(state, /SharedAccessKey=(?!\*)/);
    assert.ok(!state.includes("local-azure-only"));
    assert.ok(!state.includes(azure.ready.clientSecret));
    assert.match(state, /ciphertext/);
  });

  it("keeps a constant forwarder under 4 kB, which names no folder", async () => {
    const texts = project
      .resources()
      .filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/"))
      .map(({ inputs }) => String(inputs?.__provider));
    assert.equal(texts.length, 9);
    for (const text of texts) {
      assert.ok(text.startsWith("exports.handler"), text);
      assert.ok(Buffer.byteLength(text) < 4096);
      assert.ok(!text.includes(project.folder));
    }
  });

  it("shows no change at a second up with a refresh", async () => {
    const output = ok(await project.up("--refresh", "--expect-no-changes"));
    assert.match(output, /24 unchanged/);
  });

  for (const protect of [false, true]) {
    it(`previews in-place changes as updates of their properties and nothing else, with protect ${protect}`, async () => {
      const settings = protect ? { protect } : {};
      project.configure(settings);
      if (protect) ok(await project.up());
      assert.deepEqual(await changedSteps({ ...settings, ...CHANGES }), CHANGED);
    });
  }

  it("applies two of them to protected resources, with the ID scope in clear", async () => {
    project.configure({ hubUnits: 2, allocationPolicy: "geoLatency", protect: true });
    assert.match(ok(await project.up()), /~ 2 updated/);
    assert.match(project.outputs().idScope as string, /^0ne[0-9A-F]{8}$/);
    project.configure({});
    assert.match(ok(await project.up()), /~ 2 updated/);
  });

  it("shows no change after an edit of a handler and a move of the checkout", async () => {
    appendFileSync(
      join(project.folder, "providers/handlers/enrollmentGroupHandler.ts"),
      "\nexport const edited = 1;\n",
    );
    project.move();
    ok(await project.expectNoChanges());
  });

  it("refuses to overwrite what was changed since the last refresh, with a remedy", async () => {
    const group = (await callDps("GET", "/enrollmentGroups/sample-group")).body as Record<string, unknown>;
    const disabled = { ...group, provisioningStatus: "disabled" };
    const put = await callDps("PUT", "/enrollmentGroups/sample-group", {
      body: disabled,
      headers: { "if-match": "*" },
    });
    assert.equal(put.status, 200);
    project.configure({ rootCertificateName: "another-root" });
    const { code, output } = await project.up();
    project.configure({});
    assert.notEqual(code, 0);
    assert.match(output, /Could not update enrollment group "sample-group"/);
    assert.match(output, /changed by someone else since Pulumi last read it/);
    assert.match(output, /To fix: Run `pulumi refresh`/);
  });

  it("sees by refresh what was changed and deleted outside of Pulumi, and repairs it by up", async () => {
    assert.equal((await callDps("DELETE", "/enrollments/individual-device-01")).status, 204);
    const token = await client.token("https://iothubs.azure.net/.default");
    const device = `https://${String(outputs.hubHostName)}/devices/sensor-01?api-version=2021-04-12`;
    const gone = await client.send("DELETE", device, { bearer: token, headers: { "if-match": "*" } });
    assert.equal(gone.status, 204);

    const refreshed = ok(await project.run("refresh", "--yes", "--skip-preview", "--stack", "dev"));
    assert.match(refreshed, /1 updated/);
    assert.match(refreshed, /2 deleted/);
    ok(await project.up());

    const repaired = (await callDps("GET", "/enrollmentGroups/sample-group")).body as Record<string, unknown>;
    assert.equal(repaired.provisioningStatus, "enabled");
    const individual = (await callDps("GET", "/enrollments/individual-device-01")).body as Record<string, unknown>;
    assert.equal(individual.deviceId, "sensor-01");
    assert.equal((await client.send("GET", device, { bearer: token })).status, 200);
    ok(await project.run("preview", "--expect-no-changes", "--stack", "dev"));
  });

  it("leaves nothing behind at destroy, and a second up works afterwards", async () => {
    ok(await project.run("destroy", "--yes", "--skip-preview", "--stack", "dev"));
    assert.deepEqual(project.resources(), []);
    const groups = await client.arm("GET", "/resourcegroups");
    assert.deepEqual((groups.body as { value: unknown[] }).value, []);
    assert.match(ok(await project.up()), /24 created/);
    outputs = project.outputs();
  });

  it("continues when the whole resource group was deleted outside of Pulumi", async () => {
    const lose = async () => {
      const group = `/resourcegroups/${String(project.outputs().resourceGroupName)}`;
      assert.equal((await client.arm("DELETE", group)).status, 202);
    };
    await lose();
    const { code, output } = await project.up();
    assert.notEqual(code, 0);
    assert.match(output, /Could not read the key that links hub "[\w-]+" in resource group "[\w-]+"/);
    assert.match(output, /To fix: .*not in Azure.*--refresh/);
    assert.doesNotMatch(output, /^\s+at /m);

    ok(await project.up("--refresh"));
    assert.notEqual(project.outputs().hubName, outputs.hubName);

    await lose();
    ok(await project.run("destroy", "--yes", "--skip-preview", "--stack", "dev"));
    assert.deepEqual(project.resources(), []);
  });
});
