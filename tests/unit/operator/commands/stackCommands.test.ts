import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { AzureError } from "../../../../azure/clients/azureError";
import { createRequest } from "../../../../certs/request";
import type { CommandOutput, ParameterValues } from "../../../../operator/commands/operatorCommand";
import { stackCommands } from "../../../../operator/commands/stackCommands";
import { newSigner } from "../../../cast/certs";
import { aContext, runCommand } from "../../../cast/operator/commandRun";
import { FakeAzureClients } from "../../../cast/operator/fakeAzureClients";
import { dynamic, FakeStack } from "../../../cast/operator/fakeStack";
import { refused } from "../../../cast/operator/refusals";
import { TestStores } from "../../../cast/operator/testStores";

describe("the commands on the stack", () => {
  let stack: FakeStack;
  let azure: FakeAzureClients;
  const stores = new TestStores();
  let run: (name: string, parameters?: ParameterValues) => Promise<CommandOutput>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into values of every shape
  const value = async (name: string, parameters?: ParameterValues): Promise<any> => (await run(name, parameters)).value;

  after(() => stores.close());

  beforeEach(async () => {
    stack = await FakeStack.create();
    azure = new FakeAzureClients();
    const commands = stackCommands({ stack, azure });
    run = (name, parameters = {}) => runCommand(commands, name, parameters, aContext(stores.open()));
  });

  it("Get-StampInformation shows the stack, its authorities and their expiry, and no secret", async () => {
    const stamp = await value("Get-StampInformation");
    assert.equal(stamp.stack, "dev");
    assert.equal(stamp.subscriptionId, "s-1");
    assert.equal(stamp.provisioningService.idScope, "0ne00000001");
    const [authority] = stamp.certificateAuthorities;
    assert.deepEqual(
      [authority.generation, authority.isIssuing, authority.isRootVerified, authority.root.daysLeft],
      [1, true, true, 3650],
    );
    assert.equal(stamp.lastUpdate.version, 7);
    const { text = "" } = await run("Get-StampInformation");
    assert.match(
      text,
      /^stack +dev$[\s\S]*^certificateAuthorities\n {2}- generation +1$[\s\S]*^ {6}subject +CN=Test Root$/m,
    );
    assert.doesNotMatch(JSON.stringify(stamp), /PRIVATE KEY/);
  });

  it("announce what takes seconds, once for each kind, and nothing for parameters that are wrong", async () => {
    const context = aContext(stores.open());
    const commands = stackCommands({ stack, azure });
    await runCommand(commands, "Get-StampInformation", {}, context);
    assert.deepEqual(context.lines.splice(0), ["Reading the stack dev …"]);
    await refused(runCommand(commands, "Disable-Device", {}, context), "ParameterMissing");
    assert.deepEqual(context.lines.splice(0), []);
    await runCommand(commands, "Disable-Device", { RegistrationId: "device-01" }, context);
    assert.deepEqual(context.lines, [
      "Reading the stack dev …",
      "Updating the stack dev …",
      "update Revocations zero-touch-revocations",
    ]);
  });

  describe("Disable-Device and Enable-Device", () => {
    it("block a device and unblock it, in any letter case", async () => {
      assert.equal((await value("Disable-Device", { RegistrationId: "device-01" })).status, "disabled");
      await run("Disable-Device", { RegistrationId: "DEVICE-01" });
      assert.deepEqual(stack.values.revoked, ["device-01"]);
      assert.equal((await value("Enable-Device", { RegistrationId: "Device-01" })).status, "enabled");
      assert.equal(stack.values.revoked, undefined);
    });

    it("block by a thumbprint as openssl prints it", async () => {
      const thumbprint = Array.from({ length: 20 }, () => "ab").join(":");
      await run("Disable-Device", { Thumbprint: thumbprint });
      assert.deepEqual(stack.values.revoked, ["AB".repeat(20)]);
      await run("Enable-Device", { Thumbprint: "ab".repeat(20) });
      assert.equal(stack.values.revoked, undefined);
    });

    it("write an ID that looks like a number or a thumbprint in the form id=ID", async () => {
      await run("Disable-Device", { RegistrationId: "007" });
      await run("Disable-Device", { RegistrationId: "ab".repeat(20) });
      assert.deepEqual(stack.values.revoked, ["id=007", `id=${"ab".repeat(20)}`]);
      await run("Enable-Device", { RegistrationId: "007" });
      assert.deepEqual(stack.values.revoked, [`id=${"ab".repeat(20)}`]);
    });

    it("show where the device is registered", async () => {
      azure.registered = [{ registrationId: "device-01", deviceId: "sensor", assignedHub: "hub-1.azure-devices.net" }];
      const registration = async (id: string) => (await value("Disable-Device", { RegistrationId: id })).registration;
      assert.equal(await registration("device-01"), "sensor at hub-1.azure-devices.net");
      assert.equal(await registration("mistyped"), "not registered");
    });

    it("complete an unblocking that failed after the configuration was changed", async () => {
      stack.more.push(dynamic("Revocations", "revocations", { blocked: [{ registrationId: "Device-01" }] }));
      assert.equal((await value("Enable-Device", { RegistrationId: "device-01" })).status, "enabled");
      await refused(run("Enable-Device", { RegistrationId: "device-02" }), "NotFound");
      assert.equal(stack.updates, 1);
    });

    it("refuse no device, two devices, an invalid ID, an invalid thumbprint, and a device that is not blocked", async () => {
      await refused(run("Disable-Device"), "ParameterMissing");
      await refused(run("Disable-Device", { RegistrationId: "a", Thumbprint: "b" }), "ParameterMissing");
      await refused(run("Disable-Device", { RegistrationId: "a b" }), "ParameterInvalid");
      await refused(run("Disable-Device", { Thumbprint: "abcd" }), "ParameterInvalid");
      await refused(run("Enable-Device", { RegistrationId: "device-01" }), "NotFound");
      assert.equal(stack.values.revoked, undefined);
    });
  });

  describe("Disable-Enrollment and Enable-Enrollment", () => {
    it("change the configuration for enrollments that the stack owns", async () => {
      const { isOwnedByStack } = await value("Disable-Enrollment", { EnrollmentGroupId: "Sample-Group" });
      await run("Disable-Enrollment", { EnrollmentGroupId: "sample-group" });
      await run("Disable-Enrollment", { RegistrationId: "device-02" });
      assert.equal(isOwnedByStack, true);
      assert.deepEqual(stack.values.disabledEnrollments, ["sample-group", "device-02"]);
      await run("Enable-Enrollment", { EnrollmentGroupId: "SAMPLE-GROUP" });
      assert.deepEqual(stack.values.disabledEnrollments, ["device-02"]);
      assert.deepEqual(azure.puts, []);
    });

    it("change others at the service, with their ETag and keys", async () => {
      const enrollment = { registrationId: "other", attestation: { type: "symmetricKey" }, etag: '"7"' };
      azure.enrollments.set("individual/other", enrollment);
      const { isOwnedByStack, provisioningStatus } = await value("Disable-Enrollment", { RegistrationId: "other" });
      assert.deepEqual([isOwnedByStack, provisioningStatus], [false, "disabled"]);
      assert.equal(azure.puts[0]?.etag, '"7"');
      const sent = azure.puts[0]?.body as { attestation: { symmetricKey?: unknown } };
      assert.deepEqual(sent.attestation.symmetricKey, { primaryKey: "a2V5", secondaryKey: "a2V5" });
      await run("Disable-Enrollment", { RegistrationId: "other" });
      assert.equal(azure.puts.length, 1);
      assert.equal(stack.updates, 0);
    });

    it("explain what Azure refuses, and ask for another try where the enrollment has changed", async () => {
      const enrollment = { registrationId: "other", attestation: { type: "x509" }, etag: '"7"' };
      azure.enrollments.set("individual/other", enrollment);
      azure.putError = new AzureError("dps", "update the enrollment", { status: 412, code: "412002" });
      await refused(run("Disable-Enrollment", { RegistrationId: "other" }), "StackFailed", /changed in the meantime/);
      azure.putError = new AzureError("dps", "update the enrollment", { status: 403, code: "403001" });
      await refused(run("Disable-Enrollment", { RegistrationId: "other" }), "StackFailed", /403001[\s\S]*To fix:/);
    });

    it("refuse none, two, unknown ones, and that of a blocked device", async () => {
      await refused(run("Disable-Enrollment"), "ParameterMissing");
      const two = { RegistrationId: "device-02", EnrollmentGroupId: "sample-group" };
      await refused(run("Disable-Enrollment", two), "ParameterMissing");
      await refused(run("Disable-Enrollment", { RegistrationId: "unknown" }), "NotFound");
      await run("Disable-Device", { RegistrationId: "device-02" });
      const error = await refused(run("Enable-Enrollment", { RegistrationId: "Device-02" }), "ParameterInvalid");
      assert.match(error.remedy ?? "", /Enable-Device/);
    });
  });

  describe("a certificate rotation", () => {
    it("adds a generation, and removes the older one", async () => {
      const started = await value("Start-CertificateRotation");
      assert.deepEqual([started.state, started.generations], ["started", [1, 2]]);
      assert.deepEqual(
        started.authorities.map(({ isIssuing }: { isIssuing: boolean }) => isIssuing),
        [false, true],
      );
      const completed = await value("Complete-CertificateRotation");
      assert.deepEqual([completed.state, completed.generations], ["completed", [2]]);
      assert.deepEqual((await value("Start-CertificateRotation")).generations, [2, 3]);
    });

    it("continues where it is started twice", async () => {
      await run("Start-CertificateRotation");
      assert.deepEqual((await value("Start-CertificateRotation")).generations, [1, 2]);
      assert.equal(stack.updates, 2);
    });

    it("is not completed while devices have not registered since it started, but by -Force", async () => {
      await run("Start-CertificateRotation");
      azure.registered = [
        { registrationId: "new", status: "assigned", lastUpdatedDateTimeUtc: "2026-03-01T12:00:01.0000000Z" },
        { registrationId: "old", status: "assigned", lastUpdatedDateTimeUtc: "2026-03-01T11:59:59.0000000Z" },
      ];
      const error = await refused(run("Complete-CertificateRotation"), "RotationIncomplete", /-Force/);
      assert.match(error.message, /started: 1: old\.$/);
      assert.deepEqual(stack.values.caGenerations, [1, 2]);
      await run("Complete-CertificateRotation", { Force: true });
      assert.deepEqual(stack.values.caGenerations, [2]);
    });

    it("is completed without a device that is blocked and cannot register", async () => {
      await run("Start-CertificateRotation");
      azure.registered = [
        { registrationId: "old", status: "assigned", lastUpdatedDateTimeUtc: "2026-01-01T00:00:00Z" },
      ];
      stack.more.push(dynamic("Revocations", "revocations", { blocked: [{ registrationId: "Old" }] }));
      assert.equal((await value("Complete-CertificateRotation")).state, "completed");
    });

    it("completes a removal of the older hierarchy that failed after the configuration was changed", async () => {
      stack.more.push(dynamic("CertificateAuthority", "zero-touch-2-ca", { rootName: "Test Root 2" }));
      assert.equal((await value("Complete-CertificateRotation")).state, "completed");
      assert.equal(stack.updates, 1);
    });

    it("refuses to complete what is not started", async () => {
      await refused(run("Complete-CertificateRotation"), "NotFound", /Start-CertificateRotation/);
      assert.equal(stack.updates, 0);
    });
  });

  describe("New-IntermediateCertificate", () => {
    const lineRequest = async (): Promise<string> =>
      (await createRequest({ commonName: "asked for", signer: await newSigner() })).replaceAll("\n", "");

    it("signs a request with the root, as openssl judges, and changes nothing in the stack", async () => {
      const parameters = { Name: "Line 2 CA", CertificateRequest: await lineRequest(), LifetimeDays: 730 };
      const issued = await value("New-IntermediateCertificate", parameters);
      const certificate = new X509Certificate(issued.certificate);
      assert.equal(certificate.subject, "CN=Line 2 CA");
      assert.ok(certificate.ca);
      assert.ok(certificate.verify(new X509Certificate(issued.chain).publicKey));
      assert.equal(issued.daysLeft, 730);
      assert.equal(stack.updates, 0);
      assert.match(
        execFileSync("openssl", ["x509", "-noout", "-text"], { input: issued.certificate, encoding: "utf8" }),
        /CA:TRUE, pathlen:0/,
      );
    });

    it("replaces the stack's own intermediate by its configuration", async () => {
      await run("New-IntermediateCertificate", { Name: "Test CA 2", LifetimeDays: 365 });
      assert.equal(stack.values.intermediateName, "Test CA 2");
      assert.equal(stack.values.intermediateLifetimeDays, "365");
      assert.equal(stack.updates, 1);
    });

    it("refuses a name of no certificate, the root's name, and what is no request", async () => {
      await refused(run("New-IntermediateCertificate", { Name: "x".repeat(65) }), "ParameterInvalid");
      await refused(run("New-IntermediateCertificate", { Name: "Test Root" }), "ParameterInvalid", /root/);
      const bad = { Name: "Line 2 CA", CertificateRequest: "AAAA" };
      await refused(run("New-IntermediateCertificate", bad), "ParameterInvalid", /openssl req/);
      assert.equal(stack.updates, 0);
    });
  });
});
