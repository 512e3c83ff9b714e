import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRequest } from "../../certs/request";
import { PROJECT } from "../../cli/checkoutPaths";
import type { CommandContext, ParameterValues } from "../../operator/commands/operatorCommand";
import { stackCommands } from "../../operator/commands/stackCommands";
import { AutomationStack } from "../../operator/stack/automationStack";
import { azureClients } from "../../operator/stack/azureClients";
import { type AzureClient, azureClient } from "../cast/azureClient";
import { newSigner } from "../cast/certs";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import { aContext, runCommand } from "../cast/operator/commandRun";
import { localAzureOptions } from "../cast/operator/localAzureOptions";
import { refused } from "../cast/operator/refusals";
import { TestStores } from "../cast/operator/testStores";
import type { Ended } from "../cast/pulumiProject";
import { StackDevice } from "../cast/stackDevice";
import { StackProject } from "../cast/stackProject";

const ok = ({ code, output }: Ended): string => {
  assert.equal(code, 0, output);
  return output;
};

/** The commands of the operator endpoint on a stack, by the real CLI and the Automation API: each goes on from the last. */
describe("the operator's commands on the dev stack", function () {
  this.timeout(300_000);
  const stores = new TestStores();
  const path = process.env.PATH;
  let azure: TestAzure;
  let client: AzureClient;
  let project: StackProject;
  let context: CommandContext;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into values of every shape
  let run: (name: string, parameters?: ParameterValues) => Promise<any>;
  const statusOf = (id: string): unknown =>
    (project.outputs().devices as { registrationId: string; status: string }[]).find(
      ({ registrationId }) => registrationId === id,
    )?.status;

  const stackOptions = () => ({
    project: PROJECT,
    stack: "dev",
    folder: project.folder,
    environment: project.variables,
  });

  before(async () => {
    azure = await startTestAzure();
    client = azureClient(azure.ready);
    project = await StackProject.create(azure.env);
    ok(await project.up());
    // The Automation API runs the CLI of this process's PATH.
    process.env.PATH = project.variables.PATH;
    const stack = new AutomationStack(stackOptions());
    const commands = stackCommands({ stack, azure: azureClients(() => localAzureOptions(client)) });
    context = { ...aContext(stores.open()), clock: { now: () => new Date() } };
    run = async (name, parameters = {}) => (await runCommand(commands, name, parameters, context)).value;
  });

  after(async () => {
    process.env.PATH = path;
    await stores.close();
    project?.remove();
    await client?.close();
    await azure?.close();
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
    assert.match(texts, /^ProvisioningService Registration group-device-01: assigned\./m);
  });

  it("takes the configuration of the last update from the backend, where instances have a folder each", async () => {
    const file = join(project.folder, "Pulumi.dev.yaml");
    const own = readFileSync(file, "utf8");
    const replica = new AutomationStack({ ...stackOptions(), isConfigurationInBackend: true });
    try {
      project.configure({ revoked: ["someone-else"], temperature: 31 });
      const { revoked, caGenerations, temperature } = await replica.configuration();
      assert.deepEqual([revoked, caGenerations, temperature], [["individual-device-01"], [2], "30"]);
    } finally {
      writeFileSync(file, own);
    }
  });

  it("leaves no drift with a blocked device and a disabled enrollment: the next preview changes nothing", async () => {
    ok(await project.expectNoChanges());
  });
});
