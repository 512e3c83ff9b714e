import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AzureClient, azureClient } from "../cast/azureClient";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import type { Ended } from "../cast/pulumiProject";
import { StackDevice } from "../cast/stackDevice";
import { StackProject } from "../cast/stackProject";

const ok = ({ code, output }: Ended): string => {
  assert.equal(code, 0, output);
  return output;
};

interface State {
  readonly deployment: {
    readonly resources: readonly {
      readonly type: string;
      readonly inputs?: Record<string, unknown>;
      readonly outputs?: Record<string, unknown>;
    }[];
  };
}

interface Device {
  readonly assignedHub: string;
  readonly status: string;
  readonly telemetry: { readonly accepted: number; readonly at: string };
}

/** What an operator does with devices, on one stack: in the order below; the last three alone leave it changed. */
describe("revocation, renewal and adoption as code", function () {
  this.timeout(300_000);
  let azure: TestAzure;
  let client: AzureClient;
  let project: StackProject;
  let outputs: Readonly<Record<string, unknown>>;

  const set = async (path: string, value: string) =>
    ok(await project.run("config", "set", "--path", path, value, "--stack", "dev"));
  const unset = async (key: string) => ok(await project.run("config", "rm", key, "--stack", "dev"));
  const preview = (...args: string[]) => project.run("preview", "--diff", "--stack", "dev", ...args);
  const unchanged = async () => {
    ok(await project.expectNoChanges());
  };
  const asDevice = async <R>(id: string, work: (device: StackDevice) => Promise<R>): Promise<R> => {
    const device = await StackDevice.of(project, id);
    try {
      return await work(device);
    } finally {
      device.remove();
    }
  };
  const callDps = async (method: string, path: string, body?: unknown) => {
    const bearer = await client.token("https://azure-devices-provisioning.net/.default");
    const url = `https://${String(outputs.serviceEndpoint)}${path}?api-version=2021-10-01`;
    return client.send(method, url, { bearer, ...(body === undefined ? {} : { body }) });
  };
  const identity = async (deviceId: string) => {
    const bearer = await client.token("https://iothubs.azure.net/.default");
    const url = `https://${String(outputs.hubHostName)}/devices/${deviceId}?api-version=2021-04-12`;
    return (await client.send("GET", url, { bearer })).body as {
      status: string;
      authentication: { x509Thumbprint: { primaryThumbprint: string } };
    };
  };

  before(async () => {
    azure = await startTestAzure();
    client = azureClient(azure.ready);
    project = await StackProject.create(azure.env);
    ok(await project.up());
    outputs = project.outputs();
  });

  after(async () => {
    project?.remove();
    await client?.close();
    await azure?.close();
  });

  it("revokes a device of the group and one with its own enrollment: both are reported, and DPS and the hub refuse them", async () => {
    await set("revoked[0]", "group-device-01");
    // By its certificate, and a certificate of no device.
    const issued = project
      .resources()
      .find(
        ({ type, outputs: given }) =>
          type.endsWith(":DeviceCertificate") && given?.registrationId === "individual-device-01",
      );
    await set("revoked[1]", String(issued?.outputs?.thumbprint));
    await set("revoked[2]", "0".repeat(40));
    const printed = ok(await preview());
    assert.match(printed, /Device group-device-01 is revoked/);
    assert.match(printed, /Device individual-device-01 is revoked/);
    const upped = ok(await project.up());
    assert.match(upped, /warning: The revoked certificate 0{40} belongs to no enrollment/);
    for (const [id, deviceId] of [
      ["group-device-01", "group-device-01"],
      ["individual-device-01", "sensor-01"],
    ] as const) {
      await asDevice(id, async (device) => {
        const registered = await device.register(String(outputs.idScope));
        assert.deepEqual([registered.status, registered.body?.status], [200, "disabled"], registered.stderr);
        const sent = await device.send(String(outputs.hubHostName), deviceId);
        assert.equal(sent.status, 401, sent.text);
        assert.match(sent.text, /IotHubUnauthorizedAccess/);
      });
      assert.equal((await identity(deviceId)).status, "disabled");
    }
    await unchanged();
  });

  it("repairs a revocation that was removed outside of Pulumi", async () => {
    await callDps("DELETE", "/enrollments/group-device-01");
    ok(await project.run("refresh", "--yes", "--skip-preview", "--stack", "dev"));
    ok(await project.up());
    const { body } = await callDps("GET", "/enrollments/group-device-01");
    assert.equal((body as { provisioningStatus: string }).provisioningStatus, "disabled");
  });

  it("ends the revocation: they register and send, and nothing of the block is left", async () => {
    await unset("revoked");
    ok(await project.up());
    assert.equal((await callDps("GET", "/enrollments/group-device-01")).status, 404);
    assert.equal((await identity("group-device-01")).status, "enabled");
    await asDevice("group-device-01", async (device) => {
      assert.equal((await device.register(String(outputs.idScope))).status, 202);
      assert.equal((await device.send(String(outputs.hubHostName), "group-device-01")).status, 204);
    });
    await unchanged();
  });

  it("warns of certificates that expire soon without a difference, and renews a leaf with the hub's thumbprint", async () => {
    const warned = ok(await preview("--expect-no-changes", "--config", "expiryWarningDays=36500"));
    assert.match(warned, /The root of zero-touch expires in \d+ days, on \d{4}-/);
    assert.match(warned, /The certificate of device group-device-01 expires in 36\d days/);
    await unset("expiryWarningDays");

    const before = (await identity("group-device-01")).authentication.x509Thumbprint.primaryThumbprint;
    // A leaf is renewed at half of its life at the earliest: this one is backdated by more than what is left.
    const soon = new Date(Date.now() + 60_000).toISOString();
    await edit("group-device-01", soon);
    const renewal = ok(await preview());
    assert.match(renewal, /2 to update|~ 2/);
    assert.match(renewal, /The certificate of device group-device-01 is renewed now: it ends on \d{4}-/);
    assert.match(ok(await project.up()), /2 updated/);
    const after = (await identity("group-device-01")).authentication.x509Thumbprint.primaryThumbprint;
    assert.notEqual(after, before);
    await asDevice("group-device-01", async (device) => {
      assert.equal((await device.send(String(outputs.hubHostName), "group-device-01")).status, 204);
    });
    await unchanged();
  });

  it("fails for an expired certificate that is not renewed", async () => {
    await edit("group-device-01", "2020-01-01T00:00:00.000Z");
    const { code, output } = await preview("--config", "renewBeforeDays=0");
    assert.notEqual(code, 0, output);
    assert.match(output, /The certificate of device group-device-01 expired on 2020-01-01/);
    await unset("renewBeforeDays");
    ok(await project.up());
    await unchanged();
  });

  it("adopts an existing enrollment when its ETag is the given one", async () => {
    const attestation = { type: "x509", x509: { caReferences: { primary: "zero-touch-root" } } };
    const put = await callDps("PUT", "/enrollments/taken-01", { registrationId: "taken-01", attestation });
    assert.equal(put.status, 200, JSON.stringify(put.body));
    await set("individualDevices[0]", "taken-01");
    const refused = await project.up();
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /409201[\s\S]*take the existing one over with `adopt`/);
    const { etag } = (await callDps("GET", "/enrollments/taken-01")).body as { etag: string };
    await set("adopt[0]", `taken-01=${etag.replaceAll('"', "")}`);
    assert.match(ok(await preview()), /enrollment taken-01 is adopted/);
    ok(await project.up());
    await unset("adopt");
    await unchanged();
  });

  it("sees no change in a stack from before groups had stable names and registrations followed hubs", async () => {
    await rewrite((text) => {
      const older = text
        .replaceAll("::zero-touch:iot:EnrollmentGroup::zero-touch", "::zero-touch:iot:EnrollmentGroup::sample-group")
        .replaceAll("iot:EnrollmentGroup::zero-touch-enrollment", "iot:EnrollmentGroup::sample-group-enrollment");
      assert.notEqual(older, text);
      const state = JSON.parse(older) as State;
      for (const { type, inputs, outputs: given } of state.deployment.resources) {
        if (!type.endsWith(":DeviceRegistration")) continue;
        assert.deepEqual(given?.hubs, [outputs.hubHostName]);
        delete inputs?.hubs;
        delete given?.hubs;
      }
      return JSON.stringify(state);
    });
    ok(await project.run("preview", "--expect-no-changes", "--stack", "dev"));
    ok(await project.up("--expect-no-changes"));
    const urns = project
      .resources()
      .map(({ urn }) => urn)
      .filter((urn) => urn.includes(":EnrollmentGroup::"));
    assert.deepEqual(urns.map((urn) => urn.split("::").at(-1)).sort(), ["zero-touch", "zero-touch-enrollment"]);
  });

  it("gives the group another ID: the old group is deleted first, and its devices register again in the new one", async () => {
    const before = await devices();
    await set("enrollmentGroupId", "line-2");
    const printed = ok(await project.up());
    assert.match(printed, /1 updated[\s\S]*1 replaced|1 replaced[\s\S]*1 updated/);
    assert.equal((await callDps("GET", "/enrollmentGroups/sample-group")).status, 404);
    assert.equal((await callDps("GET", "/enrollmentGroups/line-2")).status, 200);
    const record = (await callDps("GET", "/registrations/group-device-01")).body as { status: string };
    assert.equal(record.status, "assigned");
    const after = await devices();
    assert.notEqual(after[0]?.telemetry.at, before[0]?.telemetry.at);
    assert.deepEqual(after[1], before[1]);
    await unchanged();
  });

  it("replaces the hub: every device registers again and sends its message there in the same up", async () => {
    const before = await devices();
    await set("hubName", "another-hub");
    ok(await project.up());
    outputs = project.outputs();
    assert.equal(outputs.hubHostName, "another-hub.azure-devices.net");
    const after = await devices();
    assert.deepEqual(
      after.map(({ assignedHub, status, telemetry }) => [assignedHub, status, telemetry.accepted]),
      after.map(() => [outputs.hubHostName, "assigned", 204]),
    );
    for (const [index, { telemetry }] of after.entries()) assert.notEqual(telemetry.at, before[index]?.telemetry.at);
    await unchanged();
  });

  it("registers new hardware with the old device ID, and keeps its identity when the old registration is deleted", async () => {
    await set("individualDevices[0]", "spare-01=taken-01");
    ok(await project.up());
    assert.equal((await callDps("GET", "/enrollments/taken-01")).status, 404);
    await asDevice("spare-01", async (device) => {
      const sent = await device.send(String(outputs.hubHostName), "taken-01");
      assert.equal(sent.status, 204, sent.text);
    });
    await unchanged();
  });

  it("leaves nothing behind", async () => {
    ok(await project.run("destroy", "--yes", "--skip-preview", "--stack", "dev"));
    assert.deepEqual(project.resources(), []);
  });

  /** Gives the certificate in the state another end, as if the days had gone by. */
  async function edit(registrationId: string, notAfter: string): Promise<void> {
    await rewrite((text) => {
      const state = JSON.parse(text) as State;
      for (const { type, outputs: given } of state.deployment.resources) {
        if (type.endsWith(":DeviceCertificate") && given?.registrationId === registrationId) given.notAfter = notAfter;
      }
      return JSON.stringify(state);
    });
  }

  /** The devices in the stack's outputs, the group's first. */
  async function devices(): Promise<readonly Device[]> {
    return project.outputs().devices as readonly Device[];
  }

  /** Puts another state in place of the stack's. */
  async function rewrite(work: (state: string) => string): Promise<void> {
    const file = join(project.folder, "state.json");
    writeFileSync(file, work(project.exported()));
    ok(await project.run("stack", "import", "--file", file, "--stack", "dev"));
  }
});
