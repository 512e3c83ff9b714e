import { message as amqp, type EventContext } from "rhea";
import { createSas } from "../../../azure/sas";
import { AmqpTestClient } from "../amqpClient";
import type { AzureClient } from "../azureClient";
import type { SeededRandom } from "../fuzz/seededRandom";
import { MqttClient, tlsThroughProxy, type Way } from "../mqttClient";
import type { DeviceLedger } from "./deviceLedger";

/** The hub of the devices. */
export const HUB = "hub-kills";
export const HOST = `${HUB}.azure-devices.net`;

/** What a device needs to talk to the hub of one process of the local Azure. */
export interface Talk {
  readonly way: Way;
  readonly client: AzureClient;
  /** Called after each acknowledgement. */
  readonly acknowledged: () => void;
  /** Whether devices leave messages unsettled and report properties. Otherwise they settle each message. */
  isBusy: boolean;
}

/** A device that receives messages. */
export interface TalkingDevice {
  readonly ledger: DeviceLedger;
  /** Connects, and receives until the connection ends. Rejects when it is refused. */
  talk(talk: Talk): Promise<DeviceConnection>;
}

export interface DeviceConnection {
  readonly ended: Promise<void>;
  end(): void;
}

const UNSETTLED = 0.2;
const signatureOf = (resource: string, key: string): string =>
  createSas(resource, key, Math.floor(Date.now() / 1000) + 86_400);

/** A device over MQTT with a persistent session, which also reports properties. */
export class MqttDevice implements TalkingDevice {
  #isSubscribed = false;

  constructor(
    readonly ledger: DeviceLedger,
    private readonly key: string,
    private readonly random: SeededRandom,
  ) {}

  async talk(talk: Talk): Promise<DeviceConnection> {
    const { deviceId } = this.ledger;
    const mqtt = await MqttClient.overTls(HOST, talk.way);
    const password = Buffer.from(signatureOf(`${HOST}/devices/${deviceId}`, this.key));
    const username = `${HOST}/${deviceId}/?api-version=2021-04-12`;
    mqtt.send({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clean: false,
      clientId: deviceId,
      username,
      password,
    });
    const { returnCode, sessionPresent } = await mqtt.next("connack");
    if (returnCode !== 0) throw new Error(`${deviceId}: CONNACK ${returnCode}`);
    if (sessionPresent !== this.#isSubscribed) {
      this.ledger.findings.push(`${deviceId} has subscribed: ${this.#isSubscribed}, its session: ${sessionPresent}`);
    }
    if (!this.#isSubscribed) {
      await mqtt.subscribe("$iothub/twin/res/#");
      await mqtt.subscribe(`devices/${deviceId}/messages/devicebound/#`);
      this.#isSubscribed = true;
    }
    return { ended: this.#receive(mqtt, talk), end: () => mqtt.drop() };
  }

  async #receive(mqtt: MqttClient, talk: Talk): Promise<void> {
    const { ledger } = this;
    const report = (): void => {
      ledger.reportedSent += 1;
      const topic = `$iothub/twin/PATCH/properties/reported/?$rid=${ledger.reportedSent}`;
      const payload = JSON.stringify({ first: ledger.reportedSent, second: { number: ledger.reportedSent } });
      mqtt.send({ cmd: "publish", topic, payload, qos: 1, messageId: 1, dup: false, retain: false });
    };
    if (talk.isBusy) report();
    for (let packet = await mqtt.packet(); packet !== undefined; packet = await mqtt.packet()) {
      if (packet.cmd !== "publish") continue;
      if (packet.topic.startsWith("$iothub/twin/res/204/")) {
        ledger.reported = Number(/rid=(\d+)/.exec(packet.topic)?.[1]);
        talk.acknowledged();
        if (talk.isBusy) report();
      } else {
        ledger.deliver(Number(packet.payload));
        talk.acknowledged();
        if (talk.isBusy && this.random.chance(UNSETTLED)) continue;
        mqtt.send({ cmd: "puback", messageId: packet.messageId });
      }
    }
  }
}

/** A device over AMQP. */
export class AmqpDevice implements TalkingDevice {
  constructor(
    readonly ledger: DeviceLedger,
    private readonly key: string,
    private readonly random: SeededRandom,
  ) {}

  async talk(talk: Talk): Promise<DeviceConnection> {
    const resource = `${HOST}/devices/${this.ledger.deviceId}`;
    const device = await amqpClient(talk.way, resource, signatureOf(resource, this.key));
    const address = `/devices/${this.ledger.deviceId}/messages/devicebound`;
    const receiver = await device.receiver(address, { autoaccept: false });
    receiver.on("message", ({ message, delivery }: EventContext) => {
      this.ledger.deliver(Number(message?.body.content));
      talk.acknowledged();
      if (!talk.isBusy || !this.random.chance(UNSETTLED)) delivery?.accept();
      receiver.add_credit(1);
    });
    receiver.add_credit(5);
    return {
      ended: new Promise((done) => {
        for (const event of ["disconnected", "connection_close"]) device.connection.once(event, () => done());
      }),
      end: () => device.close(),
    };
  }
}

/** A device over HTTPS, which receives and completes one message after the other. */
export class HttpsDevice implements TalkingDevice {
  /** The lock of a message that has no response to its completion. */
  #open: { readonly lock: string; readonly number: number } | undefined;

  constructor(
    readonly ledger: DeviceLedger,
    private readonly key: string,
  ) {}

  async talk(talk: Talk): Promise<DeviceConnection> {
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    return { ended: this.#receive(talk, () => isOver).catch(() => undefined), end };
  }

  async #receive({ client, acknowledged }: Talk, isOver: () => boolean): Promise<void> {
    const url = `https://${HOST}/devices/${this.ledger.deviceId}/messages/deviceBound`;
    const headers = { authorization: signatureOf(`${HOST}/devices/${this.ledger.deviceId}`, this.key) };
    const send = (method: string, path: string, query = "") =>
      client.send(method, `${url}${path}?api-version=2021-04-12${query}`, { bearer: null, headers });
    while (!isOver()) {
      if (this.#open) {
        const { lock, number } = this.#open;
        const { status } = await send("DELETE", `/${lock}`);
        if (status === 204) this.ledger.completed.add(number);
        this.#open = undefined;
      }
      const {
        status,
        body,
        headers: given,
      } = await send("GET", "", "&messageLockTimeout=2").catch((error: unknown) => {
        this.ledger.missDelivery();
        throw error;
      });
      if (status !== 200) continue;
      const number = Number(body);
      this.ledger.deliver(number);
      this.#open = { lock: String(given.etag).replaceAll('"', ""), number };
      acknowledged();
    }
  }
}

/** AMQP over TLS with a token of a resource. */
export async function amqpClient(way: Way, resource: string, token: string): Promise<AmqpTestClient> {
  const client = await AmqpTestClient.over(await tlsThroughProxy(HOST, 5671, way), HOST);
  const status = await client.putToken(resource, token);
  if (status !== 200) throw new Error(`the token of ${resource}: ${status}`);
  return client;
}

/** The body of a message: its number. */
export const bodyOf = (number: number): unknown => amqp.data_section(Buffer.from(String(number)));
