import { strict as assert } from "node:assert";
import type { CommandOutput, ParameterValues } from "../../../../operator/commands/operatorCommand";
import { stackCommands } from "../../../../operator/commands/stackCommands";
import { aContext, runCommand } from "../../../cast/operator/commandRun";
import { FakeAzureClients } from "../../../cast/operator/fakeAzureClients";
import { FakeStack } from "../../../cast/operator/fakeStack";
import { TestStores } from "../../../cast/operator/testStores";

interface Report {
  readonly result: string;
  readonly checks: readonly {
    readonly check: string;
    readonly findings: readonly { readonly result: string; readonly message: string; readonly remedy?: string }[];
  }[];
}

describe("Test-Environment", () => {
  const stores = new TestStores();
  let stack: FakeStack;
  let azure: FakeAzureClients;
  let days = 0;
  const run = (parameters: ParameterValues = {}): Promise<CommandOutput> => {
    const context = aContext(stores.open());
    context.clock.advance(days * 86_400);
    return runCommand(stackCommands({ stack, azure }), "Test-Environment", parameters, context);
  };
  const problems = async (parameters?: ParameterValues): Promise<readonly string[]> => {
    const { checks } = (await run(parameters)).value as Report;
    return checks.flatMap(({ check, findings }) =>
      findings.flatMap(({ result, message, remedy }) =>
        result === "pass" ? [] : [`${check} ${result}: ${message} ${remedy ?? "no remedy"}`],
      ),
    );
  };

  beforeEach(async () => {
    stack = await FakeStack.create();
    azure = new FakeAzureClients();
    days = 0;
  });

  after(() => stores.close());

  it("passes a healthy environment", async () => {
    const { value, exitCode, text } = await run();
    assert.equal((value as Report).result, "pass");
    assert.deepEqual(
      (value as Report).checks.map(({ check }) => check),
      ["Certificates", "Provisioning service", "Hub", "Enrollments"],
    );
    assert.equal(exitCode, 0);
    assert.match(text ?? "", /Result: pass$/);
  });

  it("warns of certificates that end, and fails for expired ones, with the command that helps", async () => {
    days = 1800;
    const found = (await problems()).join("\n");
    assert.match(found, /Certificates warn: Intermediate CN=Test CA expires on .* New-IntermediateCertificate/);
    assert.match(found, /Certificates fail: Certificate of device device-01 expired/);
    assert.equal((await run()).exitCode, 1);
  });

  it("fails for a service without its hub, and warns of a state that is not Active", async () => {
    azure.linkedHubs = ["other.azure-devices.net"];
    azure.state = "Transitioning";
    const found = (await problems()).join("\n");
    assert.match(found, /Provisioning service fail: The hub hub-1 is not linked/);
    assert.match(found, /Provisioning service warn: .*Transitioning/);
  });

  it("fails for a service that has lost its role on the hub", async () => {
    const [type, name, id] = ["azure-native:authorization:RoleAssignment", "hub-role", "/hub/roleAssignments/1"];
    const inputs = { principalType: "ServicePrincipal" };
    stack.more.push({ urn: `urn:pulumi:dev::p::${type}::${name}`, type, name, id, inputs, outputs: {} });
    const { text } = await run();
    assert.match(text ?? "", /has the role hub-role/);
    azure.hasRole = false;
    assert.match(
      (await problems()).join("\n"),
      /^Provisioning service fail: .*lost the role hub-role: no device can register\. pulumi up --refresh assigns it again, by an identity that may assign roles$/,
    );
  });

  it("fails for a hub that does not respond, and goes on", async () => {
    azure.hubError = new Error("no response");
    assert.deepEqual((await problems()).length, 1);
    assert.match((await problems())[0] ?? "", /^Hub fail: no response/);
  });

  it("warns of a disabled group, and fails for a missing one", async () => {
    azure.enrollments.set("group/sample-group", { provisioningStatus: "disabled" });
    assert.match((await problems())[0] ?? "", /Enrollments warn: .*sample-group is disabled.*Enable-Enrollment/);
    azure.enrollments.clear();
    assert.match((await problems())[0] ?? "", /Enrollments fail: .*sample-group does not exist/);
  });

  it("shows drift on request only", async () => {
    const change = { operation: "update", type: "pulumi-nodejs:dynamic/iot:EnrollmentGroup", name: "group" };
    stack.outcomes.push({ result: "succeeded", changes: [change], errors: [] });
    assert.deepEqual(await problems(), []);
    assert.match(
      (await problems({ IncludeDrift: true }))[0] ?? "",
      /Drift warn: update EnrollmentGroup group is pending/,
    );
  });
});
