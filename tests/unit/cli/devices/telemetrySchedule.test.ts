import { strict as assert } from "node:assert";
import type { HubListener, HubSession } from "../../../../azure/devices/device";
import { deployedDevices } from "../../../../cli/devices/deployedDevices";
import { talk, temperatureOf } from "../../../../cli/devices/telemetrySchedule";

const DEVICE = {
  deviceId: "sensor-01",
  hub: "hub-1.azure-devices.net",
  temperature: 30,
  transport: "mqtt",
  credentials: { certificateChain: "chain", privateKey: "key" },
} as const;

describe("the telemetry of sample devices", () => {
  const lines: string[] = [];
  const waits: number[] = [];
  const sent: unknown[] = [];
  const ids = new Set<string>();
  let reported: unknown[] = [];
  let connections = 0;
  let closed = 0;
  let listener: HubListener | undefined;
  let breakConnection: (reason: Error) => void = () => undefined;
  const schedule = (
    count: number | undefined,
    signal = new AbortController().signal,
    onWait: () => void = () => undefined,
  ) => ({
    intervalMs: 5000,
    count,
    signal,
    print: (line: string) => void lines.push(line),
    wait: async (milliseconds: number) => {
      waits.push(milliseconds);
      onWait();
    },
  });

  /** Connections whose sends are refused at these numbers. */
  const connect =
    (refused: readonly number[] = [], desired: Readonly<Record<string, unknown>> = { $version: 1 }) =>
    async (): Promise<HubSession> => {
      connections += 1;
      return {
        broken: new Promise((resolve) => {
          breakConnection = resolve;
        }),
        async send(message, messageId) {
          sent.push(message);
          ids.add(messageId);
          if (refused.includes(sent.length)) throw new Error("the hub is busy");
          return "PUBACK";
        },
        async listen(given) {
          listener = given;
        },
        twin: async () => ({ desired, reported: {} }),
        async report(patch) {
          reported.push(patch);
        },
        async close() {
          closed += 1;
        },
      };
    };

  beforeEach(() => {
    for (const list of [lines, waits, sent]) list.length = 0;
    ids.clear();
    reported = [];
    [connections, closed] = [0, 0];
  });

  it("is sent at each interval, moves around the device's temperature, and goes on after a refusal", async () => {
    assert.equal(await talk(DEVICE, connect([2]), schedule(3)), 2);
    assert.deepEqual(waits, [5000, 5000]);
    assert.deepEqual(sent[1], { temperature: 31.5 });
    assert.deepEqual([ids.size, connections, closed], [3, 1, 1]);
    assert.match(lines[0] ?? "", /^sensor-01 {2}\{"temperature":30\} {2}accepted with PUBACK$/);
    assert.match(lines[1] ?? "", /refused: the hub is busy$/);
    const wave = Array.from({ length: 24 }, (_, nth) => temperatureOf(30, nth));
    assert.deepEqual([Math.min(...wave), Math.max(...wave), wave[12]], [27, 33, 30]);
  });

  it("ends at a signal, when it has no other end, and closes its connection", async () => {
    const ending = new AbortController();
    const end = () => {
      if (waits.length === 50) ending.abort();
    };
    assert.equal(await talk(DEVICE, connect(), schedule(undefined, ending.signal, end)), 50);
    assert.equal(closed, 1);
  });

  it("does not wait for an acknowledgement that does not come, when it is ended", async () => {
    const ending = new AbortController();
    const opened = await connect()();
    let fail: (reason: Error) => void = () => undefined;
    const silent = {
      ...opened,
      send: () =>
        new Promise<never>((_done, failed) => {
          fail = failed;
          setImmediate(() => ending.abort());
        }),
      close: async () => fail(new Error("closed")),
    };
    assert.equal(await talk(DEVICE, async () => silent, schedule(undefined, ending.signal)), 0);
    assert.deepEqual(lines, []);
  });

  it("connects again after the connection has ended, or could not be opened", async () => {
    const lose = () => breakConnection(new Error("another connection of the device"));
    assert.equal(await talk(DEVICE, connect(), schedule(3, undefined, lose)), 3);
    assert.equal(connections, 3);
    assert.ok(lines.includes("sensor-01  disconnected: another connection of the device"));
    const never = async () => {
      throw new Error("no route");
    };
    lines.length = 0;
    assert.equal(await talk(DEVICE, never, schedule(2)), 0);
    assert.equal(lines.filter((line) => line.endsWith("refused: no route")).length, 2);
  });

  it("echoes desired properties, those of now and later ones, without the hub's own members", async () => {
    const change = () => listener?.desired({ mode: "eco", $version: 3 });
    await talk(DEVICE, connect([], { interval: 5, $version: 2, $metadata: {} }), schedule(2, undefined, change));
    assert.deepEqual(reported, [{ interval: 5 }, { mode: "eco" }]);
    assert.ok(lines.includes('sensor-01  desired {"mode":"eco"}, version 3'));
    assert.ok(lines.includes('sensor-01  reported {"mode":"eco"}'));
  });

  it("responds to ping and setInterval, and refuses other methods and payloads", async () => {
    const call = () => {
      if (waits.length > 1) return;
      assert.deepEqual(listener?.method("ping", { n: 1 }), { status: 200, payload: { pong: { n: 1 } } });
      assert.equal(listener?.method("restart", null).status, 404);
      for (const payload of [null, {}, { seconds: 0 }, { seconds: "2" }, { seconds: 1.5 }, 3601, []])
        assert.equal(listener?.method("setInterval", payload).status, 400, JSON.stringify(payload));
      assert.deepEqual(listener?.method("setInterval", { seconds: 2 }), { status: 200, payload: { seconds: 2 } });
    };
    await talk(DEVICE, connect(), schedule(3, undefined, call));
    assert.deepEqual(waits, [5000, 2000]);
    assert.ok(lines.includes('sensor-01  method ping {"n":1}, returned 200 {"pong":{"n":1}}'));
  });

  it("prints messages to the device in one line, whatever they hold", async () => {
    const message = () => {
      listener?.message(Buffer.from("stop\u001b[2J\nnow"), { line: "1" });
      listener?.message(Buffer.alloc(100_000, "x"), {});
    };
    await talk(DEVICE, connect(), schedule(2, undefined, message));
    assert.ok(lines.includes('sensor-01  message stop\\u{1b}[2J\\u{a}now, properties {"line":"1"}'), lines.join("\n"));
    assert.ok(lines.every((line) => line.length < 400));
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
        transport: "https",
        credentials: { certificateChain: "chain", privateKey: "the key" },
      },
    ]);
    assert.deepEqual(deployedDevices({}), []);
  });
});
