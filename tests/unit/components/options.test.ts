import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime";
import { CertificateAuthority } from "../../../components/certificateAuthority";
import { DeviceCertificate } from "../../../components/deviceCertificate";
import { EnrollmentGroup } from "../../../components/enrollmentGroup";
import { EnrollmentList } from "../../../components/enrollmentList";
import { FleetJob } from "../../../components/fleetJob";
import { IndividualEnrollment } from "../../../components/individualEnrollment";
import { IotHub } from "../../../components/iotHub";
import { KeyVault } from "../../../components/keyVault";
import { OperatorEndpoint } from "../../../components/operatorEndpoint";
import { ProvisioningService } from "../../../components/provisioningService";
import { Revocations } from "../../../components/revocations";
import { SampleDevice } from "../../../components/sampleDevice";
import { VerifiedCertificate } from "../../../components/verifiedCertificate";
import { type Heard, hear } from "../../cast/heard";

const UNHARDENED = { minimumTls: "azureDefault", localAuth: "enabled" } as const;
const NOT_REVOKED = { revoked: [], revokedThumbprints: [] };
const LATE = "2099-01-01T00:00:00Z";

const OUTPUTS: Readonly<Record<string, object>> = {
  "azure-native:iothub:IotHubResource": { properties: { hostName: "h.azure-devices.net" } },
  "azure-native:deviceprovisioningservices:IotDpsResource": {
    properties: { serviceOperationsHostName: "d.azure-devices-provisioning.net" },
  },
  "azure-native:keyvault:Vault": { name: "kv-1", properties: { vaultUri: "https://kv-1.vault.azure.net/" } },
  "pulumi-nodejs:dynamic/iot:CertificateAuthority": { rootNotAfter: LATE, intermediateNotAfter: LATE },
  "pulumi-nodejs:dynamic/iot:DeviceCertificate": { notAfter: LATE },
};

/** What a user of the library may count on of every component, whatever is in it. */
describe("components", () => {
  const made: MockResourceArgs[] = [];
  /** Which resources the transformations of a component were asked about, by the component. */
  const seen = new Map<string, string[]>();
  let heard: Heard;

  /** Two of everything in one program, with every input that takes one as an output. */
  const line = (prefix: string): void => {
    const later = <T>(value: T): pulumi.Output<T> =>
      pulumi.output(Promise.resolve(value)) as unknown as pulumi.Output<T>;
    const opts = (name: string): pulumi.ComponentResourceOptions => {
      const own: string[] = [];
      seen.set(name, own);
      const note: pulumi.ResourceTransformation = (args) => {
        own.push(args.name);
        return undefined;
      };
      return { transformations: [note], protect: true };
    };
    const place = { resourceGroupName: later("rg"), location: later("westeurope") };
    const hubArgs = { ...place, name: later(`${prefix}-h`), units: later(1), ...UNHARDENED };
    const hub = new IotHub(prefix, hubArgs, opts(`${prefix} hub`));
    const hubs = [hub];
    const service = new ProvisioningService(prefix, { ...place, hubs, units: later(1) }, opts(`${prefix} service`));
    const names = { rootName: later("R"), intermediateName: later("I"), rootLifetimeDays: later(9) };
    const ca = new CertificateAuthority(prefix, names, opts(`${prefix} ca`));
    const trusted = { service, name: later("root"), authority: ca.root };
    const root = new VerifiedCertificate(prefix, trusted, opts(`${prefix} root`));
    const grouped = { service, enrollmentGroupId: later("g"), caReference: root.name, adopt: later(false) };
    const group = new EnrollmentGroup(prefix, grouped, opts(`${prefix} group`));
    const single = { service, registrationId: later("r"), caReference: later("root"), iotEdge: later(true) };
    new IndividualEnrollment(prefix, single, opts(`${prefix} individual`));
    const entries = { "r-2": { caReference: later("root"), deviceId: later("d-2") } };
    new EnrollmentList(prefix, { service, enrollments: entries, ...NOT_REVOKED }, opts(`${prefix} list`));
    const issued = {
      registrationId: later("r"),
      issuer: ca.intermediate,
      lifetimeDays: later(5),
      revokedThumbprints: [],
    };
    const identity = new DeviceCertificate(prefix, issued, opts(`${prefix} identity`));
    const device = { service, identity, enrollment: group, temperature: later(20), revoked: later(false) };
    new SampleDevice(prefix, device, opts(`${prefix} device`));
    const revoked = { service, devices: later([{ registrationId: "r-3" }]), thumbprints: [] };
    new Revocations(prefix, revoked, opts(`${prefix} revocations`));
    new KeyVault(prefix, place, opts(`${prefix} vault`));
    const environment = {
      environmentId: later("rg"),
      hubId: hub.resourceId,
      provisioningServiceId: service.resourceId,
    };
    const { location } = place;
    new OperatorEndpoint(prefix, { location, ...environment, retentionDays: later(7) }, opts(`${prefix} operator`));
    const fleet = {
      ...{ location, idScope: later("0ne1"), image: "fleet:1", shards: later(2), devices: later(9) },
      issuerChain: ca.intermediate.certificate,
      issuerKeyId: later("https://kv-1.vault.azure.net/keys/line"),
      keyVaultId: later("kv-1"),
    };
    new FleetJob(prefix, fleet, opts(`${prefix} fleet`));
  };

  before(async function () {
    this.timeout(120_000);
    heard = hear();
    await pulumi.runtime.setMocks(
      {
        newResource(args) {
          made.push(args);
          return { id: `id of ${args.name}`, state: { ...args.inputs, ...OUTPUTS[args.type] } };
        },
        call: () => ({ primaryKey: "key", subscriptionId: "s", tenantId: "t", objectId: "o" }),
      },
      "library",
      "test",
      false,
      "organization",
    );
    line("a");
    line("b");
    await pulumi.runtime.disconnect();
  });
  after(() => heard.stop());

  it("may appear twice in one program: no two resources have a name and a type in common", () => {
    const all = made.map(({ type, name }) => `${type} ${name}`);
    assert.equal(new Set(all).size, all.length);
    const half = (prefix: string) => all.filter((each) => each.split(" ")[1]?.startsWith(prefix)).length;
    assert.deepEqual([half("a"), half("b")], [all.length / 2, all.length / 2]);
  });

  it("pass their options to all children", () => {
    const reached = [...seen.values()].flat();
    const children = made.filter(({ custom }) => custom);
    assert.ok(children.length >= 22);
    for (const { name } of children) assert.ok(reached.includes(name), `${name} was not reached`);
    for (const [component, own] of seen) assert.ok(own.length >= 2, `${component} reached itself alone`);
  });

  it("take outputs for inputs", () => {
    const inputs = (name: string): Record<string, unknown> => made.find((each) => each.name === name)?.inputs ?? {};
    assert.deepEqual([inputs("a-hub").resourceName, inputs("a-hub").sku], ["a-h", { name: "S1", capacity: 1 }]);
    assert.deepEqual([inputs("b-ca").rootName, inputs("b-ca").rootLifetimeDays], ["R", 9]);
    assert.deepEqual(inputs("b-enrollments")["device:r-2"], { caReference: "root", deviceId: "d-2" });
    assert.deepEqual([inputs("a-registration").registrationId, inputs("a-registration").revoked], ["r", false]);
    assert.deepEqual(inputs("a-revocations").devices, [{ registrationId: "r-3" }]);
  });
});
