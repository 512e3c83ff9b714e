import type { Duplex } from "node:stream";
import {
  generate,
  type IConnectPacket,
  type IPublishPacket,
  type ISubscribePacket,
  type Packet,
  parser,
} from "mqtt-packet";
import { CONNACK, ConnectRefused, type Endpoint, type Link, REFUSED } from "./mqttEndpoint";

/** Who a session belongs to, and where it tells what becomes of it. */
export interface Peer {
  readonly host: string;
  readonly clientChain: () => readonly Buffer[];
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** A client has this long (milliseconds) to send its CONNECT. */
const CONNECT_TIMEOUT = 30_000;
/** Longest keep-alive in seconds; none at all counts as this (Azure documentation, "IoT Hub MQTT – keep-alive"). */
const MAX_KEEP_ALIVE = 1767;

/** Octets of one packet: IoT Hub's messages end at 256 KB, and so does a topic at 64. MQTT itself would allow 256 MB. */
const PACKET_LIMIT = 512 * 1024;

/** Whether a topic filter covers a topic (MQTT 3.1.1, 4.7). */
export function topicMatches(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  for (const [index, part] of wanted.entries()) {
    if (part === "#") return true;
    if (index >= levels.length || (part !== "+" && part !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}

/**
 * One MQTT 3.1.1 connection over any stream: QoS 0 and 1, no retained messages, no session that outlives the connection.
 * Packets are taken one after the other. What the protocol forbids, and what Azure does not take (QoS 2), ends it.
 */
export class Session {
  readonly #stream: Duplex;
  readonly #endpoint: Endpoint;
  readonly #peer: Peer;
  readonly #subscriptions = new Map<string, number>();
  #link: Link | undefined;
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout;
  #nextId = 0;
  #clean = false;
  #over = false;

  constructor(stream: Duplex, endpoint: Endpoint, peer: Peer) {
    this.#stream = stream;
    this.#endpoint = endpoint;
    this.#peer = peer;
    this.#timer = this.#patience(CONNECT_TIMEOUT);
    const packets = parser({ protocolVersion: 4 });
    let pending = 0;
    packets.on("packet", (packet) => {
      pending = 0;
      this.#queue(packet);
    });
    packets.on("error", (error) => this.#end(`malformed: ${error instanceof Error ? error.message : String(error)}`));
    stream.on("data", (chunk: Buffer) => {
      this.#timer.refresh();
      if (this.#over) return;
      pending += chunk.length;
      packets.parse(chunk);
      if (pending > PACKET_LIMIT) this.#end(`a packet is larger than ${PACKET_LIMIT} octets`);
    });
    stream.on("error", () => stream.destroy());
    stream.once("end", () => stream.end());
    stream.once("close", () => this.#gone());
  }

  #patience(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#end("nothing was heard in time");
      // One that was told good-bye and does not go either.
      this.#stream.destroy();
    }, ms);
  }

  #queue(packet: Packet): void {
    this.#work = this.#work.then(async () => {
      // What a client sent before it went away counts: only what we ended ourselves is over.
      if (this.#over) return;
      try {
        await this.#take(packet);
      } catch (error) {
        this.#end(error instanceof Error ? error.message : String(error));
      }
    });
  }

  async #take(packet: Packet): Promise<void> {
    if (packet.cmd === "connect") return this.#connect(packet);
    const link = this.#link;
    if (!link) throw new Error(`${packet.cmd} before CONNECT`);
    switch (packet.cmd) {
      case "publish":
        return this.#publish(packet, link);
      case "subscribe":
        return this.#subscribe(packet, link);
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
        this.#over = true;
        this.#stream.end();
        return;
      default:
        throw new Error(`${packet.cmd} is not taken from a client`);
    }
  }

  async #connect(packet: IConnectPacket): Promise<void> {
    if (this.#link) throw new Error("a second CONNECT");
    try {
      if (packet.protocolVersion !== 4) {
        throw new ConnectRefused(CONNACK.unacceptableProtocol, "MQTT 3.1.1 only");
      }
      const { will } = packet;
      this.#link = await this.#endpoint({
        host: this.#peer.host,
        clientChain: this.#peer.clientChain,
        clientId: packet.clientId,
        userName: packet.username ?? "",
        password: packet.password?.toString("utf8"),
        will: will && { topic: will.topic, body: Buffer.from(will.payload), retain: will.retain === true },
        send: (topic, body) => this.#send(topic, body),
        end: (reason) => this.#end(reason),
      });
    } catch (error) {
      const code = error instanceof ConnectRefused ? error.code : CONNACK.serverUnavailable;
      this.#say("refused", { clientId: packet.clientId, code, reason: (error as Error).message });
      this.#write({ cmd: "connack", returnCode: code, sessionPresent: false });
      this.#over = true;
      this.#stream.end();
      return;
    }
    const seconds = Math.min(packet.keepalive || MAX_KEEP_ALIVE, MAX_KEEP_ALIVE);
    clearTimeout(this.#timer);
    // One and a half times the keep-alive (MQTT 3.1.1, 3.1.2.10).
    if (!this.#stream.destroyed) this.#timer = this.#patience(seconds * 1500);
    this.#say("connected", { clientId: packet.clientId });
    this.#write({ cmd: "connack", returnCode: CONNACK.accepted, sessionPresent: false });
  }

  async #publish(packet: IPublishPacket, link: Link): Promise<void> {
    if (packet.qos === 2) throw new Error("QoS 2 is not taken");
    await link.receive({ topic: packet.topic, body: Buffer.from(packet.payload), retain: packet.retain });
    if (packet.qos === 1) this.#write({ cmd: "puback", messageId: packet.messageId ?? 0 });
  }

  #subscribe(packet: ISubscribePacket, link: Link): void {
    const granted = packet.subscriptions.map(({ topic, qos }) => {
      const level = link.subscribe(topic, Math.min(qos, 1));
      if (level === REFUSED) this.#say("subscription refused", { topic });
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
    if (!this.#stream.writableEnded && !this.#stream.destroyed) this.#stream.write(generate(packet));
  }

  #say(event: string, detail: Readonly<Record<string, unknown>>): void {
    this.#peer.log(event, { host: this.#peer.host, ...detail });
  }

  #end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#say("disconnected", { reason });
    this.#stream.destroy();
  }

  #gone(): void {
    clearTimeout(this.#timer);
    // After what is still being worked on: a CONNECT under way may yet make the link.
    this.#work = this.#work
      .then(() => this.#link?.closed(this.#clean))
      .catch((error: Error) => {
        this.#say("failed", { reason: error.message });
      });
  }
}
