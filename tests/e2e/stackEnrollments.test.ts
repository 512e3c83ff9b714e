import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AzureClient, azureClient } from "../cast/azureClient";
import { stepsIn } from "../cast/engineEvents";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import { PretendTpm } from "../cast/pretendTpm";
import type { Ended } from "../cast/pulumiProject";
import { signedIn } from "../cast/signedIn";
import { StackProject } from "../cast/stackProject";

const ok = ({ code, output }: Ended): string => {
  assert.equal(code, 0, output);
  return output;
};

const KEY = Buffer.alloc(32, 7).toString("base64");
const OTHER_KEY = Buffer.alloc(32, 8).toString("base64");
const TPM = new PretendTpm();
const WEBHOOK_KEY = "webhook-key-1";

/** Enrollments of every kind, as a user writes them into the program. */
const WHOLE = `
  const root = roots.newest;
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
  new IndividualEnrollment("trusted", {
    service, registrationId: "trusted", tpm: { endorsementKey: "${TPM.endorsementKey}", storageRootKey: "${TPM.storageRootKey}" },
  });
  const secrets = new KeyVault("secrets", { resourceGroupName: resourceGroup.name, location, uses: ["secrets"], purgeProtection: false });
  new EnrollmentGroup("stored", { service, enrollmentGroupId: "stored", symmetricKey: {}, vault: secrets });
  new IndividualEnrollment("stored-one", { service, registrationId: "stored.one", symmetricKey: {}, vault: secrets });
  new EnrollmentList("stored-list", {
    service, vault: secrets, revoked: [], revokedThumbprints: [], enrollments: { "listed-a": { symmetricKey: {} }, "listed.b": { symmetricKey: {} }, "listed-c": { caReference: root.name } },
  });
  new IndividualEnrollment("referred", { service, registrationId: "referred", caReference: root.name });
`;

const FAULTY = `
  const root = roots.newest;
  new EnrollmentGroup("faulty", {
    service, enrollmentGroupId: "not ok", caReference: root.name, symmetricKey: {}, allocationPolicy: "static",
    customAllocation: { webhookUrl: "https://example.test" }, initialTwin: { tags: { "a.b": 1 } },
  });
`;

/**
 * Every field of the service model, by the real engine. The first runs fail: a user sees one clear message each, no stack trace,
 * and a way on.
 */
describe("enrollments of every kind on the local Azure, and a set-up or deployment that fails", function () {
  this.timeout(300_000);
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
    // As a workflow at GitHub does: no secret of the application anywhere in the environment.
    project = await StackProject.create(await signedIn(azure, "oidc"));
    await project.attachProviders();
    original = readFileSync(join(project.folder, "index.ts"), "utf8");
  });

  after(async () => {
    project?.remove();
    await client?.close();
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

  it("reports all errors in the preview, each at its property, before anything is created", async () => {
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

  it("fails with Azure's code, meaning and remedy, and keeps what exists", async () => {
    program("");
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
  });

  it("continues at the next up, and creates them", async () => {
    program(WHOLE);
    assert.match(ok(await project.up()), /2 updated/);
  });

  it("has sent all settings to the service, and stores keys and the webhook's address as secrets", async () => {
    const { serviceEndpoint, hubHostName } = project.outputs();
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
    const { endorsementKey, storageRootKey } = TPM;
    const trusted = await ask("GET", "/enrollments/trusted");
    assert.deepEqual(trusted.attestation, { type: "tpm", tpm: { endorsementKey, storageRootKey } });
    const { symmetricKey } = await ask("POST", "/enrollmentGroups/keyed/attestationmechanism");
    const made = (symmetricKey as { primaryKey: string }).primaryKey;
    assert.equal(Buffer.from(made, "base64").length > 15, true);
    const state = project.exported();
    for (const secret of [made, KEY, WEBHOOK_KEY]) assert.ok(!state.includes(secret), "a secret is in clear");
    const shown = JSON.parse(project.exportedSecrets());
    assert.ok(JSON.stringify(shown).includes(made), "the stack knows the key that the service made");
    for (const path of ["/enrollmentGroups/stored", "/enrollments/stored.one", "/enrollments/listed-a"]) {
      const { symmetricKey: stored } = await ask("POST", `${path}/attestationmechanism`);
      for (const key of Object.values(stored as Record<string, string>)) {
        assert.equal(Buffer.from(key, "base64").length, 64);
        assert.ok(!JSON.stringify(shown).includes(key), "a key that a vault keeps is in the state");
      }
    }
    for (const id of ["stored-one-[0-9a-f]{8}", "listed-a", "listed-b-[0-9a-f]{8}"])
      assert.match(state, new RegExp(`vault\\.azure\\.net/secrets/enrollment-${id}-primary/[0-9a-f]{32}"`));

    // A newer version that someone sets is put into the enrollment, and nothing else has changed.
    const [vaultUri] =
      /https:\/\/kv-secrets-[0-9a-z-]+\.vault\.azure\.net(?=\/secrets\/group-stored-primary)/.exec(state) ?? [];
    for (const name of ["group-stored-primary", "enrollment-listed-a-primary"]) {
      const rotated = await client.send("PUT", `${vaultUri}/secrets/${name}?api-version=7.4`, {
        bearer: await client.token("https://vault.azure.net/.default"),
        body: { value: OTHER_KEY },
      });
      assert.equal(rotated.status, 200);
    }
    const updated = ok(await project.up("--refresh", "--json"));
    assert.match(updated, /changes\. 1 to change: listed-a \(primaryKey rotated\)\./);
    assert.deepEqual(stepsIn(updated), ["update stored-enrollment", "update stored-list-enrollments"]);
    for (const path of ["/enrollmentGroups/stored", "/enrollments/listed-a"]) {
      const { symmetricKey: newer } = await ask("POST", `${path}/attestationmechanism`);
      assert.equal((newer as { primaryKey: string }).primaryKey, OTHER_KEY);
    }
  });

  it("creates those that a file lists, reports changes by registration ID, and continues where some are refused", async function () {
    this.timeout(240_000);
    const list = (...lines: string[]): void =>
      writeFileSync(
        join(project.folder, "individuals.csv"),
        ["registrationId,symmetricKey,primaryKey,secondaryKey,tags.site", ...lines].join("\n"),
      );
    const line = (number: number, site = "north"): string => `fleet-${String(number).padStart(2, "0")},,,,${site}`;
    const lines = Array.from({ length: 23 }, (_, index) => line(index + 1));
    program("");
    list(...lines, "fleet-made,generated,,,", `fleet-keyed,,${OTHER_KEY},${OTHER_KEY},`, "fleet-taken,,,,");
    const settings = { individualsFile: "individuals.csv" };
    project.configure(settings);

    // Someone else's enrollment of the ID: that one is refused, the others are created.
    const bearer = await client.token("https://azure-devices-provisioning.net/.default");
    const { serviceEndpoint } = project.outputs();
    const url = (id: string) => `https://${String(serviceEndpoint)}/enrollments/${id}?api-version=2021-10-01`;
    const attestation = { type: "symmetricKey", symmetricKey: {} };
    await client.send("PUT", url("fleet-taken"), { bearer, body: { registrationId: "fleet-taken", attestation } });
    const refused = await project.up();
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /refused 1 of 26 changes of enrollments[\s\S]*409201[\s\S]*fleet-taken[\s\S]*adopt/);
    assert.equal((await client.send("GET", url("fleet-23"), { bearer })).status, 200);
    const revoking = { ...settings, revoked: ["fleet-02"] };
    project.configure({ ...revoking, adopt: ["fleet-taken"] });
    ok(await project.up());
    project.configure(revoking);
    // The enrollments of the program's own list are deleted with it.
    for (const id of ["listed-a", "listed.b", "listed-c"])
      assert.equal((await client.send("GET", url(id), { bearer })).status, 404);
    const taken = (await client.send("GET", url("fleet-taken"), { bearer })).body as { attestation: unknown };
    assert.deepEqual(taken.attestation, { type: "x509", x509: { caReferences: { primary: "zero-touch-root" } } });
    const revoked = (await client.send("GET", url("fleet-02"), { bearer })).body as { provisioningStatus: string };
    assert.equal(revoked.provisioningStatus, "disabled");
    const state = project.exported();
    assert.ok(!state.includes(OTHER_KEY), "a key is in clear");
    const { body } = await client.send("POST", url("fleet-made").replace("?", "/attestationmechanism?"), { bearer });
    const { primaryKey } = (body as { symmetricKey: { primaryKey: string } }).symmetricKey;
    assert.ok(!state.includes(primaryKey), "a key that the service made is in clear");

    // One is taken out of the midst, one is put in, one is changed, and nothing else; and one is changed by someone else.
    const changed = [...lines.slice(0, 6), line(7, "south"), ...lines.slice(8), "fleet-07b,,,,"];
    list(...changed, "fleet-made,generated,,,", `fleet-keyed,,${OTHER_KEY},${OTHER_KEY},`, "fleet-taken,,,,");
    const printed = ok(await project.up("--refresh"));
    assert.match(printed, /1 to add: fleet-07b; 1 to remove: fleet-08; 1 to change: fleet-07 \(initialTwin\)\./);
    assert.match(printed, /\[diff: \+device:fleet-07b-device:fleet-08~device:fleet-07\]/);
    assert.match(printed, /Resources:\n +~ 1 updated\n +\d+ unchanged\n/);
    assert.equal((await client.send("GET", url("fleet-08"), { bearer })).status, 404);
    await client.send("DELETE", url("fleet-20"), { bearer, headers: { "if-match": "*" } });
    // The made keys move into a vault by one setting, and devices keep theirs.
    project.configure({ ...revoking, enrollmentKeys: "keyVault" });
    assert.match(ok(await project.up("--refresh")), /1 to add: fleet-20\b/);
    ok(await project.run("preview", "--expect-no-changes", "--stack", "dev"));
    const { keyVault } = project.outputs() as { keyVault: { uri: string } };
    const token = await client.token("https://vault.azure.net/.default");
    const secret = `${keyVault.uri}/secrets/enrollment-fleet-made-primary?api-version=7.4`;
    const kept = (await client.send("GET", secret, { bearer: token })).body as { value: string };
    assert.equal(kept.value, primaryKey);

    list("fleet-01,,,,", "not ok,,,,", "fleet-01,yes,,,");
    const faulty = await project.run("preview", "--stack", "dev");
    assert.notEqual(faulty.code, 0);
    assert.match(
      faulty.output,
      /individuals\.csv has 3 errors[\s\S]*line 3, not ok: registrationId[\s\S]*line 4, fleet-01/,
    );
  });

  it("leaves nothing behind", async () => {
    ok(await project.run("destroy", "--yes", "--skip-preview", "--stack", "dev"));
    assert.deepEqual(project.resources(), []);
  });
});
