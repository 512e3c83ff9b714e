import { strict as assert } from "node:assert";
import { summary, telemetryWords } from "../../../cli/upSummary";

const event = {
  sequenceNumber: 1,
  deviceId: "sensor-1",
  enqueuedTimeUtc: "2026-01-02T03:04:05Z",
  body: { temperature: 30 },
};

describe("cli/upSummary", () => {
  it("lists everything that is deployed", () => {
    const text = summary(
      {
        resourceGroupName: "rg-dev",
        hubName: "hub-dev",
        hubHostName: "hub-dev.azure-devices.net",
        provisioningServiceName: "dps-dev",
        idScope: "0ne00000001",
        serviceEndpoint: "dps-dev.azure-devices-provisioning.net",
        globalEndpoint: "global.azure-devices-provisioning.net",
        rootCertificate: { name: "root", thumbprint: "AB12", isVerified: true, notAfter: "2036-01-01T00:00:00Z" },
        enrollmentGroups: ["line-1", { name: "line-2" }],
        individualEnrollments: [{ registrationId: "gateway" }],
        enrollmentList: { count: 1000 },
        devices: [
          {
            registrationId: "sensor-1",
            deviceId: "sensor-1",
            assignedHub: "hub-dev.azure-devices.net",
            status: "assigned",
            telemetry: { sent: { temperature: 30 }, accepted: 204 },
          },
        ],
      },
      new Map([["sensor-1", [event]]]),
    );
    assert.equal(
      text,
      `
The environment is deployed on the local Azure.

  Resource group          rg-dev
  IoT Hub                 hub-dev (hub-dev.azure-devices.net)
  Provisioning service    dps-dev
    service endpoint      dps-dev.azure-devices-provisioning.net
    device endpoint       global.azure-devices-provisioning.net
    ID scope              0ne00000001
  Root certificate        root, verified, expires 2036-01-01T00:00:00Z
                          thumbprint AB12
  Enrollment groups       line-1, line-2
  Individual enrollments  gateway
    from the file         1000
  Device                  sensor-1, device ID sensor-1
    assigned hub          hub-dev.azure-devices.net
    status                assigned
    telemetry             last message sent {"temperature":30}, accepted with 204, received by the hub at 2026-01-02T03:04:05Z

Next: eval "$(npm run -s env)" points this shell at it, for pulumi, curl and the Azure SDKs
      (other shells: npm run -s env -- --shell powershell|cmd|fish);
      npm run telemetry lists the messages; npm run down destroys the stack and stops the local Azure.

`,
    );
  });

  it("names a stack's vault, with the addresses of its objects", () => {
    const uri = "https://kv-dev.vault.azure.net";
    const keys = [`${uri}/keys/zero-touch-root/0a`, `${uri}/keys/zero-touch-intermediate/0b`];
    const text = summary(
      { keyVault: { name: "kv-dev", uri, keys, secrets: [`${uri}/secrets/device-a/0c`] } },
      new Map(),
    );
    assert.ok(
      text.includes(`
  Key Vault               kv-dev (https://kv-dev.vault.azure.net)
    CA key                https://kv-dev.vault.azure.net/keys/zero-touch-root/0a
    CA key                https://kv-dev.vault.azure.net/keys/zero-touch-intermediate/0b
    device's credential   https://kv-dev.vault.azure.net/secrets/device-a/0c
  Root certificate `),
      text,
    );
    assert.doesNotMatch(summary({}, new Map()), /vault/i);
  });

  it("reports what is missing, unverified or did not arrive, and invents nothing", () => {
    const device = { registrationId: "a", deviceId: "b", assignedHub: "h", status: "assigned" };
    const root = { name: "root", isVerified: false };
    const text = summary({ rootCertificate: root, enrollmentGroups: [], devices: [device] }, new Map());
    const missing = "(not among the stack's outputs)";
    for (const line of [
      `  IoT Hub                 ${missing}`,
      `    ID scope              ${missing}`,
      "  Root certificate        root, NOT verified, expires (unknown)",
      "  Enrollment groups       none",
      `  Individual enrollments  ${missing}`,
      "    telemetry             no message sent by the stack, NOT received by the hub",
    ]) {
      assert.ok(text.split("\n").includes(line), line);
    }
    assert.ok(summary({}, new Map()).includes(`  Devices                 ${missing}\n`));
  });

  it("shows what was read back, or why not", () => {
    const telemetry = { sent: "plain", accepted: 204 };
    const received = { status: "received", partition: "3", sequenceNumber: 7, enqueuedTime: "2026-01-02T03:04:05Z" };
    const unread = { deviceId: "a", status: "unread", reason: "localAuth is off" };
    assert.equal(
      telemetryWords({ ...telemetry, accepted: "accepted" }, [event], { deviceId: "a", ...received }),
      'last message sent "plain", accepted, read back from the hub\'s events of 2026-01-02T03:04:05Z (partition 3, number 7)',
    );
    assert.match(telemetryWords(telemetry, [], unread), /204, not read back: localAuth is off, NOT received/);
    assert.doesNotMatch(telemetryWords(undefined, [], unread), /read back/);
  });

  it("counts several events and shows the last", () => {
    const later = { ...event, enqueuedTimeUtc: "2026-01-02T03:04:06Z", body: "plain" };
    assert.equal(
      telemetryWords({ sent: "plain", accepted: 204 }, [event, later]),
      'last message sent "plain", accepted with 204, received by the hub at 2026-01-02T03:04:06Z, 2 messages in all',
    );
  });
});
