import { connect as connectTls } from "node:tls";
import { generate, type Packet, parser } from "mqtt-packet";
import { API_VERSIONS, SCOPES } from "../../azure/apiVersions";
import { createSas } from "../../azure/sas";
import { type LocalAzure, withLocalAzure } from "../environment/localAzure";
import { compare, type Measurement, perSecond } from "../measure";
import { BareProgram } from "../rivals/bareProgram";

const DEVICES = 100;
/** Messages of one device in a round, each after the acknowledgement of the one before it. */
const MESSAGES = 100;
const ROUNDS = 5;
const GROUP = "bench";
const HUB = "bench-hub";
const HOST = `${HUB}.azure-devices.net`;
/** The key of every device. */
const KEY = Buffer.alloc(32, 7).toString("base64");
const BODY = JSON.stringify({ temperature: 21.5, humidity: 60, sequence: 123456 });
const BAG = "%24.ct=application%2Fjson&%24.ce=utf-8&line=1";

/** Where a device connects, and as whom. */
interface Target {
  readonly port: number;
  readonly ca: string;
  readonly serverName: string;
  readonly userName: string;
  readonly password: string;
}

/** A connected device. */
interface Sender {
  /** Sends its messages with QoS 1, and disconnects. */
  sendAll(): Promise<void>;
}

function connect(deviceId: string, { port, ca, serverName, userName, password }: Target): Promise<Sender> {
  return new Promise((connected, fail) => {
    const socket = connectTls({ host: "127.0.0.1", port, ca, servername: serverName });
    socket.setNoDelay(true);
    const packets = parser({ protocolVersion: 4 });
    const send = (packet: Packet): void => void socket.write(generate(packet));
    const topic = `devices/${deviceId}/messages/events/${BAG}`;
    const sender: Sender = {
      sendAll: () =>
        new Promise((done, failed) => {
          let messageId = 0;
          const next = (): void => {
            messageId += 1;
            if (messageId <= MESSAGES) {
              send({ cmd: "publish", topic, payload: BODY, qos: 1, messageId, dup: false, retain: false });
              return;
            }
            send({ cmd: "disconnect" });
            socket.end();
            done();
          };
          packets.on("packet", next);
          socket.once("close", () => failed(new Error(`the connection of ${deviceId} was closed`)));
          next();
        }),
    };
    packets.once("packet", (packet) => {
      if (packet.cmd === "connack" && packet.returnCode === 0) connected(sender);
      else fail(new Error(`${deviceId} is refused: ${JSON.stringify(packet)}`));
    });
    socket.on("data", (chunk: Buffer) => packets.parse(chunk));
    socket.once("error", fail);
    const identity = { clientId: deviceId, username: userName, password: Buffer.from(password) };
    send({ cmd: "connect", protocolId: "MQTT", protocolVersion: 4, clean: true, keepalive: 180, ...identity });
  });
}

/** Creates a hub with the devices. */
async function createHub(azure: LocalAzure, ids: readonly string[]): Promise<void> {
  const location = "westeurope";
  const group = `/resourceGroups/${GROUP}`;
  await azure.arm("PUT", `${group}?api-version=${API_VERSIONS.resourceGroups}`, { location });
  const hub = `${group}/providers/Microsoft.Devices/IotHubs/${HUB}?api-version=${API_VERSIONS.iotHubs}`;
  await azure.arm("PUT", hub, { location, sku: { name: "S1", capacity: 1 }, properties: {} });
  const authorization = `Bearer ${await azure.token(SCOPES.hub)}`;
  const agent = azure.agent(HOST);
  const authentication = { type: "sas", symmetricKey: { primaryKey: KEY, secondaryKey: KEY } };
  for (const deviceId of ids) {
    const path = `/devices/${deviceId}?api-version=${API_VERSIONS.hubService}`;
    const headers = { authorization, "content-type": "application/json" };
    await azure.ask(
      { host: HOST, method: "PUT", path, headers, body: JSON.stringify({ deviceId, authentication }) },
      agent,
    );
  }
}

/** Messages a second from 100 devices to a hub over MQTT, durable, against a broker that keeps nothing. */
export function mqttMeasurements(): Promise<Measurement[]> {
  return withLocalAzure(async (azure, folder) => {
    const rival = await BareProgram.start("bareBroker", folder);
    try {
      const ids = Array.from({ length: DEVICES }, (_, index) => `device-${index}`);
      await createHub(azure, ids);
      const expiry = Math.floor(Date.now() / 1000) + 86_400;
      const round = async (targetOf: (id: string) => Target) => {
        const senders = await Promise.all(ids.map((id) => connect(id, targetOf(id))));
        return perSecond(DEVICES * MESSAGES, () => Promise.all(senders.map((sender) => sender.sendAll())));
      };
      const result = await compare({
        name: "mqtt",
        what: `messages to a hub over MQTT, TLS, QoS 1, durable when acknowledged, ${DEVICES} devices`,
        rival: "the broker aedes with the same clients, TLS, QoS 1, nothing durable, no authentication",
        unit: "messages/s",
        bound: { atLeast: 0.5 },
        rounds: ROUNDS,
        theirs: () =>
          round(() => ({ port: rival.port, ca: rival.ca, serverName: "localhost", userName: "u", password: "p" })),
        ours: () =>
          round((id) => ({
            port: azure.port,
            ca: azure.ca,
            serverName: HOST,
            userName: `${HOST}/${id}/?api-version=2021-04-12`,
            password: createSas(`${HOST}/devices/${id}`, KEY, expiry),
          })),
      });
      return [result];
    } finally {
      rival.stop();
    }
  });
}
