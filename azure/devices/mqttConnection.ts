/** The device's side of one MQTT 3.1.1 connection: QoS 0 and 1, no retained messages (MQTT 3.1.1, OASIS). */
import type { Duplex } from "node:stream";
import { generate, type IPublishPacket, type Packet, parser } from "mqtt-packet";

/** How a device shows itself at CONNECT; its certificate is in TLS. */
export interface MqttIdentity {
  readonly clientId: string;
  readonly username: string;
}

/** Thrown if the service refuses a CONNECT or a SUBSCRIBE. */
export class MqttRefusedError extends Error {
  override readonly name = "MqttRefusedError";

  /** `code` is CONNACK's return code, or 128 for a subscription. */
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** CONNACK's return codes [MQTT-3.2.2-6]. */
const REFUSALS = [
  "",
  "unacceptable protocol version",
  "client identifier rejected",
  "server unavailable",
  "bad user name or password",
  "not authorized",
];

/** Seconds between two packets of the client. */
const KEEP_ALIVE_SECONDS = 60;
/** Milliseconds that an acknowledgement is waited for. */
const RESPONSE_TIMEOUT_MS = 30_000;
/** Bytes of one packet: an IoT Hub message has up to 256 KB. */
const PACKET_LIMIT = 512 * 1024;
/** QoS 1 packets that wait for their acknowledgement. */
const UNACKNOWLEDGED_LIMIT = 1000;

interface Waiting {
  done(packet: Packet): void;
  fail(error: Error): void;
  readonly timer: NodeJS.Timeout;
}

/** Packets are matched with their acknowledgements; everything ends with the connection. */
export class MqttConnection {
  /** What waits for CONNACK (`connack`), PINGRESP (`pingresp`), PUBACK (`puback 1`) or SUBACK (`suback 1`). */
  readonly #waiting = new Map<string, Waiting>();
  readonly #keepAlive: NodeJS.Timeout;
  readonly broken: Promise<Error>;
  #reason: Error | undefined;
  #isClosing = false;
  #lastId = 0;
  #listener: (topic: string, payload: Buffer) => void = () => undefined;

  private constructor(private readonly stream: Duplex) {
    const packets = parser({ protocolVersion: 4 });
    let pending = 0;
    packets.on("packet", (packet) => {
      pending = 0;
      this.#receive(packet);
    });
    packets.on("error", (error) => this.#break(error instanceof Error ? error : new Error(String(error))));
    stream.on("data", (chunk: Buffer) => {
      if (this.#reason) return;
      pending += chunk.length;
      packets.parse(chunk);
      if (pending > PACKET_LIMIT) this.#break(new Error(`a packet is larger than ${PACKET_LIMIT} bytes`));
    });
    stream.on("error", (error: Error) => this.#break(error));
    stream.once("end", () => this.#break(new Error("the service closed the connection")));
    this.broken = new Promise((resolve) => {
      stream.once("close", () => {
        clearInterval(this.#keepAlive);
        const reason = this.#reason ?? new Error("the connection was closed");
        this.#failAll(reason);
        if (!this.#isClosing) resolve(reason);
      });
    });
    this.#keepAlive = setInterval(() => this.#ping(), (KEEP_ALIVE_SECONDS * 1000) / 2);
  }

  /** Connects over a stream that is open. Rejects with MqttRefusedError, or with the error of the connection. */
  static async open(stream: Duplex, { clientId, username }: MqttIdentity): Promise<MqttConnection> {
    const connection = new MqttConnection(stream);
    try {
      const packet = await connection.#exchange("connack", {
        cmd: "connect",
        protocolId: "MQTT",
        protocolVersion: 4,
        clean: true,
        keepalive: KEEP_ALIVE_SECONDS,
        clientId,
        username,
      });
      const code = packet.cmd === "connack" ? (packet.returnCode ?? 0) : 0;
      if (code !== 0) throw new MqttRefusedError(code, `CONNACK ${code}, ${REFUSALS[code] ?? "unknown"}`);
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Gets the messages of subscribed topics; those with QoS 1 are acknowledged when it returns. */
  set listener(listener: (topic: string, payload: Buffer) => void) {
    this.#listener = listener;
  }

  /** Subscribes with QoS 1. Rejects with MqttRefusedError. */
  async subscribe(topic: string): Promise<void> {
    const messageId = this.#nextId();
    const packet = await this.#exchange(`suback ${messageId}`, {
      cmd: "subscribe",
      messageId,
      subscriptions: [{ topic, qos: 1 }],
    });
    const [granted] = packet.cmd === "suback" ? packet.granted : [];
    if (Number(granted) > 2) throw new MqttRefusedError(128, `the subscription to ${topic} was refused`);
  }

  /** Publishes with QoS 1; resolves with its acknowledgement. */
  async publish(topic: string, payload: string | Buffer): Promise<void> {
    if (this.#waiting.size >= UNACKNOWLEDGED_LIMIT) throw new Error("too many messages wait for their acknowledgement");
    const messageId = this.#nextId();
    const packet: IPublishPacket = { cmd: "publish", topic, payload, qos: 1, messageId, dup: false, retain: false };
    await this.#exchange(`puback ${messageId}`, packet);
  }

  /** Disconnects; waits for the end of the connection. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.stream.closed) return;
    const closed = new Promise<void>((resolve) => this.stream.once("close", resolve));
    if (!this.#reason) this.#write({ cmd: "disconnect" });
    this.stream.end();
    // The service may not close its side.
    const timer = setTimeout(() => this.stream.destroy(), 1000);
    await closed;
    clearTimeout(timer);
  }

  #nextId(): number {
    do {
      this.#lastId = (this.#lastId % 65_535) + 1;
    } while (this.#waiting.has(`puback ${this.#lastId}`) || this.#waiting.has(`suback ${this.#lastId}`));
    return this.#lastId;
  }

  #exchange(key: string, packet: Packet): Promise<Packet> {
    return new Promise((resolve, reject) => {
      if (this.#reason) {
        reject(this.#reason);
        return;
      }
      const timer = setTimeout(() => this.#break(new Error(`no ${key.split(" ")[0]} in time`)), RESPONSE_TIMEOUT_MS);
      this.#waiting.set(key, { done: resolve, fail: reject, timer });
      this.#write(packet);
    });
  }

  #write(packet: Packet): void {
    try {
      this.stream.write(generate(packet));
    } catch (error) {
      this.#break(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #ping(): void {
    if (this.#waiting.has("pingresp")) return;
    this.#exchange("pingresp", { cmd: "pingreq" }).catch(() => undefined);
  }

  #receive(packet: Packet): void {
    if (packet.cmd === "publish") {
      this.#listener(packet.topic, Buffer.from(packet.payload));
      if (packet.qos > 0) this.#write({ cmd: "puback", messageId: packet.messageId ?? 0 });
      return;
    }
    const key =
      "messageId" in packet && packet.messageId !== undefined ? `${packet.cmd} ${packet.messageId}` : packet.cmd;
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) {
      this.#break(new Error(`the service sent ${key} unasked`));
      return;
    }
    this.#waiting.delete(key);
    clearTimeout(waiting.timer);
    waiting.done(packet);
  }

  #break(reason: Error): void {
    this.#reason ??= reason;
    this.stream.destroy();
  }

  #failAll(reason: Error): void {
    for (const { timer, fail } of this.#waiting.values()) {
      clearTimeout(timer);
      fail(reason);
    }
    this.#waiting.clear();
  }
}
