import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { az as installed } from "../cast/clientKit";
import { DeviceEnvironment } from "../cast/deviceEnvironment";
import { launchTestAzure } from "../cast/launchedAzure";

describe("the az command line, unmodified, against the local Azure", function () {
  this.timeout(900_000);
  let environment: DeviceEnvironment;
  let run: Awaited<ReturnType<typeof installed>>;

  before(async () => {
    run = await installed();
    environment = await DeviceEnvironment.open(await launchTestAzure());
  });

  after(() => environment?.close());

  const ask = (query: string, args: readonly string[]) =>
    run([...args, "--output", "tsv", "--query", query], {
      ...environment.azure.env,
      AZURE_CONFIG_DIR: join(environment.folder, "az"),
      AZURE_CORE_COLLECT_TELEMETRY: "0",
    });

  /** The lines that az prints as TSV of a query; it must succeed. */
  async function az(query: string, ...args: string[]): Promise<string[]> {
    const { code, out, stderr } = await ask(query, args);
    assert.equal(code, 0, stderr);
    return out.trim().split(/\r?\n/);
  }

  /** What az says of a refusal; it must fail. */
  async function errorOf(...args: string[]): Promise<string> {
    const { code, stderr } = await ask("@", args);
    assert.notEqual(code, 0);
    return stderr;
  }

  const dps = ["--dps-name", "test-dps", "--resource-group", "test-rg"];

  it("signs in as the service principal", async () => {
    const { clientId, clientSecret, tenantId, subscriptionId } = environment.azure.ready;
    const file = join(environment.folder, "secret");
    writeFileSync(file, clientSecret, { mode: 0o600 });
    const principal = ["--username", clientId, "--password", `@${file}`, "--tenant", tenantId];
    assert.deepEqual(await az("[].id", "login", "--service-principal", ...principal), [subscriptionId]);
  });

  it("lists and shows provisioning services, their hubs and policies", async () => {
    assert.deepEqual(await az("[].name", "group", "list"), ["test-rg"]);
    assert.deepEqual(await az("[].properties.idScope", "iot", "dps", "list"), [environment.idScope]);
    const show = ["iot", "dps", "show", "--name", "test-dps", "--resource-group", "test-rg"];
    assert.deepEqual(await az("properties.state", ...show), ["Active"]);
    assert.deepEqual(await az("[].name", "iot", "dps", "linked-hub", "list", ...dps), [environment.hubHost]);
    assert.deepEqual(await az("[].keyName", "iot", "dps", "policy", "list", ...dps), ["provisioningserviceowner"]);
  });

  it("uploads a certificate, not verified, and deletes it by its ETag", async () => {
    const certificate = [...dps, "--certificate-name", "from-az"];
    const path = join(environment.folder, "certs/azure-iot-test-only.intermediate.cert.pem");
    const made = await az(
      "[properties.isVerified]",
      "iot",
      "dps",
      "certificate",
      "create",
      ...certificate,
      "--path",
      path,
    );
    assert.deepEqual(made, ["false"]);
    const names = await az("value[].name", "iot", "dps", "certificate", "list", ...dps);
    assert.ok(names.includes("from-az"), String(names));
    const [etag = ""] = await az("etag", "iot", "dps", "certificate", "show", ...certificate);
    await az("@", "iot", "dps", "certificate", "delete", ...certificate, "--etag", etag);
    assert.ok(!(await az("value[].name", "iot", "dps", "certificate", "list", ...dps)).includes("from-az"));
  });

  it("assigns and removes roles by application and object ID, and lists assignees by name", async () => {
    const { clientId, objectId, subscriptionId } = environment.azure.ready;
    const scope = ["--scope", `/subscriptions/${subscriptionId}/resourceGroups/test-rg`];
    const give = (role: string, assignee: string) =>
      az(
        "[principalId,principalType]",
        "role",
        "assignment",
        "create",
        ...scope,
        "--role",
        role,
        "--assignee",
        assignee,
      );
    const principal = [objectId, "ServicePrincipal"];
    assert.deepEqual(await give("Key Vault Reader", clientId), principal);
    assert.deepEqual(await give("Key Vault Secrets User", objectId), principal);
    const stranger = ["--role", "Key Vault Reader", "--assignee", "nobody@example.com"];
    assert.match(await errorOf("role", "assignment", "create", ...scope, ...stranger), /Cannot find user or service/);
    await az("@", "role", "assignment", "delete", ...scope, "--role", "Key Vault Reader", "--assignee", clientId);
    const left = await az("[].[principalName,roleDefinitionName]", "role", "assignment", "list", ...scope);
    assert.deepEqual(left, [`${clientId}\tKey Vault Secrets User`]);
  });

  it("shows the tenant's one application, and no signed-in user", async () => {
    const { clientId, objectId } = environment.azure.ready;
    assert.deepEqual(await az("id", "ad", "sp", "show", "--id", clientId), [objectId]);
    assert.deepEqual(await az("[].appId", "ad", "sp", "list"), [clientId]);
    assert.deepEqual(await az("[].appId", "ad", "app", "list"), [clientId]);
    assert.match(await errorOf("ad", "signed-in-user", "show"), /\/me request is only valid with delegated/);
    assert.match(await errorOf("ad", "group", "list"), /The local Azure does not emulate GET \/v1\.0\/groups/);
  });
});
