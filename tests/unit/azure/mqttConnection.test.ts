import { strict as assert } from "node:assert";
import { type Duplex, duplexPair } from "node:stream";
import { generate, type Packet, parser } from "mqtt-packet";
import { MqttConnection } from "../../../azure/devices/mqttConnection";

const IDENTITY = { clientId: "dev-1", username: "user" };

/** A service that answers packets as told. */
function service(respond: (packet: Packet) => Packet | readonly Packet[] | undefined): {
  readonly near: Duplex;
  readonly far: Duplex;
  readonly seen: Packet[];
} {
  const [near, far] = duplexPair();
  const seen: Packet[] = [];
  const packets = parser();
  packets.on("packet", (packet) => {
    seen.push(packet);
    for (const each of [respond(packet) ?? []].flat()) far.write(generate(each));
  });
  far.on("data", (chunk: Buffer) => packets.parse(chunk));
  far.on("error", () => undefined);
  far.once("end", () => far.end());
  near.once("close", () => far.destroy());
  return { near, far, seen };
}

const accepting = (packet: Packet): Packet | undefined => {
  if (packet.cmd === "connect") return { cmd: "connack", returnCode: 0, sessionPresent: false };
  if (packet.cmd === "subscribe") return { cmd: "suback", messageId: packet.messageId ?? 0, granted: [1] };
  if (packet.cmd === "publish") return { cmd: "puback", messageId: packet.messageId ?? 0 };
  return undefined;
};

describe("the MQTT connection of a device", () => {
  it("connects, subscribes, publishes with QoS 1, acknowledges what it gets, and disconnects", async () => {
    const { near, far, seen } = service(accepting);
    const mqtt = await MqttConnection.open(near, IDENTITY);
    const got: string[] = [];
    const arrived = new Promise<void>((done) => {
      mqtt.listener = (topic, payload) => {
        got.push(`${topic} ${payload}`);
        done();
      };
    });
    await mqtt.subscribe("a/#");
    await Promise.all([mqtt.publish("b", "1"), mqtt.publish("b", Buffer.from("2"))]);
    far.write(
      generate({ cmd: "publish", topic: "a/1", payload: "x", qos: 1, messageId: 9, dup: false, retain: false }),
    );
    await arrived;
    await mqtt.close();
    assert.deepEqual(got, ["a/1 x"]);
    assert.deepEqual(
      seen.map(({ cmd }) => cmd),
      ["connect", "subscribe", "publish", "publish", "puback", "disconnect"],
    );
    await assert.rejects(mqtt.publish("b", "3"));
  });

  it("is refused by CONNACK and SUBACK, with the code", async () => {
    const refusing = service(() => ({ cmd: "connack", returnCode: 5, sessionPresent: false }));
    await assert.rejects(MqttConnection.open(refusing.near, IDENTITY), {
      code: 5,
      message: "CONNACK 5, not authorized",
    });
    const { near } = service((packet) =>
      packet.cmd === "subscribe"
        ? { cmd: "suback", messageId: packet.messageId ?? 0, granted: [128] }
        : accepting(packet),
    );
    const mqtt = await MqttConnection.open(near, IDENTITY);
    await assert.rejects(mqtt.subscribe("a/#"), { code: 128 });
    await mqtt.close();
  });

  it("fails all that waits when the connection ends, and says why", async () => {
    const endings: [string, (far: Duplex, near: Duplex) => void, RegExp][] = [
      ["closed by the service", (far) => void far.end(), /closed the connection/],
      ["torn", (_far, near) => void near.destroy(), /closed/],
      ["no MQTT", (far) => void far.write(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")), /./],
      ["unasked", (far) => void far.write(generate({ cmd: "puback", messageId: 77 })), /puback 77 unasked/],
      [
        "a CONNECT",
        (far) => void far.write(generate({ cmd: "connect", clientId: "x", keepalive: 1 } as Packet)),
        /unasked/,
      ],
      [
        "too large",
        (far) => void far.write(Buffer.concat([Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), Buffer.alloc(600_000)])),
        /larger than/,
      ],
    ];
    for (const [label, end, reason] of endings) {
      const { near, far } = service((packet) => (packet.cmd === "publish" ? undefined : accepting(packet)));
      const mqtt = await MqttConnection.open(near, IDENTITY);
      const pending = Promise.all([mqtt.publish("b", "1"), mqtt.publish("b", "2")]);
      end(far, near);
      await assert.rejects(pending, reason, label);
      assert.match((await mqtt.broken).message, reason, label);
      await mqtt.close();
    }
  });

  it("gives up while it connects to what closes", async () => {
    const [near, far] = duplexPair();
    far.end();
    far.resume();
    await assert.rejects(MqttConnection.open(near, IDENTITY), /closed/);
  });

  it("keeps no more than 1,000 messages without acknowledgement", async () => {
    const { near } = service((packet) => (packet.cmd === "publish" ? undefined : accepting(packet)));
    const mqtt = await MqttConnection.open(near, IDENTITY);
    const pending = Array.from({ length: 1000 }, () => mqtt.publish("b", "x").catch(() => undefined));
    await assert.rejects(mqtt.publish("b", "x"), /too many/);
    await mqtt.close();
    await Promise.all(pending);
  });
});
