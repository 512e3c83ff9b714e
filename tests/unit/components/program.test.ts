import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime";
import { type Heard, hear } from "../../cast/heard";
import { type ResourceRequest, recordRequests } from "../../cast/resourceRequests";

/** What the engine was asked for, by logical type and name. */
const made: MockResourceArgs[] = [];

/** The functions of Azure that were called. */
const calls: string[] = [];

const OUTPUTS: Readonly<Record<string, Record<string, unknown>>> = {
  "azure-native:iothub:IotHubResource": { name: "hub-x", properties: { hostName: "hub-x.azure-devices.net" } },
  "azure-native:deviceprovisioningservices:IotDpsResource": {
    name: "dps-x",
    properties: {
      idScope: "0ne1",
      serviceOperationsHostName: "dps-x.azure-devices-provisioning.net",
      deviceProvisioningHostName: "global.azure-devices-provisioning.net",
    },
  },
  "pulumi-nodejs:dynamic/iot:CertificateAuthority": {
    rootCertificate: "root pem",
    rootKey: "root key",
    intermediateCertificate: "intermediate pem",
    intermediateKey: "intermediate key",
  },
  "pulumi-nodejs:dynamic/iot:DeviceCertificate": {
    certificate: "leaf pem",
    certificateChain: "chain pem",
    privateKey: "leaf key",
  },
  "pulumi-nodejs:dynamic/iot:EnrollmentGroup": { revision: "r1" },
  "pulumi-nodejs:dynamic/iot:IndividualEnrollment": { revision: "r2" },
};

const CONFIG = {
  cloud: "local",
  groupDevices: '["g-1","g-2"]',
  individualDevices: '["i-1=d-1","i-2","i-3"]',
  disabledEnrollments: '["I-3"]',
  revoked: '["G-2","i-2","fleet-7"]',
  adopt: '["sample-group","i-1=e7","zero-touch-root=e9"]',
  tags: '["team=iot"]',
  localAuth: "serviceOnly",
  protect: "true",
  keepImported: "true",
};

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  // The engine marks a secret by this signature; a mock gets it as it is.
  const secret = value as { "4dabf18193072939515e22adb298388d"?: string; value?: unknown };
  if (secret["4dabf18193072939515e22adb298388d"]) return { secret: plain(secret.value) };
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

const resolved = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => {
    output.apply(resolve);
  });

describe("the program, against recorded resources", () => {
  let heard: Heard;
  let requests: readonly ResourceRequest[] = [];
  let outputs: Record<string, pulumi.Output<unknown>>;
  const inputs = (type: string, name: string): Record<string, unknown> => {
    const found = made.find((each) => each.type === type && each.name === name);
    assert.ok(found, `no ${type} ${name} in ${made.map((each) => `${each.type} ${each.name}`).join(", ")}`);
    return plain(found.inputs) as Record<string, unknown>;
  };

  before(async function () {
    // Loads azure-native, which takes its time on a busy machine.
    this.timeout(120_000);
    process.env.ZERO_TOUCH_CLOUD = "local";
    await pulumi.runtime.setMocks(
      {
        newResource(args) {
          made.push(args);
          return { id: `id of ${args.name}`, state: { ...args.inputs, ...OUTPUTS[args.type] } };
        },
        call({ token }) {
          calls.push(token);
          return {};
        },
      },
      "azure-iot-zero-touch",
      "dev",
      false,
    );
    requests = recordRequests();
    const own = Object.entries(CONFIG).map(([key, value]) => [`azure-iot-zero-touch:${key}`, value]);
    pulumi.runtime.setAllConfig(Object.fromEntries([...own, ["azure-native:location", "westeurope"]]));
    heard = hear();
    const program = require("../../../index") as () => Promise<Record<string, pulumi.Output<unknown>>>;
    try {
      outputs = await program();
      // The last to be made: when they exist, all exist.
      await resolved(pulumi.output(outputs.devices));
    } finally {
      heard.stop();
    }
  });

  after(() => {
    delete process.env.ZERO_TOUCH_CLOUD;
  });

  it("logs which enrollments and certificates are adopted, and which devices are revoked", () => {
    for (const [id, what] of [
      ["sample-group", "is adopted"],
      ["i-1", "ETag is e7"],
      ["zero-touch-root", "existing certificate.*ETag is e9, and replaced"],
      ["g-2", "is revoked"],
      ["i-2", "is revoked"],
      ["fleet-7", "is revoked"],
    ] as const) {
      const lines = heard.lines.filter((line) => line.startsWith("info: ") && line.includes(` ${id} `));
      assert.equal(lines.length, 1, heard.lines.join("\n"));
      assert.match(lines[0] ?? "", new RegExp(what));
    }
    assert.equal(heard.lines.length, 6, heard.lines.join("\n"));
  });

  it("gives the outputs that users and tools rely on", () => {
    assert.deepEqual(Object.keys(outputs), [
      "resourceGroupName",
      "hubName",
      "hubHostName",
      "provisioningServiceName",
      "idScope",
      "serviceEndpoint",
      "globalEndpoint",
      "rootCertificate",
      "enrollmentGroups",
      "individualEnrollments",
      "devices",
      "telemetryReceipts",
    ]);
  });

  it("puts the parts under components of its own", () => {
    const components = new Set(made.map(({ type }) => type).filter((type) => type.startsWith("zero-touch:iot:")));
    assert.deepEqual([...components].sort(), [
      "zero-touch:iot:CertificateAuthority",
      "zero-touch:iot:DeviceCertificate",
      "zero-touch:iot:EnrollmentGroup",
      "zero-touch:iot:IndividualEnrollment",
      "zero-touch:iot:IotHub",
      "zero-touch:iot:ProvisioningService",
      "zero-touch:iot:Revocations",
      "zero-touch:iot:SampleDevice",
      "zero-touch:iot:TelemetryReceipt",
      "zero-touch:iot:VerifiedCertificate",
    ]);
  });

  it("leaves the links of an imported service as they are, and reads no key", () => {
    const { properties } = inputs("azure-native:deviceprovisioningservices:IotDpsResource", "zero-touch-dps");
    assert.deepEqual(properties, { allocationPolicy: "Hashed" });
    assert.deepEqual(calls, []);
    assert.ok(!made.some(({ type }) => /HubLinks|ServiceIdentity|RoleAssignment/.test(type)));
  });

  it("marks what Azure bills with the tags, and hardens the hub as the settings say", () => {
    const hub = inputs("azure-native:iothub:IotHubResource", "zero-touch-hub");
    const service = inputs("azure-native:deviceprovisioningservices:IotDpsResource", "zero-touch-dps");
    const group = inputs("azure-native:resources:ResourceGroup", "zero-touch-rg");
    assert.deepEqual([group.tags, hub.tags, service.tags], Array(3).fill({ team: "iot" }));
    assert.deepEqual(hub.properties, { minTlsVersion: "1.2", disableDeviceSAS: true, disableModuleSAS: true });
  });

  it("verifies the root under the service's ARM id, by its key", () => {
    const { __provider, ...given } = inputs("pulumi-nodejs:dynamic/iot:VerifiedCertificate", "zero-touch-root");
    assert.match(String(__provider), /verifiedCertificate/);
    assert.equal(given.provisioningServiceId, "id of zero-touch-dps");
    assert.equal(given.certificate, "root pem");
    assert.equal(given.name, "zero-touch-root");
    assert.equal(given.verification, "proofOfPossession");
  });

  it("lets the group refer to the verified root, and the individual enrollment to its device's leaf", () => {
    const group = inputs("pulumi-nodejs:dynamic/iot:EnrollmentGroup", "zero-touch-enrollment");
    assert.equal(group.caReference, "zero-touch-root");
    assert.equal(group.serviceEndpoint, "dps-x.azure-devices-provisioning.net");
    const single = inputs("pulumi-nodejs:dynamic/iot:IndividualEnrollment", "i-1-enrollment");
    assert.deepEqual([single.registrationId, single.deviceId, single.certificate], ["i-1", "d-1", "leaf pem"]);
  });

  it("registers each device with its whole chain, after the enrollment that it comes in by", () => {
    for (const [name, revision] of [
      ["g-1", "r1"],
      ["i-1", "r2"],
    ] as const) {
      const given = inputs("pulumi-nodejs:dynamic/iot:DeviceRegistration", `${name}-registration`);
      assert.equal(given.registrationId, name);
      assert.equal(given.certificateChain, "chain pem");
      assert.equal(given.idScope, "0ne1");
      assert.equal(given.enrollment, revision);
      assert.deepEqual(given.hubs, ["hub-x.azure-devices.net"]);
      assert.equal(given.temperature, 30);
      assert.equal(given.revoked, false);
    }
  });

  it("revokes by the device's own enrollment, and hands the others to one resource, with known certificates", () => {
    const given = inputs("pulumi-nodejs:dynamic/iot:Revocations", "zero-touch-revocations");
    assert.deepEqual(given.devices, [
      { registrationId: "g-2", certificate: "leaf pem" },
      { registrationId: "i-2", certificate: "leaf pem" },
      { registrationId: "fleet-7" },
    ]);
    const status = (id: string) =>
      inputs("pulumi-nodejs:dynamic/iot:IndividualEnrollment", `${id}-enrollment`).provisioningStatus;
    assert.deepEqual([status("i-1"), status("i-2")], [undefined, "disabled"]);
    for (const id of ["g-2", "i-2"])
      assert.equal(inputs("pulumi-nodejs:dynamic/iot:DeviceRegistration", `${id}-registration`).revoked, true);
  });

  it("disables an enrollment that is listed, and its device does not register until it is enabled", () => {
    const enrollment = inputs("pulumi-nodejs:dynamic/iot:IndividualEnrollment", "i-3-enrollment");
    assert.equal(enrollment.provisioningStatus, "disabled");
    assert.equal(
      inputs("pulumi-nodejs:dynamic/iot:EnrollmentGroup", "zero-touch-enrollment").provisioningStatus,
      undefined,
    );
    const disabled = (id: string) =>
      inputs("pulumi-nodejs:dynamic/iot:DeviceRegistration", `${id}-registration`).enrollmentDisabled;
    assert.deepEqual([disabled("i-3"), disabled("i-1"), disabled("g-1")], [true, undefined, undefined]);
  });

  const request = (type: string, name: string) =>
    requests.find((each) => each.getType() === type && each.getName() === name);

  it("protects what every device depends on, and keeps imported properties", () => {
    for (const [type, name] of [
      ["azure-native:resources:ResourceGroup", "zero-touch-rg"],
      ["azure-native:iothub:IotHubResource", "zero-touch-hub"],
      ["azure-native:deviceprovisioningservices:IotDpsResource", "zero-touch-dps"],
      ["pulumi-nodejs:dynamic/iot:CertificateAuthority", "zero-touch-ca"],
      ["pulumi-nodejs:dynamic/iot:VerifiedCertificate", "zero-touch-root"],
      ["pulumi-nodejs:dynamic/iot:EnrollmentGroup", "zero-touch-enrollment"],
      ["pulumi-nodejs:dynamic/iot:Revocations", "zero-touch-revocations"],
    ] as const)
      assert.equal(request(type, name)?.getProtect(), true, name);
    assert.ok(!request("pulumi-nodejs:dynamic/iot:DeviceRegistration", "g-1-registration")?.getProtect());
    const ignored = request("azure-native:iothub:IotHubResource", "zero-touch-hub")?.getIgnorechangesList();
    assert.deepEqual(ignored, ["properties", "tags", "identity"]);
  });

  it("has an alias for stacks that name the enrollment group by its ID", () => {
    const aliases = request("zero-touch:iot:EnrollmentGroup", "zero-touch")?.getAliasesList() ?? [];
    assert.deepEqual(
      aliases.map((alias) => alias.getSpec()?.getName()),
      ["sample-group"],
    );
  });

  it("passes on which enrollments it adopts", () => {
    const adopt = (type: string, name: string) => inputs(`pulumi-nodejs:dynamic/iot:${type}`, name).adopt;
    assert.equal(adopt("EnrollmentGroup", "zero-touch-enrollment"), true);
    assert.equal(adopt("IndividualEnrollment", "i-1-enrollment"), "e7");
    assert.equal(adopt("IndividualEnrollment", "i-2-enrollment"), undefined);
    assert.equal(adopt("VerifiedCertificate", "zero-touch-root"), "e9");
  });
});
