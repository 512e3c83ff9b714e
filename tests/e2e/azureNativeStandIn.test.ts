import { strict as assert } from "node:assert";
import { FakeArm, type Scripted } from "../cast/fakeArm";
import { PulumiProject } from "../cast/pulumiProject";

const KEY = "c2VjcmV0LWtleQ==";

interface Options {
  readonly location?: string;
  readonly sku?: string;
  readonly more?: string;
  readonly hub?: string;
}

/** A group, a hub, a provisioning service linked to it with a secret connection string, and a child with its logical name. */
const program = ({ location = "westeurope", sku = "S1", more = "", hub = "" }: Options = {}): string => `
const pulumi = require("@pulumi/pulumi");
const { ResourceGroup } = require("@pulumi/azure-native/resources");
const iothub = require("@pulumi/azure-native/iothub");
const dps = require("@pulumi/azure-native/deviceprovisioningservices");
const group = new ResourceGroup("group", { resourceGroupName: "g", location: "${location}" });
const hub = new iothub.IotHubResource("hub", {
  resourceGroupName: group.name, resourceName: "h", sku: { name: "${sku}", capacity: 1 }, ${hub}
});
const service = new dps.IotDpsResource("service", {
  resourceGroupName: group.name,
  provisioningServiceName: "d",
  sku: { name: "S1", capacity: 1 },
  properties: { iotHubs: [{
    connectionString: pulumi.secret(pulumi.interpolate\`HostName=\${hub.properties.hostName};SharedAccessKey=${KEY}\`),
    location: hub.location,
  }] },
});
const consumers = new iothub.IotHubResourceEventHubConsumerGroup("readers", {
  resourceGroupName: group.name, resourceName: hub.name, eventHubEndpointName: "events", properties: { name: "readers" },
}, { dependsOn: service });
exports.idScope = pulumi.unsecret(service.properties.idScope);
exports.besideSecret = service.properties.idScope;
${more}
`;

const HUB = "/resourceGroups/g/IotHubs/h";
const SERVICE = "/resourceGroups/g/provisioningServices/d";
const READERS = `${HUB}/eventHubEndpoints/events/ConsumerGroups/readers`;

describe("the stand-in plugin under the real engine", () => {
  let arm: FakeArm;
  let project: PulumiProject;

  before(async () => {
    arm = await FakeArm.start();
    project = await PulumiProject.create(arm.environment);
  });

  after(async () => {
    project?.remove();
    await arm?.close();
  });

  afterEach(() => {
    arm.script = () => undefined;
    arm.take();
  });

  /** Runs and expects success; the output is the message when it fails. */
  const succeeds = async (...args: string[]): Promise<string> => {
    const { code, output } = await project.run(...args);
    assert.equal(code, 0, output);
    return output;
  };

  it("previews new resources without one request, and without a token", async () => {
    project.program(program());
    const output = await succeeds("preview", "--diff");
    assert.match(output, /\+ 5 to create/);
    assert.deepEqual(arm.take(), []);
    assert.equal(arm.tokens, 0);
    await project.attachStandIn();
  });

  it("reports all errors of a program at once, against the property, without a request", async () => {
    project.program(program({ hub: 'properties: { comments: 5, enrichment: [] }, tags: "none"' }));
    const { code, output } = await project.run("preview");
    assert.notEqual(code, 0);
    for (const property of ["properties.comments", "properties.enrichment", "tags"]) {
      assert.ok(output.includes(`resource 'hub' has a problem: '${property}'`), output);
    }
    assert.match(output, /azure-native:iothub:IotHubResource of the stand-in azure-native plugin/);
    assert.deepEqual(arm.take(), []);
  });

  it("creates in the genuine plugin's order: GET, PUT, polls, GET; with one token and no If-Match", async () => {
    project.program(program());
    const output = await project.run("up", "--yes", "--skip-preview");
    assert.equal(output.code, 0, output.output);
    assert.match(output.output, /idScope *: "0ne00A1B2C3"/);
    // The engine marks the link secret as its input is, and the SDK all of `properties`.
    assert.match(output.output, /besideSecret *: \[secret\]/);
    assert.ok(arm.requests.every(({ headers }) => headers["if-match"] === undefined));
    const versions = new Map(arm.requests.map(({ path, apiVersion }) => [path.split("/").at(-2), apiVersion]));
    assert.equal(versions.get("resourcegroups"), "2024-03-01");
    assert.equal(versions.get("IotHubs"), "2023-06-30");
    assert.equal(versions.get("provisioningServices"), "2023-03-01-preview");
    assert.deepEqual(arm.take(), [
      "GET /resourcegroups/g",
      "PUT /resourcegroups/g",
      "GET /resourcegroups/g",
      "GET /resourceGroups/g",
      `GET ${HUB}`,
      `PUT ${HUB}`,
      "GET /operationresults/1",
      `GET ${HUB}`,
      `GET ${SERVICE}`,
      `PUT ${SERVICE}`,
      "GET /operationresults/1",
      `GET ${SERVICE}`,
      `GET ${READERS}`,
      `PUT ${READERS}`,
      `GET ${READERS}`,
    ]);
    assert.equal(arm.tokens, 1);
  });

  it("sends one GET each for a refresh and nothing for an up, and sees no change, not in masked keys either", async () => {
    const args = ["--refresh", "--yes", "--skip-preview", "--expect-no-changes"];
    assert.match(await succeeds("up", ...args), /5 unchanged/);
    assert.deepEqual(
      arm.take().sort(),
      [`GET ${HUB}`, `GET ${READERS}`, `GET ${SERVICE}`, "GET /resourceGroups/g"].sort(),
    );
  });

  it("keeps keys out of the state's clear text, and the ID scope in it", () => {
    const state = project.state.exported();
    assert.ok(!state.includes(KEY));
    assert.doesNotMatch(state, /SharedAccessKey/, "the masked one in the outputs is secret, as its input is");
    assert.match(state, /"idScope": "0ne00A1B2C3"/);
  });

  it("previews an edit by property, and updates in place with PUT, polls, GET", async () => {
    project.program(program({ sku: "S2" }));
    assert.match(await succeeds("preview", "--diff", "--target", "**IotHubResource::hub"), /~ name: "S1" => "S2"/);
    assert.deepEqual(arm.take(), []);
    await succeeds("up", "--yes", "--skip-preview", "--target", "**IotHubResource::hub");
    assert.deepEqual(arm.take(), [`PUT ${HUB}`, "GET /operationresults/1", `GET ${HUB}`]);
  });

  it("shows drift at a refresh and repairs it at the next up", async () => {
    for (const [id, resource] of arm.resources)
      if (id.endsWith("/iothubs/h")) resource.sku = { name: "S2", capacity: 5 };
    assert.match(await succeeds("refresh", "--yes", "--skip-preview", "--diff"), /~ capacity: 1 => 5/);
    assert.match(await succeeds("preview", "--diff"), /~ capacity: 5 => 1/);
  });

  it("replaces for another location, the old one first", async () => {
    project.program(program({ sku: "S2", location: "northeurope" }));
    const output = await succeeds("preview", "--diff", "--target", "**ResourceGroup::group", "--target-dependents");
    assert.match(output, /\+-azure-native:resources:ResourceGroup: \(replace\)/);
    assert.match(output, /~ location *: "westeurope" => "northeurope"/);
  });

  it("imports by id, refuses to create what exists, and keeps what failed half-way: the next up sends its PUT", async () => {
    const id =
      "/subscriptions/00000000-0000-4000-8000-000000000002/resourceGroups/g/providers/Microsoft.Devices/IotHubs/other";
    arm.resources.set(id.toLowerCase(), {
      id,
      name: "other",
      location: "westeurope",
      sku: { name: "S1", capacity: 1 },
    });
    const more = `new iothub.IotHubResource("other", { resourceGroupName: "g", resourceName: "other", location: "westeurope",
      sku: { name: "S1", capacity: 1 } }, { dependsOn: group, import: ${JSON.stringify(id)}, retainOnDelete: true });
    new iothub.IotHubResource("again", { resourceGroupName: "g", resourceName: "h", location: "westeurope", sku: { name: "S1" } });
    new iothub.IotHubResource("late", { resourceGroupName: group.name, resourceName: "late", location: "westeurope",
      sku: { name: "S1" } });`;
    project.program(program({ sku: "S2", more }));
    const failed: Scripted = {
      status: 200,
      body: { status: "Failed", error: { code: "OutOfCapacity", message: "none left" } },
    };
    arm.script = ({ path }) => (path.includes("/operationresults/") ? failed : undefined);
    const targets = ["other", "again", "late"].flatMap((name) => ["--target", `**IotHubResource::${name}`]);
    const { code, output } = await project.run("up", "--yes", "--skip-preview", "--continue-on-error", ...targets);
    assert.notEqual(code, 0);
    // The genuine plugin's message.
    assert.match(output, /cannot create already existing resource '.*IotHubs\/h'/);
    assert.match(output, /Code="OutOfCapacity" Message="none left"/);
    const late = "/resourceGroups/g/IotHubs/late";
    const taken = arm.take();
    const ofOther = taken.filter((line) => line.endsWith("/other"));
    assert.ok(ofOther.length > 0 && ofOther.every((line) => line === "GET /resourceGroups/g/IotHubs/other"));
    // Before it creates one it looks whether it exists, and after the failure it reads what is there.
    const created = [`GET ${HUB}`, `GET ${late}`, `PUT ${late}`, "GET /operationresults/1", `GET ${late}`];
    assert.deepEqual(taken.filter((line) => !line.endsWith("/other")).sort(), created.sort());
    const names = project.state.resources().map(({ urn }) => urn.split("::").at(-1));
    assert.ok(names.includes("other") && names.includes("late") && !names.includes("again"), names.join());

    arm.script = () => undefined;
    await succeeds("up", "--yes", "--skip-preview", "--target", "**IotHubResource::late");
    assert.deepEqual(arm.take(), [`PUT ${late}`, "GET /operationresults/1", `GET ${late}`]);
  });

  it("prints Azure's refusal on one line without a stack", async () => {
    const refusal: Scripted = { status: 403, body: { error: { code: "AuthorizationFailed", message: "no rights" } } };
    arm.script = ({ method }) => (method === "DELETE" ? refusal : undefined);
    const { code, output } = await project.run(
      "destroy",
      "--yes",
      "--skip-preview",
      "--target",
      "**IotHubResource::late",
    );
    assert.notEqual(code, 0);
    assert.match(output, /error: .*Status=403 Code="AuthorizationFailed" Message="no rights"/);
    assert.doesNotMatch(output, /^\s+at .*\.(ts|js):\d+/m);
  });

  it("destroys in order, polls to the end, and leaves nothing", async () => {
    await succeeds("destroy", "--yes", "--skip-preview");
    const taken = arm.take();
    for (const path of [SERVICE, HUB, "/resourceGroups/g"]) {
      assert.ok(taken.includes(`DELETE ${path}`), taken.join("\n"));
    }
    assert.equal(taken.at(-2), "DELETE /resourceGroups/g");
    assert.equal(taken.at(-1), "GET /operationresults/1");
    assert.deepEqual([...arm.resources.keys()], []);
  });

  it("does not run outside the local mode, and says what to run", async () => {
    project.program(program());
    const { code, output } = await project.runWith({ ZERO_TOUCH_CLOUD: "public" }, "preview");
    assert.notEqual(code, 0);
    assert.doesNotMatch(output, /bug in the provider/);
    assert.match(output, /stand-in azure-native plugin for the local Azure, and ZERO_TOUCH_CLOUD is not 'local'/);
  });

  it("fails at once when the local Azure is not running", async () => {
    const { code, output } = await project.runWith(
      { HTTPS_PROXY: "http://127.0.0.1:1" },
      "up",
      "--yes",
      "--skip-preview",
    );
    assert.notEqual(code, 0);
    assert.match(
      output,
      /the local Azure does not respond at http:\/\/127\.0\.0\.1:1\.\s+To fix: npm run local -- start/,
    );
  });
});
