import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { ProxyAgent, request } from "undici";
import { DeviceClient } from "../../../../azure/clients/deviceClient";
import { mutualTls } from "../../../../azure/clients/mutualTls";
import { createSas } from "../../../../azure/sas";
import { issueSelfSignedDevice } from "../../../../certs/issue";
import { exportPrivateKey } from "../../../../certs/keys";
import { KeySigner } from "../../../../certs/signer";
import { deployedDevices } from "../../../../cli/devices/deployedDevices";
import { talk, temperatureOf } from "../../../../cli/devices/telemetrySchedule";
import { start } from "../../../../emulator/inProcess";
import { newPrivateKey } from "../../../cast/certs";

const DEVICE = {
  deviceId: "sensor-01",
  hub: "hub-1.azure-devices.net",
  temperature: 30,
  credentials: { certificateChain: "chain", privateKey: "key" },
};

describe("the telemetry of sample devices", () => {
  const lines: string[] = [];
  const waits: number[] = [];
  const sent: (readonly unknown[])[] = [];
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
    assert.deepEqual(sent[1]?.slice(0, 3), ["hub-1.azure-devices.net", "sensor-01", { temperature: 31.5 }]);
    assert.equal(new Set(sent.map(([, , , messageId]) => messageId)).size, 3);
    assert.match(lines[0] ?? "", /^sensor-01 {2}\{"temperature":30\} {2}accepted with 204$/);
    assert.match(lines[1] ?? "", /refused: the hub is busy$/);
    const wave = Array.from({ length: 24 }, (_, nth) => temperatureOf(30, nth));
    assert.deepEqual([Math.min(...wave), Math.max(...wave), wave[12]], [27, 33, 30]);
  });

  it("ends at a signal, when it has no other end", async () => {
    assert.equal(await talk(DEVICE, device(), schedule(undefined, ending.signal)), 50);
  });

  it("reaches a hub through the proxy, by roots that this process did not start with", async () => {
    const azure = await start();
    try {
      const { hostName, connectionString } = await azure.createHub("talk-hub");
      const deviceKey = await newPrivateKey("EC-P256");
      const certificate = await issueSelfSignedDevice({
        registrationId: "sensor-01",
        signer: new KeySigner(deviceKey),
      });
      const { environment } = azure;
      const ca = readFileSync(environment.NODE_EXTRA_CA_CERTS ?? "", "utf8");
      const [, key = ""] = /SharedAccessKey=(.*)$/.exec(connectionString) ?? [];
      const { status } = await request(`https://${hostName}/devices/sensor-01?api-version=2021-04-12`, {
        method: "PUT",
        dispatcher: new ProxyAgent({ uri: azure.ready.proxyUrl, requestTls: { ca } }),
        headers: {
          authorization: createSas(hostName, key, 4_102_444_800, "iothubowner"),
          "content-type": "application/json",
        },
        body: JSON.stringify({
          deviceId: "sensor-01",
          authentication: { type: "selfSigned", x509Thumbprint: { primaryThumbprint: certificate.sha256Thumbprint } },
        }),
      }).then(({ statusCode, body }) => body.dump().then(() => ({ status: statusCode })));
      assert.equal(status, 200);
      const transport = mutualTls(
        { certificateChain: certificate.toPem(), privateKey: exportPrivateKey(deviceKey), ca },
        environment,
      );
      const own = { ...DEVICE, hub: hostName };
      assert.equal(await talk(own, new DeviceClient(transport), schedule(2)), 2, lines.join("\n"));
      await transport.close();
      assert.equal((await azure.telemetry("talk-hub", { deviceId: "sensor-01" })).length, 2);
    } finally {
      await azure.stop();
    }
  }).timeout(60_000);

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
