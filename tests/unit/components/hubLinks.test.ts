import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime";
import { EnrollmentGroup } from "../../../components/enrollmentGroup";
import { EnrollmentList } from "../../../components/enrollmentList";
import { IndividualEnrollment } from "../../../components/individualEnrollment";
import { IotHub } from "../../../components/iotHub";
import { ProvisioningService } from "../../../components/provisioningService";
import { type ResourceRequest, recordRequests } from "../../cast/resourceRequests";

type Props = Readonly<Record<string, unknown>>;

const ROLE = "4fc6c259-987e-4a07-842e-c321cc9d413f";
const hubId = (name: string) => `/subscriptions/sub-1/resourceGroups/rg/providers/Microsoft.Devices/IotHubs/${name}`;

describe("links of a provisioning service, through its component", function () {
  this.timeout(60_000);
  const made: MockResourceArgs[] = [];
  const calls: string[] = [];
  let requests: readonly ResourceRequest[] = [];
  const inputs = (name: string): Props => made.find((each) => each.name === name)?.inputs ?? {};
  const serviceOf = (name: string) => inputs(`${name}-dps`) as { identity?: Props; properties: Props };
  const ignored = (name: string) => requests.find((each) => each.getName() === name)?.getIgnorechangesList();

  before(async () => {
    await pulumi.runtime.setMocks(
      {
        newResource(args) {
          made.push(args);
          const own = { name: args.name, etag: `etag of ${args.name}`, principalId: "p-1" };
          const id = args.type.endsWith(":IotHubResource") ? hubId(args.name) : `id of ${args.name}`;
          return { id, state: { ...args.inputs, ...own } };
        },
        call({ token }) {
          calls.push(token);
          return { primaryKey: "the key" };
        },
      },
      "library",
      "test",
      false,
      "organization",
    );
    requests = recordRequests();
    const place = { resourceGroupName: "rg", location: "westeurope" };
    const hub = (name: string) => new IotHub(name, { ...place, minimumTls: "1.2", localAuth: "off" });
    const service = new ProvisioningService("own", {
      ...place,
      hubs: [hub("one"), { ...other(), allocationWeight: 2 }],
    });
    const iotHubs = service.hubHostNames;
    for (const [name, hubs] of [
      ["named", { iotHubs }],
      ["any", {}],
    ] as const) {
      new EnrollmentGroup(`${name}-group`, { service, enrollmentGroupId: name, caReference: "root", ...hubs });
      new IndividualEnrollment(`${name}-device`, { service, registrationId: name, caReference: "root", ...hubs });
      const enrollments = { [name]: { caReference: "root", ...hubs } };
      new EnrollmentList(`${name}-list`, { service, enrollments, revoked: [], revokedThumbprints: [] });
    }
    new ProvisioningService("user", {
      ...place,
      hubs: [hub("three")],
      identity: { type: "SystemAssigned", userAssignedIdentities: ["/identities/other"] },
      linkIdentity: { resourceId: "/identities/linker", principalId: "p-user" },
      localAuth: "off",
    });
    new ProvisioningService("unmanaged", { ...place, hubs: [hub("four")], linkBy: "unmanaged" });
    await pulumi.runtime.disconnect();
    assert.deepEqual(calls, [], "no key is read for a link by identity");
    new ProvisioningService("key", { ...place, hubs: [hub("five")], linkBy: "key" });
    new ProvisioningService("text", {
      ...place,
      hubs: [{ hostName: "h.azure-devices.net", location: "westeurope", connectionString: "HostName=h" }],
    });
    await pulumi.runtime.disconnect();
  });

  const other = () => ({ hostName: "two.azure-devices.net", location: "northeurope", resourceId: hubId("two") });

  it("are by the system-assigned identity, with one role on each hub, and nothing of a key", () => {
    assert.deepEqual(serviceOf("own").identity, { type: "SystemAssigned" });
    assert.deepEqual(serviceOf("own").properties, { allocationPolicy: "Hashed" });
    assert.deepEqual(ignored("own-dps"), ["properties.iotHubs"]);
    const { roleAssignmentName, ...role } = inputs("own-dps-hub-role");
    assert.match(String(roleAssignmentName), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.deepEqual(role, {
      scope: hubId("one-hub"),
      principalId: "p-1",
      principalType: "ServicePrincipal",
      roleDefinitionId: `/subscriptions/sub-1/providers/Microsoft.Authorization/roleDefinitions/${ROLE}`,
    });
    assert.equal(inputs("own-dps-hub-role-2").scope, hubId("two"));
    const { __provider, ...links } = inputs("own-dps-links");
    assert.match(String(__provider), /"hubLinks"/);
    assert.deepEqual(links, {
      provisioningServiceId: "id of own-dps",
      serviceEtag: "etag of own-dps",
      hubs: [
        { hostName: "one-hub.azure-devices.net", location: "westeurope" },
        { hostName: "two.azure-devices.net", location: "northeurope", allocationWeight: 2 },
      ],
    });
    assert.ok(!JSON.stringify(made.filter(({ name }) => name.startsWith("own"))).includes("SharedAccessKey"));
  });

  it("are there before enrollments that name hubs, and keep no other waiting", () => {
    const waitsForLinks = (name: string): boolean | undefined =>
      requests
        .find((each) => each.getName() === name)
        ?.getDependenciesList()
        .some((urn) => urn.endsWith("::own-dps-links"));
    for (const name of ["group-enrollment", "device-enrollment", "list-enrollments"]) {
      assert.equal(waitsForLinks(`named-${name}`), true, name);
      assert.equal(waitsForLinks(`any-${name}`), false, name);
    }
  });

  it("are by a user-assigned identity, which joins those of the service", () => {
    assert.deepEqual(serviceOf("user").identity, {
      type: "SystemAssigned, UserAssigned",
      userAssignedIdentities: ["/identities/other", "/identities/linker"],
    });
    assert.equal(inputs("user-dps-hub-role").principalId, "p-user");
    assert.equal(inputs("user-dps-links").userAssignedIdentityId, "/identities/linker");
    assert.equal(inputs("user-dps-links").disableLocalAuth, true);
    assert.ok(!made.some(({ name }) => name === "user-dps-identity"));
  });

  it("stay as they are in Azure, where they are not managed", () => {
    assert.deepEqual(serviceOf("unmanaged").properties, { allocationPolicy: "Hashed" });
    assert.deepEqual(ignored("unmanaged-dps"), ["properties.iotHubs"]);
    assert.ok(!made.some(({ name }) => name.startsWith("unmanaged-dps-")));
  });

  it("are by a key that is a secret where the program says so, or has nothing but a connection string", () => {
    assert.deepEqual(calls, ["azure-native:iothub:listIotHubResourceKeysForKeyName"]);
    const text = JSON.stringify(inputs("key-dps"));
    assert.match(text, /4dabf18193072939515e22adb298388d/);
    assert.match(text, /HostName=five-hub.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=the key/);
    assert.deepEqual(ignored("key-dps"), []);
    assert.deepEqual(serviceOf("text").properties.iotHubs, [
      { connectionString: "HostName=h", location: "westeurope" },
    ]);
    assert.equal(serviceOf("text").identity, undefined);
    assert.ok(!made.some(({ name }) => /^(key|text)-dps-/.test(name)));
  });

  it("turn off every shared key of the hub, with localAuth off", () => {
    assert.deepEqual(inputs("one-hub").properties, {
      minTlsVersion: "1.2",
      disableLocalAuth: true,
      disableDeviceSAS: true,
      disableModuleSAS: true,
    });
  });

  it("are by identity, where the service is to refuse shared access keys", () => {
    const hubs = [other()];
    const args = { resourceGroupName: "rg", location: "westeurope", hubs, linkBy: "key", localAuth: "off" } as const;
    assert.throws(() => new ProvisioningService("no-keys", args), /localAuth off needs a link by identity/);
  });

  for (const [linkBy, missing] of [
    ["identity", "resourceId"],
    ["key", "connectionString"],
  ] as const) {
    it(`need the ${missing} of every hub for a link by ${linkBy}`, () => {
      const hubs = [{ hostName: "h.azure-devices.net", location: "westeurope" }];
      assert.throws(
        () =>
          new ProvisioningService(`no-${missing}`, { resourceGroupName: "rg", location: "westeurope", hubs, linkBy }),
        (error) =>
          pulumi.ResourceError.isInstance(error) &&
          new RegExp(`hubs\\[0\\].${missing} is missing`).test((error as Error).message) &&
          /To fix: /.test((error as Error).message),
      );
    });
  }
});
