import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRequest } from "../../certs/request";
import type { OperatorEndpointSummary } from "../../components/operatorEndpoint";
import { AutomationStack } from "../../operator/stack/automationStack";
import { type AzureClient, azureClient } from "../cast/azureClient";
import { newSigner } from "../cast/certs";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import { ProjectCommands } from "../cast/operator/projectCommands";
import { refused } from "../cast/operator/refusals";
import type { Ended } from "../cast/pulumiProject";
import { StackDevice } from "../cast/stackDevice";
import { StackProject } from "../cast/stackProject";

const ok = ({ code, output }: Ended): string => {
  assert.equal(code, 0, output);
  return output;
};

const KEYS = "/resourceGroups/keys";
const VAULT = `${KEYS}/providers/Microsoft.KeyVault/vaults/operator-keys`;

/** What deploys an operator endpoint in containers beside the stack. */
const deployed = (subscriptionId: string): Readonly<Record<string, unknown>> => ({
  operatorEndpoint: "containers",
  operatorImage: "registry.example.com/operator:1.0",
  operatorSubnetId: `/subscriptions/${subscriptionId}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/net/subnets/one`,
  operatorKeyVaultId: `/subscriptions/${subscriptionId}${VAULT}`,
  operatorBackendUrl: "azblob://state?storage_account=teamstate",
  operatorAdministratorKey: `ssh-ed25519 ${"A".repeat(68)} alice`,
});

/**
 * The commands of the operator endpoint on a stack that deploys one, by the real CLI and the Automation API: each goes on from
 * the last.
 */
describe("the operator's commands on the dev stack", function () {
  this.timeout(300_000);
  let azure: TestAzure;
  let client: AzureClient;
  let project: StackProject;
  let commands: ProjectCommands | undefined;
  let printed = "";
  const run: ProjectCommands["run"] = async (...args) => commands?.run(...args);
  const statusOf = (id: string): unknown =>
    (project.outputs().devices as { registrationId: string; status: string }[]).find(
      ({ registrationId }) => registrationId === id,
    )?.status;

  before(async () => {
    azure = await startTestAzure();
    client = azureClient(azure.ready);
    project = await StackProject.create(azure.env);
    await project.attachProviders();
    const { tenantId, subscriptionId } = azure.ready;
    await client.arm("PUT", KEYS, { body: { location: "westeurope" } });
    const properties = { tenantId, sku: { family: "A", name: "standard" }, enableRbacAuthorization: true };
    await client.arm("PUT", VAULT, { body: { location: "westeurope", properties } });
    project.configure(deployed(subscriptionId));
    printed = ok(await project.up());
    commands = new ProjectCommands(project, client);
  });

  after(async () => {
    await commands?.close();
    project?.remove();
    await client?.close();
    await azure?.close();
  });

  it("deploys an operator endpoint, and says that the local Azure runs no containers", async () => {
    assert.equal(
      printed.match(/^\s*warning: .*NotEmulated: the local Azure .* runs no containers/gm)?.length,
      1,
      printed,
    );
    const { store, transcripts, instances } = project.outputs().operatorEndpoint as OperatorEndpointSummary;
    const [account = ""] = /^[a-z0-9]+(?=\.blob\.core\.windows\.net\/)/.exec(store.slice("https://".length)) ?? [];
    assert.equal(transcripts, `https://${account}.blob.core.windows.net/operator-transcripts`);
    assert.deepEqual(
      instances.map(
        (each) => /^zero-touch-operator-zt0\d[0-9a-f]{8}\.\S+\.azurecontainerapps\.io:(\d+)$/.exec(each)?.[1],
      ),
      ["2222", "2223", "2224"],
    );
    const found = await client.arm("GET", "/providers/Microsoft.Storage/storageAccounts");
    assert.deepEqual(
      (found.body as { value: { name: string }[] }).value.map(({ name }) => name),
      [account],
    );
  });

  it("Get-StampInformation and Test-Environment find a healthy stack", async () => {
    const { cloud, provisioningService, certificateAuthorities, lastUpdate } = await run("Get-StampInformation");
    assert.deepEqual(
      [cloud, provisioningService.idScope, certificateAuthorities.length, lastUpdate.result],
      ["local", project.outputs().idScope, 1, "succeeded"],
    );
    const { result, checks } = await run("Test-Environment", { IncludeDrift: true });
    assert.equal(result, "pass", JSON.stringify(checks));
  });

  it("a refused change leaves configuration and stack as they were", async () => {
    const error = await refused(
      run("New-IntermediateCertificate", { Name: "x".repeat(63), LifetimeDays: 9999 }),
      "StackFailed",
    );
    assert.match(error.message, /Nothing is changed[\s\S]*intermediateLifetimeDays/);
  });

  it("New-IntermediateCertificate signs a request with the stack's root", async () => {
    const request = await createRequest({ commonName: "line", signer: await newSigner() });
    const parameters = { Name: "Line 2 CA", CertificateRequest: request.replaceAll("\n", "") };
    const { certificate, chain } = await run("New-IntermediateCertificate", parameters);
    assert.ok(new X509Certificate(certificate).verify(new X509Certificate(chain).publicKey));
  });

  it("Disable-Device blocks a device", async () => {
    const { status, changes } = await run("Disable-Device", { RegistrationId: "individual-device-01" });
    // The enrollment, the list of revocations and the registration.
    assert.deepEqual([status, changes], ["disabled", { update: 3 }]);
    assert.equal(statusOf("individual-device-01"), "disabled");
  });

  it("Start- and Complete-CertificateRotation replace the CA, and the devices register with it", async () => {
    const started = await run("Start-CertificateRotation");
    assert.deepEqual(started.generations, [1, 2]);
    const completed = await run("Complete-CertificateRotation");
    assert.deepEqual(completed.generations, [2]);
    assert.equal((project.outputs().rootCertificate as { name: string }).name, "zero-touch-root-2");
    assert.equal(statusOf("group-device-01"), "assigned");
  });

  it("Disable-Enrollment lets no device register, and the registered one stays", async () => {
    const device = StackDevice.of(project, "group-device-01");
    try {
      const { provisioningStatus } = await run("Disable-Enrollment", { EnrollmentGroupId: "sample-group" });
      assert.equal(provisioningStatus, "disabled");
      assert.equal(statusOf("group-device-01"), "assigned");
      const { text } = await device.register(String(project.outputs().idScope));
      assert.match(text, /"status":"disabled"/);
    } finally {
      device.remove();
    }
  });

  it("Get-Log shows the updates and the registrations", async () => {
    const { entries, errors } = await run("Get-Log", { Last: 100 });
    assert.deepEqual(errors, []);
    const texts = entries.map(({ role, text }: { role: string; text: string }) => `${role} ${text}`).join("\n");
    assert.match(texts, /^Pulumi update: succeeded\. operator endpoint: Disable-Device by alice/m);
    assert.match(texts, /^ProvisioningService Registration group-device-01: disabled\./m);
  });

  it("takes the configuration of the last update from the backend, where instances have a folder each", async () => {
    const file = join(project.folder, "Pulumi.dev.yaml");
    const own = readFileSync(file, "utf8");
    const replica = new AutomationStack({ ...(commands ?? assert.fail()).options, isConfigurationInBackend: true });
    try {
      project.configure({ revoked: ["someone-else"], temperature: 31 });
      const { revoked, caGenerations, temperature } = await replica.configuration();
      assert.deepEqual([revoked, caGenerations, temperature], [["individual-device-01"], [2], "30"]);
    } finally {
      writeFileSync(file, own);
    }
  });

  it("leaves no drift with a blocked device and a disabled enrollment: the next preview changes nothing", async () => {
    ok(await project.expectNoChanges("--policy-pack", "policy/launch"));
  });

  it("is destroyed as a whole, with the endpoint's immutable container", async () => {
    ok(await project.run("destroy", "--yes", "--skip-preview", "--stack", "dev"));
    const { body } = await client.arm("GET", "/resources");
    assert.deepEqual(
      (body as { value: { name: string }[] }).value.map(({ name }) => name),
      ["operator-keys"],
    );
  });
});
