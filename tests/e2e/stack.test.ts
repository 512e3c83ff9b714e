import { strict as assert } from "node:assert";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
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

  const CHANGES = {
    hubUnits: "2",
    hubSku: "S2",
    localAuth: "serviceOnly",
    tags: '["team=iot"]',
    provisioningServiceUnits: "2",
    allocationPolicy: "geoLatency",
  } as const;
  const settings = (changes: Readonly<Record<string, string>>): string[] => {
    const file = join(project.folder, "Pulumi.changed.yaml");
    const lines = Object.entries(changes).map(([key, value]) => `  azure-iot-zero-touch:${key}: ${value}\n`);
    writeFileSync(file, readFileSync(join(project.folder, "Pulumi.dev.yaml"), "utf8") + lines.join(""));
    return ["--config-file", file];
  };
  const steps = async (changes: Readonly<Record<string, string>>): Promise<readonly (readonly [string, string])[]> => {
    const output = ok(await project.run("preview", "--json", "--stack", "dev", ...settings(changes)));
    const { steps: all } = JSON.parse(output) as { steps: { op: string; urn: string }[] };
    return all.filter(({ op }) => op !== "same").map(({ op, urn }) => [op, urn.split("::").at(-1) ?? ""] as const);
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

  it("shows no change at a second up, a preview and a refresh", async () => {
    assert.match(ok(await project.up("--expect-no-changes")), /24 unchanged/);
    ok(await project.run("preview", "--expect-no-changes", "--stack", "dev"));
    ok(await project.run("refresh", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "dev"));
  });

  for (const protect of ["false", "true"]) {
    it(`previews an in-place change as an update and nothing else, with protect ${protect}`, async function () {
      this.timeout(300_000);
      if (protect === "true") ok(await project.up(...settings({ protect })));
      for (const [key, value] of Object.entries(CHANGES)) {
        const names =
          key === "tags"
            ? ["zero-touch-rg", "zero-touch-hub", "zero-touch-dps"]
            : [/^(hub|local)/.test(key) ? "zero-touch-hub" : "zero-touch-dps"];
        const found = await steps({ [key]: value, ...(protect === "true" && { protect }) });
        assert.deepEqual([...found].sort(), names.map((name) => ["update", name]).sort(), key);
      }
    });
  }

  it("applies two of them to protected resources, with the ID scope in clear", async () => {
    const changes = { hubUnits: "2", allocationPolicy: "geoLatency", protect: "true" };
    assert.match(ok(await project.up(...settings(changes))), /~ 2 updated/);
    assert.match((await project.outputs()).idScope as string, /^0ne[0-9A-F]{8}$/);
    assert.match(ok(await project.up()), /~ 2 updated/);
    ok(await project.run("preview", "--expect-no-changes", "--stack", "dev"));
  });

  it("shows no change after an edit of a handler and a move of the checkout", async () => {
    appendFileSync(
      join(project.folder, "providers/handlers/enrollmentGroupHandler.ts"),
      "\nexport const edited = 1;\n",
    );
    project.move();
    ok(await project.expectNoChanges());
  });

  it("sees a changed and a deleted enrollment by refresh, and repairs both by up", async () => {
    const group = (await callDps("GET", "/enrollmentGroups/sample-group")).body as Record<string, unknown>;
    const disabled = { ...group, provisioningStatus: "disabled" };
    const put = await callDps("PUT", "/enrollmentGroups/sample-group", {
      body: disabled,
      headers: { "if-match": "*" },
    });
    assert.equal(put.status, 200);
    assert.equal((await callDps("DELETE", "/enrollments/individual-device-01")).status, 204);

    const refreshed = ok(await project.run("refresh", "--yes", "--skip-preview", "--stack", "dev"));
    assert.match(refreshed, /1 updated/);
    assert.match(refreshed, /1 deleted/);
    ok(await project.up());

    const repaired = (await callDps("GET", "/enrollmentGroups/sample-group")).body as Record<string, unknown>;
    assert.equal(repaired.provisioningStatus, "enabled");
    const individual = (await callDps("GET", "/enrollments/individual-device-01")).body as Record<string, unknown>;
    assert.equal(individual.deviceId, "sensor-01");
    ok(await project.run("preview", "--expect-no-changes", "--stack", "dev"));
  });

  it("refuses to overwrite what was changed since the last refresh, with a remedy", async () => {
    const group = (await callDps("GET", "/enrollmentGroups/sample-group")).body as Record<string, unknown>;
    await callDps("PUT", "/enrollmentGroups/sample-group", { body: group, headers: { "if-match": "*" } });
    ok(await project.run("config", "set", "rootCertificateName", "another-root", "--stack", "dev"));
    const { code, output } = await project.up();
    ok(await project.run("config", "rm", "rootCertificateName", "--stack", "dev"));
    assert.notEqual(code, 0);
    assert.match(output, /Could not update enrollment group "sample-group"/);
    assert.match(output, /changed by someone else since Pulumi last read it/);
    assert.match(output, /To fix: Run `pulumi refresh`/);
    ok(await project.run("refresh", "--yes", "--skip-preview", "--stack", "dev"));
    ok(await project.up());
    ok(await project.run("preview", "--expect-no-changes", "--stack", "dev"));
  });

  it("registers a device again that was deleted outside of Pulumi", async () => {
    const token = await client.token("https://iothubs.azure.net/.default");
    const url = `https://${String(outputs.hubHostName)}/devices/sensor-01?api-version=2021-04-12`;
    const gone = await client.send("DELETE", url, { bearer: token, headers: { "if-match": "*" } });
    assert.equal(gone.status, 204);
    ok(await project.run("refresh", "--yes", "--skip-preview", "--stack", "dev"));
    assert.match(ok(await project.up()), /1 created/);
    assert.equal((await client.send("GET", url, { bearer: token })).status, 200);
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
    ok(await project.run("preview", "--expect-no-changes", "--stack", "dev"));

    await lose();
    ok(await project.run("destroy", "--yes", "--skip-preview", "--stack", "dev"));
    assert.deepEqual(project.resources(), []);
  });
});
