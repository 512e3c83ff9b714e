import type { Duplex } from "node:stream";
import {
  generate,
  type IConnectPacket,
  type IPublishPacket,
  type ISubscribePacket,
  type IUnsubscribePacket,
  type Packet,
  parser,
} from "mqtt-packet";
import { CONNECTION_LIMITS } from "../kernel/connectionLimits";
import type { MqttConnection, MqttEndpoint, OutgoingMessage } from "./mqttDependencies";
import { CONNACK, ConnectRefused, SUBACK_FAILURE } from "./mqttErrors";

/** The client side of a session, and its log. */
export interface Peer {
  readonly host: string;
  readonly clientChain: () => readonly Buffer[];
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** The longest time without a packet in seconds, also without a keep-alive (Azure documentation, "Default keep-alive time-out"). */
const LONGEST_SILENCE = 1767;

/** Bytes of one packet: an IoT Hub message has up to 256 KB, a topic up to 64 KB. MQTT itself allows 256 MB. */
const PACKET_LIMIT = 512 * 1024;
/** Packets in progress; the client's further ones wait, most of them in the network. */
const WAITING_LIMIT = 64;
/** Bytes of their messages. */
const WAITING_BYTES = 1024 * 1024;
/** Bytes that wait for a client that does not read: the messages of a full queue, and the calls of methods that may wait, 128 KB each. */
const OUTPUT_LIMIT = 16 * 1024 * 1024;
/** Messages that the client has not acknowledged. */
const UNACKNOWLEDGED_LIMIT = 1000;

/** The reply to a packet: sent when it is ready, after those to the packets before it. */
interface Reply {
  /** Of the packet's message. */
  readonly bytes: number;
  isReady: boolean;
  send?: () => void;
}

/**
 * One MQTT 3.1.1 connection over any stream: QoS 0 and 1, no retained messages. Packets start in order and overlap, so that
 * many messages of a client share a commit; their acknowledgements are in order [MQTT-4.6.0-2]. A protocol violation, or QoS 2,
 * which Azure does not support, ends the connection.
 */
export class MqttSession {
  readonly #subscriptions = new Map<string, number>();
  /** What waits for the client's PUBACK, by packet ID. */
  readonly #unacknowledged = new Map<number, () => void>();
  #connection: MqttConnection | undefined;
  /** CONNECT and what it makes of the client; packets start afterwards. */
  #connecting: Promise<void> | undefined;
  /** Of the packets in progress, in their order. */
  readonly #replies: Reply[] = [];
  #waitingBytes = 0;
  /** Packets that came with those in progress: a chunk of the network has thousands. They start in later turns. */
  #backlog: Packet[] = [];
  #isResuming = false;
  #isCorked = false;
  /** Runs once when no packet is in progress. */
  #allReplied: () => void = () => undefined;
  #timer: NodeJS.Timeout;
  #nextId = 0;
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
      this.#resume();
      this.#connection?.drained?.();
    });
    stream.once("end", () => stream.end());
    stream.once("close", () => this.#closed());
  }

  #startTimer(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#end("timed out: no packet from the client");
      // The peer may not close its side.
      this.stream.destroy();
    }, ms).unref();
  }

  /** Whether no further packet starts: what the client sends and what it is sent stay bounded. */
  get #isBusy(): boolean {
    return this.#mustDrain || this.#replies.length >= WAITING_LIMIT || this.#waitingBytes >= WAITING_BYTES;
  }

  #controlFlow(): void {
    if (this.#isBusy || this.#backlog.length > 0) this.stream.pause();
    else if (this.stream.isPaused()) this.stream.resume();
  }

  #queue(packet: Packet): void {
    if (this.#backlog.length === 0 && !this.#isBusy) this.#start(packet);
    else this.#backlog.push(packet);
    this.#controlFlow();
  }

  /** Starts packets of the backlog in a turn of its own, so that other connections have theirs. */
  #resume(): void {
    if (this.#isResuming || this.#backlog.length === 0) return;
    this.#isResuming = true;
    setImmediate(() => {
      this.#isResuming = false;
      let count = 0;
      for (const packet of this.#backlog) {
        if (this.#isBusy) break;
        this.#start(packet);
        count += 1;
      }
      this.#backlog = this.#backlog.slice(count);
      this.#controlFlow();
    });
  }

  /** Starts a packet after those before it, and sends its reply after theirs. */
  #start(packet: Packet): void {
    const reply: Reply = { bytes: packet.cmd === "publish" ? packet.payload.length : 0, isReady: false };
    this.#replies.push(reply);
    this.#waitingBytes += reply.bytes;
    const ready = (send?: () => void): void => {
      reply.isReady = true;
      reply.send = send;
      this.#reply();
    };
    const started = this.#connecting ? this.#connecting.then(() => this.#process(packet)) : this.#process(packet);
    const done = started.then(ready, (error: unknown) => ready(() => this.#failed(error)));
    if (packet.cmd !== "connect") return;
    this.#connecting = done.then(() => {
      this.#connecting = undefined;
    });
  }

  /** Sends the replies that are next in turn, several of them together. */
  #reply(): void {
    if (!this.#replies[0]?.isReady) return;
    if (this.#replies.length > 1 && !this.#isCorked) {
      this.#isCorked = true;
      this.stream.cork();
      // After the replies that the same commit makes ready.
      process.nextTick(() => {
        this.#isCorked = false;
        this.stream.uncork();
      });
    }
    for (let next = this.#replies[0]; next?.isReady; next = this.#replies[0]) {
      this.#replies.shift();
      this.#waitingBytes -= next.bytes;
      try {
        next.send?.();
      } catch (error) {
        this.#failed(error);
      }
    }
    this.#controlFlow();
    this.#resume();
    if (this.#isIdle) this.#allReplied();
  }

  /** Whether all packets of the client have been processed. */
  get #isIdle(): boolean {
    return this.#replies.length === 0 && this.#backlog.length === 0;
  }

  /** Processes a packet; returns what sends its reply. */
  async #process(packet: Packet): Promise<(() => void) | undefined> {
    // Packets sent before the client disconnected are processed: only our own end stops that.
    if (this.#ended) return undefined;
    if (packet.cmd === "connect") return this.#connect(packet);
    const connection = this.#connection;
    if (!connection) throw new Error(`${packet.cmd} before CONNECT`);
    switch (packet.cmd) {
      case "publish":
        return this.#publish(packet, connection);
      case "subscribe":
        return this.#subscribe(packet, connection);
      case "unsubscribe":
        return this.#unsubscribe(packet, connection);
      case "pingreq":
        return () => this.#write({ cmd: "pingresp" });
      case "puback":
        this.#acknowledged(packet.messageId ?? 0);
        return undefined;
      case "disconnect":
        this.#clean = true;
        this.#ended = true;
        return () => void this.stream.end();
      default:
        throw new Error(`${packet.cmd} is not accepted from a client`);
    }
  }

  async #connect(packet: IConnectPacket): Promise<() => void> {
    if (this.#connection) throw new Error("a second CONNECT");
    let connection: MqttConnection;
    try {
      if (packet.protocolVersion !== 4) {
        throw new ConnectRefused("unacceptableProtocol", "MQTT 3.1.1 only");
      }
      const { will } = packet;
      connection = await this.endpoint({
        host: this.peer.host,
        clientChain: this.peer.clientChain,
        clientId: packet.clientId,
        userName: packet.username ?? "",
        password: packet.password?.toString("utf8"),
        isClean: packet.clean !== false,
        will: will && { topic: will.topic, body: Buffer.from(will.payload), retain: will.retain === true },
        reads: () => !this.#mustDrain,
        send: (filter, message) => this.#send(filter, message),
        end: (reason) => this.#end(reason),
      });
    } catch (error) {
      const code = error instanceof ConnectRefused ? error.code : CONNACK.serverUnavailable;
      this.#log("refused", { clientId: packet.clientId, code, reason: (error as Error).message });
      this.#ended = true;
      return () => {
        this.#write({ cmd: "connack", returnCode: code, sessionPresent: false });
        this.stream.end();
      };
    }
    this.#connection = connection;
    for (const [filter, qos] of connection.kept ?? []) this.#subscriptions.set(filter, qos);
    // One and a half times the keep-alive (MQTT 3.1.1, 3.1.2.10).
    const seconds = Math.min(packet.keepalive ? packet.keepalive * 1.5 : LONGEST_SILENCE, LONGEST_SILENCE);
    clearTimeout(this.#timer);
    if (!this.stream.destroyed) this.#timer = this.#startTimer(seconds * 1000);
    this.#log("connected", { clientId: packet.clientId });
    return () => {
      const sessionPresent = connection.kept !== undefined;
      this.#write({ cmd: "connack", returnCode: CONNACK.accepted, sessionPresent });
      for (const filter of connection.kept?.keys() ?? []) connection.subscribed?.(filter);
    };
  }

  async #publish(packet: IPublishPacket, connection: MqttConnection): Promise<(() => void) | undefined> {
    if (packet.qos === 2) throw new Error("QoS 2 is not supported");
    const { topic, payload, retain, qos, messageId = 0 } = packet;
    await connection.receive({ topic, body: Buffer.isBuffer(payload) ? payload : Buffer.from(payload), retain });
    return qos === 1 ? () => this.#writeBytes(Buffer.of(0x40, 2, messageId >> 8, messageId & 0xff)) : undefined;
  }

  async #subscribe(packet: ISubscribePacket, connection: MqttConnection): Promise<() => void> {
    const filters = packet.subscriptions.map(({ topic }) => topic);
    const granted = await Promise.all(
      packet.subscriptions.map(async ({ topic, qos }) => connection.subscribe(topic, Math.min(qos, 1))),
    );
    return () => {
      for (const [index, filter] of filters.entries()) {
        const level = granted[index] ?? SUBACK_FAILURE;
        if (level === SUBACK_FAILURE) this.#log("subscription refused", { topic: filter });
        else this.#subscriptions.set(filter, level);
      }
      this.#write({ cmd: "suback", messageId: packet.messageId ?? 0, granted });
      for (const filter of filters) if (this.#subscriptions.has(filter)) connection.subscribed?.(filter);
    };
  }

  async #unsubscribe(packet: IUnsubscribePacket, connection: MqttConnection): Promise<() => void> {
    for (const filter of packet.unsubscriptions) {
      this.#subscriptions.delete(filter);
      await connection.unsubscribe?.(filter);
    }
    return () => this.#write({ cmd: "unsuback", messageId: packet.messageId ?? 0, granted: [] });
  }

  #acknowledged(messageId: number): void {
    const received = this.#unacknowledged.get(messageId);
    this.#unacknowledged.delete(messageId);
    received?.();
  }

  #send(filter: string, { topic, body, isRepeated = false, received = () => undefined }: OutgoingMessage): boolean {
    const qos = this.#subscriptions.get(filter);
    if (qos === undefined || this.#ended) return false;
    const packet = { cmd: "publish", topic, payload: body, retain: false } as const;
    if (qos === 0) {
      this.#write({ ...packet, qos: 0, dup: false });
      received();
    } else {
      const messageId = this.#newId();
      this.#unacknowledged.set(messageId, received);
      this.#write({ ...packet, qos: 1, dup: isRepeated, messageId });
    }
    return true;
  }

  /** A packet ID that is not in use [MQTT-2.3.1-4]. */
  #newId(): number {
    if (this.#unacknowledged.size >= UNACKNOWLEDGED_LIMIT) this.#end("the client does not acknowledge messages");
    do this.#nextId = (this.#nextId % 65_535) + 1;
    while (this.#unacknowledged.has(this.#nextId));
    return this.#nextId;
  }

  #write(packet: Packet): void {
    this.#writeBytes(generate(packet));
  }

  #writeBytes(bytes: Buffer): void {
    if (this.stream.writableEnded || this.stream.destroyed || this.stream.write(bytes)) return;
    this.#mustDrain = true;
    this.#controlFlow();
    if (this.stream.writableLength > OUTPUT_LIMIT) this.#end("the client does not read");
  }

  #log(event: string, detail: Readonly<Record<string, unknown>>): void {
    this.peer.log(event, { host: this.peer.host, ...detail });
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#backlog = [];
    this.#log("disconnected", { reason });
    this.stream.destroy();
  }

  #failed(error: unknown): void {
    this.#end(error instanceof Error ? error.message : String(error));
  }

  #closed(): void {
    clearTimeout(this.#timer);
    this.#allReplied = () => {
      this.#allReplied = () => undefined;
      this.#connection?.closed(this.#clean).catch((error: Error) => this.#log("failed", { reason: error.message }));
    };
    // After pending work: a CONNECT in progress may still make the connection. What the client sent last is processed.
    this.#mustDrain = false;
    this.#resume();
    if (this.#isIdle) this.#allReplied();
  }
}
