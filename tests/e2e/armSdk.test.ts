import assert from "node:assert/strict";
import { join } from "node:path";
import { HOOK } from "../../bench/environment/processes";
import { ended } from "../cast/ended";
import { startTestAzure, type TestAzure } from "../cast/localAzure";

/** What tests/cast/sdkTour.ts prints, as far as it is looked at here. */
interface Tour {
  readonly created: { name: string; tags: unknown; properties: { provisioningState: string } };
  readonly exists: { body: boolean };
  readonly existsAfter: { body: boolean };
  readonly hubFree: { nameAvailable: boolean };
  readonly hubTaken: { nameAvailable: boolean; reason: string };
  readonly hub: { etag: string; properties: Record<string, unknown> };
  readonly hubKeys: readonly { keyName: string; rights: string }[];
  readonly dps: { properties: { idScope: string; state: string; iotHubs: readonly Record<string, unknown>[] } };
  readonly updated: Tour["dps"];
  readonly dpsKeys: readonly { keyName: string; rights: string }[];
  readonly thumbprint: string;
  readonly uploaded: Certificate;
  readonly coded: Certificate;
  readonly verified: Certificate;
  readonly listed: { value: readonly Certificate[] };
  readonly stale: Failure;
  readonly gone: Failure;
  readonly noHub: Failure;
  readonly wrongSecret: Failure;
  readonly list: readonly { name: string; type: string }[];
}

interface Failure {
  readonly statusCode?: number;
  readonly code?: string | number;
  readonly message: string;
}

interface Certificate {
  readonly etag: string;
  readonly properties: {
    readonly subject: string;
    readonly thumbprint: string;
    readonly isVerified: boolean;
    readonly verificationCode?: string;
  };
}

describe("the official management SDKs against the local Azure", () => {
  let azure: TestAzure;
  let tour: Tour;

  before(async () => {
    azure = await startTestAzure();
    const program = join(__dirname, "..", "cast", "sdkTour.ts");
    const { code, out, stderr } = await ended(process.execPath, ["-r", HOOK, program], azure.env);
    assert.equal(code, 0, `${stderr}\n${azure.log()}`);
    tour = JSON.parse(out);
  });

  after(() => azure.close());

  it("creates, finds and deletes a resource group", () => {
    assert.equal(tour.created.properties.provisioningState, "Succeeded");
    assert.deepEqual(tour.created.tags, { made: "by sdk" });
    assert.equal(tour.exists.body, true);
    assert.equal(tour.existsAfter.body, false);
  });

  it("creates a hub with its policies, and reserves its name", () => {
    assert.equal(tour.hubFree.nameAvailable, true);
    assert.deepEqual([tour.hubTaken.nameAvailable, tour.hubTaken.reason], [false, "AlreadyExists"]);
    assert.equal(tour.hub.properties.hostName, "hub-tour.azure-devices.net");
    assert.equal(tour.hub.properties.state, "Active");
    const names = ["iothubowner", "service", "device", "registryRead", "registryReadWrite"];
    assert.deepEqual(
      tour.hubKeys.map(({ keyName }) => keyName),
      names,
    );
  });

  it("creates a provisioning service whose link survives read, modify, write with the key masked", () => {
    const connectionString = "HostName=hub-tour.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=****";
    const link = {
      allocationWeight: 5,
      name: "hub-tour.azure-devices.net",
      connectionString,
      location: "westeurope",
    };
    assert.match(tour.dps.properties.idScope, /^0ne[0-9A-F]{8}$/);
    assert.deepEqual(tour.dps.properties.iotHubs, [link]);
    assert.deepEqual(tour.updated.properties.iotHubs, [link]);
    assert.equal(tour.updated.properties.idScope, tour.dps.properties.idScope);
    assert.deepEqual(
      tour.dpsKeys.map(({ keyName, rights }) => [keyName, rights]),
      [["provisioningserviceowner", "ServiceConfig, DeviceConnect, EnrollmentWrite"]],
    );
  });

  it("verifies a certificate by proof of possession, with a new ETag each step", () => {
    assert.equal(tour.uploaded.properties.isVerified, false);
    assert.equal(tour.uploaded.properties.thumbprint, tour.thumbprint);
    assert.match(tour.coded.properties.verificationCode ?? "", /^[0-9A-F]{48}$/);
    assert.equal(tour.verified.properties.isVerified, true);
    assert.equal(new Set([tour.uploaded, tour.coded, tour.verified].map(({ etag }) => etag)).size, 3);
    assert.equal(tour.listed.value[0]?.etag, tour.verified.etag);
  });

  it("shows Azure's own errors through the SDKs", () => {
    assert.deepEqual([tour.stale.statusCode, tour.stale.code], [412, 412001]);
    assert.match(tour.stale.message, /^Invalid ETag supplied\. .* errorcode: IH412001\.$/);
    assert.deepEqual([tour.gone.statusCode, tour.gone.code], [404, 404015]);
    assert.deepEqual([tour.noHub.statusCode, tour.noHub.code], [404, "ResourceNotFound"]);
    assert.match(tour.wrongSecret.message, /AADSTS7000215: Invalid client secret provided/);
  });

  it("lists the existing resources", () => {
    assert.deepEqual(
      tour.list.map(({ type, name }) => `${type}/${name}`),
      ["Microsoft.Devices/IotHubs/hub-tour", "Microsoft.Devices/provisioningServices/dps-tour"],
    );
  });

  it("logs every request, and no secret", () => {
    assert.match(azure.log(), /"service":"arm".*"method":"PUT"/);
    assert.ok(!azure.log().includes(azure.ready.clientSecret));
    assert.ok(!/authorization|bearer/i.test(azure.log()));
  });
});
