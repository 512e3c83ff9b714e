import { strict as assert } from "node:assert";
import { deployedDevices } from "../../../../cli/devices/deployedDevices";
import { talk, temperatureOf } from "../../../../cli/devices/telemetrySchedule";

const DEVICE = {
  deviceId: "sensor-01",
  hub: "hub-1.azure-devices.net",
  temperature: 30,
  credentials: { certificateChain: "chain", privateKey: "key" },
};

describe("the telemetry of sample devices", () => {
  const lines: string[] = [];
  const waits: number[] = [];
  const sent: unknown[] = [];
  const ending = new AbortController();
  const schedule = (count: number | undefined, signal = new AbortController().signal) => ({
    intervalMs: 5000,
    count,
    signal,
    print: (line: string) => void lines.push(line),
    wait: async (milliseconds: number) => void waits.push(milliseconds),
  });
  const device = (refuse?: number) => ({
    sendTelemetry: async (...message: readonly unknown[]): Promise<204> => {
      sent.push(message);
      if (sent.length === refuse) throw new Error("the hub is busy");
      if (sent.length === 50) ending.abort();
      return 204;
    },
  });

  beforeEach(() => {
    for (const list of [lines, waits, sent]) list.length = 0;
  });

  it("is sent at each interval, moves around the device's temperature, and goes on after a refusal", async () => {
    assert.equal(await talk(DEVICE, device(2), schedule(3)), 2);
    assert.deepEqual(waits, [5000, 5000]);
    assert.deepEqual(sent[1], ["hub-1.azure-devices.net", "sensor-01", { temperature: 31.5 }]);
    assert.match(lines[0] ?? "", /^sensor-01 {2}\{"temperature":30\} {2}accepted with 204$/);
    assert.match(lines[1] ?? "", /refused: the hub is busy$/);
    const wave = Array.from({ length: 24 }, (_, nth) => temperatureOf(30, nth));
    assert.deepEqual([Math.min(...wave), Math.max(...wave), wave[12]], [27, 33, 30]);
  });

  it("ends at a signal, when it has no other end", async () => {
    assert.equal(await talk(DEVICE, device(), schedule(undefined, ending.signal)), 50);
  });

  it("is that of the assigned devices whose keys are in the state", () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: '"the key"' };
    const registration = (registrationId: string, more: object = {}) => ({
      urn: `urn:registration:${registrationId}`,
      type: "pulumi-nodejs:dynamic/iot:DeviceRegistration",
      outputs: {
        ...{ registrationId, deviceId: `${registrationId}-id`, assignedHub: "h", certificateChain: "chain" },
        ...{ status: "assigned", telemetry: { sent: { temperature: 21 } }, ...more },
      },
    });
    const certificate = (registrationId: string, privateKey?: object) => ({
      urn: `urn:certificate:${registrationId}`,
      type: "pulumi-nodejs:dynamic/iot:DeviceCertificate",
      outputs: { registrationId, privateKey },
    });
    const resources = [
      ...[registration("a"), registration("b", { status: "disabled" }), registration("c")],
      ...[certificate("a", secret), certificate("b", secret), certificate("c")],
    ];
    assert.deepEqual(deployedDevices({ resources }), [
      {
        deviceId: "a-id",
        hub: "h",
        temperature: 21,
        credentials: { certificateChain: "chain", privateKey: "the key" },
      },
    ]);
    assert.deepEqual(deployedDevices({}), []);
  });
});
