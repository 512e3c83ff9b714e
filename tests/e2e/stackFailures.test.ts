import { strict as assert } from "node:assert";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import { signedIn } from "../cast/signedIn";
import { StackProject } from "../cast/stackProject";

/** What a user sees when something is wrong: one clear message, no stack trace, and a way on. */
describe("a stack whose set-up or deployment fails", function () {
  this.timeout(300_000);
  let azure: TestAzure;
  let project: StackProject;

  before(async () => {
    azure = await startTestAzure();
    // As a workflow at GitHub does: no secret of the application anywhere in the environment.
    project = await StackProject.create(await signedIn(azure, "oidc"));
  });

  after(async () => {
    project?.remove();
    await azure?.close();
  });

  it("refuses a shell that points at another cloud", async () => {
    const pointed = project.environment;
    project.environment = { ...pointed, ZERO_TOUCH_CLOUD: "" };
    const elsewhere = await project.run("preview", "--stack", "dev");
    project.environment = pointed;
    assert.notEqual(elsewhere.code, 0);
    assert.match(elsewhere.output, /this shell does not point at it/);
    assert.doesNotMatch(elsewhere.output, /\n\s+at .*\.[tj]s:\d+/);
  });

  it("is refused with Entra's error when another branch's workflow deploys", async () => {
    const pointed = project.environment;
    const url = `${pointed.ACTIONS_ID_TOKEN_REQUEST_URL}&subject=repo:local/azure-iot-zero-touch:pull_request`;
    project.environment = { ...pointed, ACTIONS_ID_TOKEN_REQUEST_URL: url };
    const { code, output } = await project.up();
    project.environment = pointed;
    assert.notEqual(code, 0);
    assert.match(output, /AADSTS700213: No matching federated identity record .*:pull_request'/);
    assert.match(output, /To fix: Add a federated credential for exactly the subject in the message/);
    assert.doesNotMatch(output, /eyJ/);
  });

  it("fails with Azure's code, meaning and remedy, keeps what exists, and continues at the next up", async () => {
    const body = { Message: "ErrorCode:IotHubUnauthorizedAccess;Unauthorized", ExceptionMessage: "Tracking ID:t-1" };
    const fault = { service: "hub", operation: "Device_SendDeviceEvent", status: 401, body, times: 2 };
    const set = await azure.control("POST", "/faults", { faults: [fault] });
    assert.equal(set.status, 200, JSON.stringify(set.body));
    const failed = await project.up();
    assert.notEqual(failed.code, 0);
    assert.match(
      failed.output,
      /Could not send telemetry of device "(group-device|sensor)-01": IoT Hub returned 401002/,
    );
    assert.match(failed.output, /What it means: The hub refuses the device's credentials/);
    assert.match(failed.output, /To fix: Register the device again/);
    assert.doesNotMatch(failed.output, /PRIVATE KEY/);
    const stored = project.resources().filter(({ type }) => type.endsWith("DeviceRegistration"));
    assert.equal(stored.length, 2);
    for (const { outputs } of stored) assert.equal(outputs?.status, "assigned");

    const { code, output } = await project.up();
    assert.equal(code, 0, output);
    assert.match(output, /2 updated/);
    assert.equal((await project.run("preview", "--expect-no-changes", "--stack", "dev")).code, 0);
    await project.run("destroy", "--yes", "--skip-preview", "--stack", "dev");
  });
});
