import type { Duplex } from "node:stream";
import {
  generate,
  type IConnectPacket,
  type IPublishPacket,
  type ISubscribePacket,
  type Packet,
  parser,
} from "mqtt-packet";
import { CONNECTION_LIMITS } from "../kernel/connectionLimits";
import type { MqttConnection, MqttEndpoint } from "./mqttDependencies";
import { CONNACK, ConnectRefused, SUBACK_FAILURE } from "./mqttErrors";
import { topicMatches } from "./mqttTopic";

/** The client side of a session, and its log. */
export interface Peer {
  readonly host: string;
  readonly clientChain: () => readonly Buffer[];
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** Longest keep-alive in seconds, and the default (Azure documentation, "IoT Hub MQTT – keep-alive"). */
const MAX_KEEP_ALIVE = 1767;

/** Bytes of one packet: an IoT Hub message has up to 256 KB, a topic up to 64 KB. MQTT itself allows 256 MB. */
const PACKET_LIMIT = 512 * 1024;
/** Packets that wait to be processed; the client's further ones stay in the network. */
const WAITING_LIMIT = 64;

/**
 * One MQTT 3.1.1 connection over any stream: QoS 0 and 1, no retained messages, no persistent sessions. Packets
 * are processed in order. A protocol violation, or QoS 2, which Azure does not support, ends the connection.
 */
export class MqttSession {
  readonly #subscriptions = new Map<string, number>();
  #connection: MqttConnection | undefined;
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout;
  #nextId = 0;
  #waiting = 0;
  #mustDrain = false;
  #clean = false;
  #ended = false;

  constructor(
    private readonly stream: Duplex,
    private readonly endpoint: MqttEndpoint,
    private readonly peer: Peer,
  ) {
    this.#timer = this.#startTimer(CONNECTION_LIMITS.mqttConnect);
    const packets = parser({ protocolVersion: 4 });
    let pending = 0;
    packets.on("packet", (packet) => {
      pending = 0;
      this.#queue(packet);
    });
    packets.on("error", (error) => this.#end(`malformed: ${error instanceof Error ? error.message : String(error)}`));
    stream.on("data", (chunk: Buffer) => {
      // A slow CONNECT does not extend its time.
      if (this.#connection) this.#timer.refresh();
      if (this.#ended) return;
      pending += chunk.length;
      packets.parse(chunk);
      if (pending > PACKET_LIMIT) this.#end(`a packet is larger than ${PACKET_LIMIT} bytes`);
    });
    stream.on("error", () => stream.destroy());
    stream.on("drain", () => {
      this.#mustDrain = false;
      this.#controlFlow();
    });
    stream.once("end", () => stream.end());
    stream.once("close", () => this.#closed());
  }

  #startTimer(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#end("timed out: no packet from the client");
      // The peer may not close its side.
      this.stream.destroy();
    }, ms);
  }

  /** Reads from the client only while it reads: what it sends and what it is sent stay bounded. */
  #controlFlow(): void {
    if (this.#mustDrain || this.#waiting >= WAITING_LIMIT) this.stream.pause();
    else if (this.stream.isPaused()) this.stream.resume();
  }

  #queue(packet: Packet): void {
    this.#waiting += 1;
    this.#controlFlow();
    this.#work = this.#work.then(async () => {
      this.#waiting -= 1;
      this.#controlFlow();
      // Packets sent before the client disconnected are processed: only our own end stops that.
      if (this.#ended) return;
      try {
        await this.#process(packet);
      } catch (error) {
        this.#end(error instanceof Error ? error.message : String(error));
      }
    });
  }

  async #process(packet: Packet): Promise<void> {
    if (packet.cmd === "connect") return this.#connect(packet);
    const connection = this.#connection;
    if (!connection) throw new Error(`${packet.cmd} before CONNECT`);
    switch (packet.cmd) {
      case "publish":
        return this.#publish(packet, connection);
      case "subscribe":
        return this.#subscribe(packet, connection);
      case "unsubscribe":
        for (const topic of packet.unsubscriptions) this.#subscriptions.delete(topic);
        this.#write({ cmd: "unsuback", messageId: packet.messageId ?? 0, granted: [] });
        return;
      case "pingreq":
        this.#write({ cmd: "pingresp" });
        return;
      case "puback":
        return;
      case "disconnect":
        this.#clean = true;
        this.#ended = true;
        this.stream.end();
        return;
      default:
        throw new Error(`${packet.cmd} is not accepted from a client`);
    }
  }

  async #connect(packet: IConnectPacket): Promise<void> {
    if (this.#connection) throw new Error("a second CONNECT");
    try {
      if (packet.protocolVersion !== 4) {
        throw new ConnectRefused("unacceptableProtocol", "MQTT 3.1.1 only");
      }
      const { will } = packet;
      this.#connection = await this.endpoint({
        host: this.peer.host,
        clientChain: this.peer.clientChain,
        clientId: packet.clientId,
        userName: packet.username ?? "",
        password: packet.password?.toString("utf8"),
        will: will && { topic: will.topic, body: Buffer.from(will.payload), retain: will.retain === true },
        send: (topic, body) => this.#send(topic, body),
        end: (reason) => this.#end(reason),
      });
    } catch (error) {
      const code = error instanceof ConnectRefused ? error.code : CONNACK.serverUnavailable;
      this.#log("refused", { clientId: packet.clientId, code, reason: (error as Error).message });
      this.#write({ cmd: "connack", returnCode: code, sessionPresent: false });
      this.#ended = true;
      this.stream.end();
      return;
    }
    const seconds = Math.min(packet.keepalive || MAX_KEEP_ALIVE, MAX_KEEP_ALIVE);
    clearTimeout(this.#timer);
    // One and a half times the keep-alive (MQTT 3.1.1, 3.1.2.10).
    if (!this.stream.destroyed) this.#timer = this.#startTimer(seconds * 1500);
    this.#log("connected", { clientId: packet.clientId });
    this.#write({ cmd: "connack", returnCode: CONNACK.accepted, sessionPresent: false });
  }

  async #publish(packet: IPublishPacket, connection: MqttConnection): Promise<void> {
    if (packet.qos === 2) throw new Error("QoS 2 is not supported");
    await connection.receive({ topic: packet.topic, body: Buffer.from(packet.payload), retain: packet.retain });
    if (packet.qos === 1) this.#write({ cmd: "puback", messageId: packet.messageId ?? 0 });
  }

  #subscribe(packet: ISubscribePacket, connection: MqttConnection): void {
    const granted = packet.subscriptions.map(({ topic, qos }) => {
      const level = connection.subscribe(topic, Math.min(qos, 1));
      if (level === SUBACK_FAILURE) this.#log("subscription refused", { topic });
      else this.#subscriptions.set(topic, level);
      return level;
    });
    this.#write({ cmd: "suback", messageId: packet.messageId ?? 0, granted });
  }

  #send(topic: string, payload: string): void {
    const levels = [...this.#subscriptions].filter(([filter]) => topicMatches(filter, topic)).map(([, qos]) => qos);
    if (levels.length === 0) return;
    const qos = Math.max(...levels) === 1 ? 1 : 0;
    this.#nextId = (this.#nextId % 65_535) + 1;
    const id = qos === 1 ? { messageId: this.#nextId } : {};
    this.#write({ cmd: "publish", topic, payload, qos, dup: false, retain: false, ...id });
  }

  #write(packet: Packet): void {
    if (this.stream.writableEnded || this.stream.destroyed || this.stream.write(generate(packet))) return;
    this.#mustDrain = true;
    this.#controlFlow();
  }

  #log(event: string, detail: Readonly<Record<string, unknown>>): void {
    this.peer.log(event, { host: this.peer.host, ...detail });
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#log("disconnected", { reason });
    this.stream.destroy();
  }

  #closed(): void {
    clearTimeout(this.#timer);
    // After pending work: a CONNECT in progress may still make the connection.
    this.#work = this.#work
      .then(() => this.#connection?.closed(this.#clean))
      .catch((error: Error) => {
        this.#log("failed", { reason: error.message });
      });
  }
}
