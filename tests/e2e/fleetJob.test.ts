import { strict as assert } from "node:assert";
import { resolve } from "node:path";
import type { FleetJobSummary } from "../../components/fleetJob";
import { type AzureClient, azureClient } from "../cast/azureClient";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import { type Ended, PulumiProject } from "../cast/pulumiProject";

const ROOT = resolve(__dirname, "../..");
const KEYS = "/resourceGroups/keys";
const VAULT = `${KEYS}/providers/Microsoft.KeyVault/vaults/fleet-keys`;

const ok = ({ code, output }: Ended): string => {
  assert.equal(code, 0, output);
  return output;
};

const program = (subscriptionId: string): string => `
require(${JSON.stringify(`${ROOT}/bootstrap/typescript.cjs`)});
const { FleetJob } = require(${JSON.stringify(`${ROOT}/components/fleetJob.ts`)});
const job = new FleetJob("line", {
  location: "westeurope",
  idScope: "0ne00000000",
  image: "registry.example.com/fleet:1.0",
  shards: 4,
  devices: 1000,
  issuerChain: "a chain",
  issuerKeyId: "https://fleet-keys.vault.azure.net/keys/line-1",
  keyVaultId: ${JSON.stringify(`/subscriptions/${subscriptionId}${VAULT}`)},
  tags: { owner: "line" },
});
exports.job = job.summary;
exports.principalId = job.principalId;
`;

describe("a fleet job under the real engine", function () {
  this.timeout(300_000);
  let azure: TestAzure;
  let client: AzureClient;
  let project: PulumiProject;

  before(async () => {
    azure = await startTestAzure();
    client = azureClient(azure.ready);
    const { tenantId, subscriptionId } = azure.ready;
    await client.arm("PUT", KEYS, { body: { location: "westeurope" } });
    const properties = { tenantId, sku: { family: "A", name: "standard" }, enableRbacAuthorization: true };
    await client.arm("PUT", VAULT, { body: { location: "westeurope", properties } });
    project = await PulumiProject.create(azure.env);
    project.program(program(subscriptionId));
  });
  after(async () => {
    project?.remove();
    await client?.close();
    await azure?.close();
  });

  it("is created with no secret in its state, unchanged by a refresh and a second update, and destroyed as a whole", async () => {
    ok(await project.run("up", "--yes", "--skip-preview"));
    const { job, resourceGroup, store, clientId } = project.state.outputs().job as FleetJobSummary;
    assert.match(job, /^line-fleet[0-9a-f]{8}$/);
    assert.match(store, /^https:\/\/linefl[0-9a-f]{8}\.blob\.core\.windows\.net\/fleet$/);
    const { body } = await client.arm("GET", `/resourceGroups/${resourceGroup}/providers/Microsoft.App/jobs/${job}`);
    const { configuration, template } = (
      body as {
        properties: {
          configuration: Record<string, unknown>;
          template: { containers: [Record<"args" | "env", unknown[]>] };
        };
      }
    ).properties;
    assert.deepEqual(configuration.manualTriggerConfig, { parallelism: 4, replicaCompletionCount: 4 });
    const [container] = template.containers;
    assert.ok(container.args.includes(`--store=${store}`));
    assert.deepEqual(container.env[2], { name: "AZURE_CLIENT_ID", value: clientId });
    const roles = await client.arm("GET", `${VAULT}/keys/line-1/providers/Microsoft.Authorization/roleAssignments`);
    const principals = (roles.body as { value: { properties: { principalId: string } }[] }).value;
    assert.ok(principals.some(({ properties }) => properties.principalId === project.state.outputs().principalId));

    assert.doesNotMatch(
      JSON.stringify(project.state.resources()),
      /PRIVATE KEY|AccountKey|SharedAccessKey|1b47061264138c4a/,
    );

    ok(await project.run("up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes"));
    ok(await project.run("destroy", "--yes", "--skip-preview"));
    const left = await client.arm("GET", "/resources");
    assert.deepEqual(
      (left.body as { value: { name: string }[] }).value.map(({ name }) => name),
      ["fleet-keys"],
    );
  });
});
