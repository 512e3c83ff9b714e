import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ARM_HOST } from "../../azure/hosts";
import { CHECKS, type Section } from "../../doctor/examine";
import { probe } from "../../doctor/tlsProbe";
import { azureClient } from "../cast/azureClient";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import { StackProject } from "../cast/stackProject";

const PACK = resolve(__dirname, "..", "..", "policy", "launch");
const EVERYWHERE = { productionStacks: ["*"] };
/** The configuration of the dev stack as it comes. */
const DEV = { cloud: "local", "azure-native:location": "westeurope" };
/** Every stack is production, and the organisation has wishes of its own. */
const STRICT = {
  "root-proven": EVERYWHERE,
  "protected-resources": EVERYWHERE,
  "local-auth-off": EVERYWHERE,
  "no-shared-keys": EVERYWHERE,
  "hub-linked-by-identity": EVERYWHERE,
  "certificate-lifetimes": { deviceDays: 90 },
  "allowed-locations": { locations: ["northeurope"] },
  "allowed-skus": { hubSkus: ["S2"] },
  "required-tags": { tags: ["owner", "stage=prod|test"] },
  names: { hub: "^iot-" },
};

/** The policy pack, run by the real CLI in previews, and the doctor: what is judged before anything is made. */
describe("checks before a deployment", function () {
  this.timeout(300_000);
  let azure: TestAzure;
  let project: StackProject;
  const preview = (config?: string) =>
    project.run(
      "preview",
      "--stack",
      "dev",
      "--policy-pack",
      PACK,
      ...(config ? ["--policy-pack-config", config] : []),
    );

  /** Writes a stack's configuration; its salt stays. A CLI's run for each key would take most of the time. */
  function configure(stack: string, values: Readonly<Record<string, unknown>>): void {
    const file = join(project.folder, `Pulumi.${stack}.yaml`);
    const [before = ""] = readFileSync(file, "utf8").split(/^config:/m);
    const lines = Object.entries(values).map(([key, value]) => {
      const name = key.includes(":") ? key : `azure-iot-zero-touch:${key}`;
      return `  ${name}: ${JSON.stringify(value)}`;
    });
    writeFileSync(file, [before.trimEnd(), "config:", ...lines, ""].join("\n"));
  }

  before(async () => {
    azure = await startTestAzure();
    project = await StackProject.create(azure.env);
    await project.attachProviders();
    writeFileSync(join(project.folder, "strict.json"), JSON.stringify(STRICT));
  });

  after(async () => {
    project?.remove();
    await azure?.close();
  });

  it("the doctor finds no problem in the default stack, and prints JSON", async () => {
    const { code, output } = await project.script("cli/zero-touch.cjs", "doctor", "--json", "--stack", "dev");
    assert.equal(code, 0, output);
    const { result, checks }: { result: string; checks: readonly Section[] } = JSON.parse(output);
    assert.equal(result, "ok", output);
    assert.deepEqual(
      checks.map(({ check }) => check),
      CHECKS.map(({ name }) => name),
    );
    const messages = checks.flatMap(({ findings }) => findings.map(({ message }) => message));
    assert.ok(messages.includes('The configuration of stack "dev" has no errors (cloud local, westeurope)'));
    assert.ok(messages.some((message) => message.endsWith("with a certificate of the local Azure's CA")));
  });

  it("the doctor reports all problems, and fails", async () => {
    const wrong = await project.script("cli/zero-touch.cjs", "doctor", "--stack", "nowhere");
    assert.equal(wrong.code, 1, "a named stack must exist");
    assert.match(wrong.output, /FAIL {2}No stack's configuration was read: .*nowhere/);
    const pointed = project.environment;
    project.environment = { ...pointed, ARM_TENANT_ID: "another", NODE_EXTRA_CA_CERTS: "", SSL_CERT_FILE: "" };
    const { code, output } = await project.script("cli/zero-touch.cjs", "doctor", "--stack", "dev");
    project.environment = pointed;
    assert.equal(code, 1, output);
    assert.match(output, /FAIL {2}The local Azure's certificate for management\.azure\.com is not trusted/);
    assert.match(output, /FAIL {2}Entra gave no token/);
    assert.doesNotMatch(output, new RegExp(azure.ready.clientSecret));
  });

  it("the doctor connects through a proxy with an untrusted certificate", async () => {
    const shown = await probe(ARM_HOST, 443, azure.env);
    assert.ok(shown.reached, JSON.stringify(shown));
    assert.deepEqual([shown.isTrusted, shown.isPublic], [false, false]);
    assert.match(shown.topIssuer, /CN=/);
    assert.ok(Math.abs(Date.now() - (shown.date?.getTime() ?? 0)) < 60_000, "the time of the local Azure");
    const elsewhere = await probe("example.com", 443, azure.env);
    assert.match(elsewhere.reached ? "" : elsewhere.why, /^the proxy 127\.0\.0\.1:\d+ returned 403$/);
  });

  it("an existing hub and service are imported unchanged", async () => {
    const client = azureClient(azure.ready);
    const group = "/resourceGroups/plant-4";
    const devices = `${group}/providers/Microsoft.Devices`;
    const [hub, service] = [`${devices}/IotHubs/plant-4-hub`, `${devices}/provisioningServices/plant-4-dps`];
    const place = { location: "westeurope", sku: { name: "S1", capacity: 1 } };
    const route = { name: "all", source: "DeviceMessages", endpointNames: ["events"], isEnabled: true };
    await client.arm("PUT", group, { body: { location: "westeurope", tags: { owner: "line-4" } } });
    await client.arm("PUT", hub, { body: { ...place, properties: { routing: { routes: [route] } } } });
    await client.arm("PUT", service, { body: { ...place, properties: {} } });
    await client.close();

    project.addStack("imported");
    configure("imported", {
      cloud: "local",
      "azure-native:location": "westeurope",
      resourceGroupName: "plant-4",
      hubName: "plant-4-hub",
      provisioningServiceName: "plant-4-dps",
      keepImported: true,
    });
    const id = (path: string): string => `/subscriptions/${azure.ready.subscriptionId}${path}`;
    // The example of docs/real-azure.md.
    const resources = [
      { type: "zero-touch:iot:IotHub", name: "hub", logicalName: "zero-touch", component: true },
      { type: "zero-touch:iot:ProvisioningService", name: "service", logicalName: "zero-touch", component: true },
      { type: "azure-native:resources:ResourceGroup", name: "zero-touch-rg", id: id(group) },
      { type: "azure-native:iothub:IotHubResource", name: "zero-touch-hub", id: id(hub), parent: "hub" },
      {
        ...{ type: "azure-native:deviceprovisioningservices:IotDpsResource", name: "zero-touch-dps" },
        ...{ id: id(service), parent: "service" },
      },
    ];
    writeFileSync(join(project.folder, "import.json"), JSON.stringify({ resources }));
    const flags = ["--file", "import.json", "--generate-code=false", "--protect=false", "--yes"];
    const imported = await project.run("import", ...flags, "--stack", "imported");
    assert.equal(imported.code, 0, imported.output);
    const { code, output } = await project.run("preview", "--stack", "imported");
    assert.equal(code, 0, output);
    assert.match(output, /\+ \d+ to create\n {4}6 unchanged/);
    assert.doesNotMatch(output, /to update|to replace|to delete/);
  });

  it("the policy pack finds no violation in the default stack", async () => {
    const { code, output } = await preview();
    assert.equal(code, 0, output);
    assert.match(output, /azure-iot-zero-touch@v0\.1\.0/);
    assert.doesNotMatch(output, /\[(mandatory|advisory)\]|can't run policy/);
  });

  it("the policy pack fails the preview of a stack with violations, each with field, value, rule and remedy", async () => {
    configure("dev", { ...DEV, verification: "asserted", minimumTls: "azureDefault", linkBy: "key" });
    const { code, output } = await preview("strict.json");
    assert.notEqual(code, 0, output);
    for (const violation of [
      /verification = "asserted": in production possession of the root's key is proven, not asserted\./,
      /To fix: pulumi config set verification proofOfPossession\./,
      /protect = false: in production it must be protected from deletion/,
      /properties\.minTlsVersion is not set: the hub must refuse TLS older than 1\.2\./,
      /properties\.disableDeviceSAS is not set: in production devices must not connect by shared keys\./,
      /properties\.disableLocalAuth is not set: in production services must not connect by shared keys\./,
      /lifetimeDays = 365: .*at most 90 days/,
      /location = "westeurope": must be one of northeurope\./,
      /sku\.name = "S1": the tier must be one of S2\./,
      /tags\.owner is not set: the tag is required\./,
      /resourceName = "zero-touch-hub[0-9a-f]{8}": the name must match \^iot-\./,
      /properties\.iotHubs\.0\.connectionString.*reaches its hub by a managed identity, and holds no key of it/,
    ]) {
      assert.match(output, violation);
    }
    assert.doesNotMatch(output, /can't run policy|SharedAccessKey=/);
  });

  it("the policy pack accepts a stack that follows them", async () => {
    configure("dev", {
      ...DEV,
      protect: true,
      localAuth: "off",
      deviceLifetimeDays: 90,
      hubSku: "S2",
      hubName: "iot-hub-1",
      "azure-native:location": "northeurope",
      tags: ["owner=line-4", "stage=prod"],
    });
    const { code, output } = await preview("strict.json");
    assert.equal(code, 0, output);
    assert.doesNotMatch(output, /\[(mandatory|advisory)\]|can't run policy/);
  });

  it("the policy pack also starts like under Pulumi's own Node host: from its folder, the last argument", async () => {
    const folder = resolve(PACK, "..");
    const shim = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
    const child = spawn(process.execPath, [shim, "127.0.0.1:1", folder], {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [printed] = (await once(child.stdout, "data")) as [Buffer];
    child.kill();
    await once(child, "exit");
    assert.match(printed.toString("utf8"), /^\d+\n$/, "the port that it listens on");
  });
});
