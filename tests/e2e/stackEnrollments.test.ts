import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AzureClient, azureClient } from "../cast/azureClient";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import type { Ended } from "../cast/pulumiProject";
import { StackProject } from "../cast/stackProject";

const ok = ({ code, output }: Ended): string => {
  assert.equal(code, 0, output);
  return output;
};

const KEY = Buffer.alloc(32, 7).toString("base64");
const WEBHOOK_KEY = "webhook-key-1";

/** Enrollments of every kind, as a user writes them into the program. */
const WHOLE = `
  const { CertificateAuthority } = require("./components/certificateAuthority");
  const { IndividualEnrollment } = require("./components/individualEnrollment");
  const other = new CertificateAuthority("other", { rootName: "Other Root", intermediateName: "Other Intermediate" });
  new EnrollmentGroup("keyed", {
    service, enrollmentGroupId: "keyed", symmetricKey: {}, allocationPolicy: "static", iotHubs: [hub.hostName],
    reprovisionPolicy: { updateHubAssignment: true, migrateDeviceData: false }, iotEdge: true,
    initialTwin: { tags: { line: "1", version: 2 }, properties: { desired: { rate: { seconds: 5 } } } },
  });
  new EnrollmentGroup("webhook", {
    service, enrollmentGroupId: "webhook", symmetricKey: { primaryKey: "${KEY}", secondaryKey: "${KEY}" },
    allocationPolicy: "custom", customAllocation: { webhookUrl: "https://example.test/api?code=${WEBHOOK_KEY}" },
  });
  new EnrollmentGroup("signed", {
    service, enrollmentGroupId: "signed", signingCertificate: other.intermediate.certificate,
    secondarySigningCertificate: other.root.certificate, provisioningStatus: "disabled", allocationPolicy: "geoLatency",
  });
  new IndividualEnrollment("single", {
    service, registrationId: "single", deviceId: "single-in-hub", symmetricKey: {}, allocationPolicy: "hashed",
    optionalDeviceInformation: { site: "north", floor: 3 }, provisioningStatus: "disabled",
  });
  new IndividualEnrollment("referred", { service, registrationId: "referred", caReference: root.name });
`;

const FAULTY = `
  new EnrollmentGroup("faulty", {
    service, enrollmentGroupId: "not ok", caReference: root.name, symmetricKey: {}, allocationPolicy: "static",
    customAllocation: { webhookUrl: "https://example.test" }, initialTwin: { tags: { "a.b": 1 } },
  });
`;

/** Every field of the service model, by the real engine. */
describe("enrollments of every kind on the local Azure", function () {
  this.timeout(60_000);
  let azure: TestAzure;
  let client: AzureClient;
  let project: StackProject;
  let original: string;

  /** Puts statements before the program's end. */
  const program = (more: string): void =>
    writeFileSync(join(project.folder, "index.ts"), original.replace("\n  return {", `${more}\n  return {`));

  before(async () => {
    azure = await startTestAzure();
    client = azureClient(azure.ready);
    project = await StackProject.create(azure.env);
    original = readFileSync(join(project.folder, "index.ts"), "utf8");
  });

  after(async () => {
    project?.remove();
    await client?.close();
    await azure?.close();
  });

  it("tells every fault in the preview, each at its property, before anything stands", async () => {
    program(FAULTY);
    const { code, output } = await project.run("preview", "--stack", "dev");
    assert.notEqual(code, 0);
    for (const fault of [
      /enrollmentGroupId[\s\S]*1 to 128 letters/,
      /symmetricKey[\s\S]*give exactly one of caReference, signingCertificate, symmetricKey; caReference and symmetricKey are given/,
      /iotHubs[\s\S]*the policy static needs exactly one hub, and 0 are given/,
      /customAllocation[\s\S]*a webhook is asked only by the policy custom/,
      /initialTwin[\s\S]*tags has the name "a\.b"/,
    ])
      assert.match(output, fault);
  });

  it("makes them, and shows no change at a second up, a preview and a refresh", async () => {
    program(WHOLE);
    ok(await project.up());
    ok(await project.up("--expect-no-changes"));
    ok(await project.run("refresh", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "dev"));
    ok(await project.run("preview", "--expect-no-changes", "--stack", "dev"));
  });

  it("has said all of it to the service, and keeps keys and the webhook's address as secrets", async () => {
    const { serviceEndpoint, hubHostName } = await project.outputs();
    const bearer = await client.token("https://azure-devices-provisioning.net/.default");
    const ask = async (method: string, path: string) => {
      const url = `https://${String(serviceEndpoint)}${path}?api-version=2021-10-01`;
      return (await client.send(method, url, { bearer })).body as Record<string, unknown>;
    };
    const keyed = await ask("GET", "/enrollmentGroups/keyed");
    assert.deepEqual(keyed.iotHubs, [hubHostName]);
    assert.deepEqual([keyed.allocationPolicy, keyed.capabilities], ["static", { iotEdge: true }]);
    assert.deepEqual(keyed.reprovisionPolicy, { updateHubAssignment: true, migrateDeviceData: false });
    const single = await ask("GET", "/enrollments/single");
    assert.deepEqual([single.deviceId, single.provisioningStatus], ["single-in-hub", "disabled"]);
    const { symmetricKey } = await ask("POST", "/enrollmentGroups/keyed/attestationmechanism");
    const made = (symmetricKey as { primaryKey: string }).primaryKey;
    assert.equal(Buffer.from(made, "base64").length > 15, true);
    const state = await project.exported();
    for (const secret of [made, KEY, WEBHOOK_KEY]) assert.ok(!state.includes(secret), "a secret stands in clear");
    const shown = JSON.parse((await project.run("stack", "export", "--show-secrets", "--stack", "dev")).output);
    assert.ok(JSON.stringify(shown).includes(made), "the stack knows the key that the service made");
  });

  it("leaves nothing behind", async () => {
    ok(await project.run("destroy", "--yes", "--skip-preview", "--stack", "dev"));
    assert.deepEqual(await project.resources(), []);
  });
});
