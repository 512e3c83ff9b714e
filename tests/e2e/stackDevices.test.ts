import { strict as assert } from "node:assert";
import { type AzureClient, azureClient } from "../cast/azureClient";
import { stepsIn } from "../cast/engineEvents";
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
  readonly registrationId: string;
  readonly assignedHub: string;
  readonly status: string;
  readonly telemetry: { readonly accepted: number; readonly at: string };
}

/** The device with an enrollment of its own, as the checkout's settings have it. */
const SENSOR = "individual-device-01=sensor-01";
/** A second device of the group. */
const SPARE = { groupDevices: ["group-device-01", "group-device-02"] };

/** What an operator does with devices and their CA, on one stack, in the order below. */
describe("revocation, renewal, adoption and a rollover of the CA as code", function () {
  this.timeout(300_000);
  let azure: TestAzure;
  let client: AzureClient;
  let project: StackProject;
  let outputs: Readonly<Record<string, unknown>>;
  let revoked: readonly string[];
  let moved: Readonly<Record<string, unknown>>;
  const fleet: StackDevice[] = [];

  const preview = () => project.run("preview", "--diff", "--stack", "dev");
  const asDevice = async <R>(id: string, work: (device: StackDevice) => Promise<R>): Promise<R> => {
    const device = StackDevice.of(project, id);
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

  /** A device outside of the stack, under the root of this name. */
  const issued = async (rootName: string, id: string): Promise<StackDevice> => {
    const made = await StackDevice.issued(project, rootName, id);
    fleet.push(made);
    return made;
  };
  /** Registers the device repeatedly while the work lasts; returns every status. */
  const during = (registering: StackDevice, work: () => Promise<unknown>) =>
    registering.registerDuring(String(outputs.idScope), work);
  const isAccepted = (seen: readonly number[]): void => {
    assert.ok(seen.length > 1, "it registered at least twice");
    assert.deepEqual([...new Set(seen)], [202]);
  };

  const thumbprint = async (deviceId: string) =>
    (await identity(deviceId)).authentication.x509Thumbprint.primaryThumbprint;

  before(async () => {
    azure = await startTestAzure();
    client = azureClient(azure.ready);
    project = await StackProject.create(azure.env);
    await project.attachProviders();
    project.configure(SPARE);
    ok(await project.up());
    outputs = project.outputs();
  });

  after(async () => {
    for (const each of fleet) each.remove();
    project?.remove();
    await client?.close();
    await azure?.close();
  });

  it("revokes a device of the group and one with its own enrollment, and reports both", async () => {
    // By the registration ID; by the certificate; and a certificate of no device.
    const issued = project
      .resources()
      .find(
        ({ type, outputs: given }) =>
          type.endsWith(":DeviceCertificate") && given?.registrationId === "individual-device-01",
      );
    revoked = ["group-device-01", String(issued?.outputs?.thumbprint), "0".repeat(40)];
    project.configure({ ...SPARE, revoked });
    const printed = ok(await project.up());
    assert.match(printed, /Device group-device-01 is revoked/);
    assert.match(printed, /Device individual-device-01 is revoked/);
    assert.match(printed, /warning: The revoked certificate 0{40} belongs to no enrollment/);
  });

  it("has DPS and the hub refuse the revoked devices", async () => {
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
  });

  it("refuses an existing enrollment, and adopts it when its ETag is the given one, with no other change to what is revoked", async () => {
    const attestation = { type: "x509", x509: { caReferences: { primary: "zero-touch-root" } } };
    const put = await callDps("PUT", "/enrollments/taken-01", { registrationId: "taken-01", attestation });
    assert.equal(put.status, 200, JSON.stringify(put.body));
    const taken = { ...SPARE, revoked, individualDevices: ["taken-01", SENSOR] };
    project.configure(taken);
    const refused = await project.up();
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /409201[\s\S]*take the existing one over with `adopt`/);

    // The same up repairs a revocation that was removed outside of Pulumi.
    await callDps("DELETE", "/enrollments/group-device-01");
    const { etag } = (await callDps("GET", "/enrollments/taken-01")).body as { etag: string };
    project.configure({ ...taken, adopt: [`taken-01=${etag.replaceAll('"', "")}`] });
    const printed = ok(await project.up("--refresh", "--json"));
    assert.match(printed, /enrollment taken-01 is adopted/);
    const others = stepsIn(printed).filter((step) => !/ taken-01(?:-|$)/.test(step));
    assert.deepEqual(others, ["update zero-touch-receipt", "update zero-touch-revocations"]);
    const { body } = await callDps("GET", "/enrollments/group-device-01");
    assert.equal((body as { provisioningStatus: string }).provisioningStatus, "disabled");
  });

  it("fails for an expired certificate that is not renewed", async () => {
    edit("taken-01", "2020-01-01T00:00:00.000Z");
    project.configure({ ...SPARE, individualDevices: ["taken-01", SENSOR], renewBeforeDays: 0 });
    const { code, output } = await preview();
    assert.notEqual(code, 0, output);
    assert.match(output, /The certificate of device taken-01 expired on 2020-01-01/);
  });

  it("ends the revocation and renews what is expired or expires soon: devices register and send, and nothing of the block is left", async () => {
    project.configure({ ...SPARE, individualDevices: ["taken-01", SENSOR] });
    const before = await thumbprint("group-device-02");
    // A leaf is renewed at half of its life at the earliest: this one is backdated by more than what is left.
    edit("group-device-02", new Date(Date.now() + 60_000).toISOString());
    const printed = ok(await project.up());
    assert.match(printed, /The certificate of device group-device-02 is renewed now: it ends on \d{4}-/);
    assert.notEqual(await thumbprint("group-device-02"), before);
    assert.equal((await callDps("GET", "/enrollments/group-device-01")).status, 404);
    assert.equal((await identity("group-device-01")).status, "enabled");
    for (const id of ["group-device-01", "group-device-02", "taken-01"]) {
      await asDevice(id, async (device) => {
        assert.equal((await device.register(String(outputs.idScope))).status, 202);
        assert.equal((await device.send(String(outputs.hubHostName), id)).status, 204);
      });
    }
  });

  it("sees no change in a stack from before groups had stable names and registrations followed hubs, and warns of certificates that expire soon without a difference", async () => {
    rewrite((text) => {
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
    project.configure({ ...SPARE, individualDevices: ["taken-01", SENSOR], expiryWarningDays: 36_500 });
    const output = ok(await project.up("--refresh", "--expect-no-changes"));
    assert.match(output, /The root of zero-touch expires in \d+ days, on \d{4}-/);
    assert.match(output, /The certificate of device group-device-02 expires in 36\d days/);
    const urns = project
      .resources()
      .map(({ urn }) => urn)
      .filter((urn) => urn.includes(":EnrollmentGroup::"));
    assert.deepEqual(urns.map((urn) => urn.split("::").at(-1)).sort(), ["zero-touch", "zero-touch-enrollment"]);
  });

  it("gives the group another ID, and new hardware an old device ID: old ones are deleted, devices register again", async () => {
    const [before, other] = [device("group-device-01"), device("individual-device-01")];
    moved = { ...SPARE, enrollmentGroupId: "line-2", individualDevices: ["spare-01=taken-01", SENSOR] };
    project.configure(moved);
    ok(await project.up());
    assert.equal((await callDps("GET", "/enrollmentGroups/sample-group")).status, 404);
    assert.equal((await callDps("GET", "/enrollmentGroups/line-2")).status, 200);
    const record = (await callDps("GET", "/registrations/group-device-01")).body as { status: string };
    assert.equal(record.status, "assigned");
    assert.notEqual(device("group-device-01").telemetry.at, before.telemetry.at);
    assert.deepEqual(device("individual-device-01"), other);

    // The identity stays, although the old registration of its device ID is deleted.
    assert.equal((await callDps("GET", "/enrollments/taken-01")).status, 404);
    await asDevice("spare-01", async (spare) => {
      const sent = await spare.send(String(outputs.hubHostName), "taken-01");
      assert.equal(sent.status, 204, sent.text);
    });
  });

  it("replaces the hub and nothing that does not need it: every device registers again and sends its message there in the same up", async () => {
    const before = devices();
    project.configure({ ...moved, hubName: "another-hub" });
    const steps = stepsIn(ok(await project.up("--refresh", "--json")));
    const replaced = (name: string) =>
      ["create-replacement", "delete-replaced", "replace"].map((op) => `${op} ${name}`);
    const expected = [
      ...["zero-touch-dps-hub-role", "zero-touch-hub", "zero-touch-receipt"].flatMap(replaced),
      ...[...ofDevices("registration"), "zero-touch-dps-links"].map((name) => `update ${name}`),
    ];
    assert.deepEqual(steps, expected.sort());
    outputs = project.outputs();
    assert.equal(outputs.hubHostName, "another-hub.azure-devices.net");
    const after = devices();
    assert.deepEqual(
      after.map(({ assignedHub, status, telemetry }) => [assignedHub, status, telemetry.accepted]),
      after.map(() => [outputs.hubHostName, "assigned", 204]),
    );
    for (const [index, { telemetry }] of after.entries()) assert.notEqual(telemetry.at, before[index]?.telemetry.at);
  });

  it("adds the next generation of the CA beside the present one, with which the stack's devices register", async () => {
    const old = await issued("Zero Touch Root CA", "fleet-01");
    moved = { ...moved, hubName: "another-hub" };
    project.configure({ ...moved, caGenerations: [1, 2] });
    let printed = "";
    const up = async () => {
      printed = ok(await project.up("--refresh", "--json"));
    };
    isAccepted(await during(old, up));
    // The enrollments have a second CA, the devices certificates of the new one, and the new hub stays as it is.
    const group = project.resources().find(({ type }) => type.endsWith(":EnrollmentGroup") && type.includes("dynamic"));
    assert.deepEqual(
      [group?.inputs?.caReference, group?.inputs?.secondaryCaReference],
      ["zero-touch-root", "zero-touch-root-2"],
    );
    const enrolled = ["individual-device-01", "spare-01", "zero-touch"].map((name) => `${name}-enrollment`);
    const updated = [...ofDevices("registration"), ...ofDevices("certificate"), ...enrolled, "zero-touch-receipt"];
    const expected = [
      ...["zero-touch-2", "zero-touch-2", "zero-touch-2-ca", "zero-touch-2-root"].map((name) => `create ${name}`),
      ...updated.map((name) => `update ${name}`),
    ];
    assert.deepEqual(stepsIn(printed), expected.sort());
    isAccepted([
      (await old.register(String(outputs.idScope))).status,
      (await old.register(String(outputs.idScope))).status,
    ]);
    const { rootCertificate } = project.outputs();
    assert.equal((rootCertificate as { name: string }).name, "zero-touch-root-2");
    assert.deepEqual(
      devices().map(({ status, telemetry }) => [status, telemetry.accepted]),
      Array(4).fill(["assigned", 204]),
    );
  });

  it("retires the old generation: devices of the new one register all the time, those of the old one are refused", async () => {
    const [next, old] = [await issued("Zero Touch Root CA 2", "fleet-02"), fleet[0]];
    project.configure({ ...moved, caGenerations: [2] });
    isAccepted(await during(next, async () => ok(await project.up())));
    const refused = await old?.register(String(outputs.idScope));
    assert.deepEqual([refused?.status, refused?.body?.errorCode], [401, 401002]);
    ok(await project.expectNoChanges());
  });

  it("leaves nothing behind", async () => {
    ok(await project.run("destroy", "--yes", "--skip-preview", "--stack", "dev"));
    assert.deepEqual(project.resources(), []);
  });

  function rewrite(work: (state: string) => string): void {
    project.replaceState(work(project.exported()));
  }

  /** Gives the certificate in the state another end, as if the days had gone by. */
  function edit(registrationId: string, notAfter: string): void {
    rewrite((text) => {
      const state = JSON.parse(text) as State;
      for (const { type, outputs: given } of state.deployment.resources) {
        if (type.endsWith(":DeviceCertificate") && given?.registrationId === registrationId) given.notAfter = notAfter;
      }
      return JSON.stringify(state);
    });
  }

  /** The devices in the stack's outputs, the group's first. */
  function devices(): readonly Device[] {
    return project.outputs().devices as readonly Device[];
  }

  /** The names of the four devices' resources of a kind. */
  function ofDevices(kind: string): readonly string[] {
    return ["group-device-01", "group-device-02", "individual-device-01", "spare-01"].map((id) => `${id}-${kind}`);
  }

  function device(registrationId: string): Device {
    return devices().find((each) => each.registrationId === registrationId) ?? assert.fail(registrationId);
  }
});
