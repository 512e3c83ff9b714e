import { connect as connectPlain, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { generate, type IConnectPacket, type Packet, parser } from "mqtt-packet";
import { createWebSocketStream, WebSocket } from "ws";

/** How a client reaches a device host of the local Azure. */
export interface Way {
  readonly proxyUrl: string;
  readonly ca: string;
  /** PEM: leaf first. */
  readonly cert?: string;
  readonly key?: string;
}

type Of<Command extends Packet["cmd"]> = Extract<Packet, { cmd: Command }>;

/** MQTT packets in and out, one by one: for what an SDK would hide. */
export class MqttClient {
  readonly #stream: Duplex;
  readonly #arrived: Packet[] = [];
  #waiting: (() => void) | undefined;
  readonly closed: Promise<void>;

  private constructor(stream: Duplex) {
    this.#stream = stream;
    const packets = parser();
    packets.on("packet", (packet) => {
      this.#arrived.push(packet);
      this.#waiting?.();
    });
    stream.on("data", (chunk: Buffer) => packets.parse(chunk));
    stream.on("error", () => stream.destroy());
    stream.once("end", () => stream.end());
    this.closed = new Promise((done) => {
      stream.once("close", () => {
        this.#waiting?.();
        done();
      });
    });
  }

  /** MQTT over any stream. */
  static over(stream: Duplex): MqttClient {
    return new MqttClient(stream);
  }

  /** MQTT over TLS at port 8883, through the proxy. */
  static async overTls(host: string, way: Way): Promise<MqttClient> {
    return new MqttClient(await tlsThroughProxy(host, 8883, way));
  }

  /** MQTT over WebSocket at port 443, through the proxy. */
  static async overWebSocket(
    host: string,
    way: Way,
    protocol = "mqtt",
    path = "/$iothub/websocket",
  ): Promise<MqttClient> {
    const secure = await tlsThroughProxy(host, 443, way);
    const webSocket = new WebSocket(`wss://${host}${path}`, protocol, { createConnection: () => secure });
    await new Promise((done, fail) => {
      webSocket.once("open", done);
      webSocket.once("error", fail);
    });
    return new MqttClient(createWebSocketStream(webSocket));
  }

  /** Sends any packet. */
  send(packet: Packet): void {
    this.#stream.write(generate(packet));
  }

  /** Sends CONNECT; returns CONNACK's return code. */
  async connect(clientId: string, username: string, more: Partial<IConnectPacket> = {}): Promise<number | undefined> {
    this.send({ cmd: "connect", protocolId: "MQTT", protocolVersion: 4, clean: true, clientId, username, ...more });
    return (await this.next("connack")).returnCode;
  }

  /** Subscribes to one topic; returns the granted QoS. */
  async subscribe(topic: string, qos: 0 | 1 = 1): Promise<unknown> {
    this.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos }] });
    return (await this.next("suback")).granted[0];
  }

  /** Publishes with QoS 1 and waits for the acknowledgement. */
  async publish(topic: string, payload: string): Promise<void> {
    this.send({ cmd: "publish", messageId: 7, topic, payload, qos: 1, dup: false, retain: false });
    await this.next("puback");
  }

  /** The next packet, which must be of this kind. */
  async next<Command extends Packet["cmd"]>(command: Command): Promise<Of<Command>> {
    const packet = await this.packet();
    if (!packet) throw new Error(`the connection was closed before ${command} came`);
    if (packet.cmd !== command) throw new Error(`${packet.cmd} came in place of ${command}`);
    return packet as Of<Command>;
  }

  /** The next packet of any kind; undefined once the connection is closed. */
  async packet(): Promise<Packet | undefined> {
    while (this.#arrived.length === 0) {
      if (this.#stream.destroyed) return undefined;
      await new Promise<void>((done) => {
        this.#waiting = done;
      });
    }
    return this.#arrived.shift();
  }

  /** Closes the connection without DISCONNECT. */
  drop(): void {
    this.#stream.destroy();
  }
}

/** TLS to a port of a host, through the proxy. */
export async function tlsThroughProxy(host: string, port: number, { proxyUrl, ...tls }: Way): Promise<TLSSocket> {
  return connectTls({ socket: await tunnel(`${host}:${port}`, proxyUrl), servername: host, ...tls });
}

function tunnel(target: string, proxyUrl: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectPlain(Number(new URL(proxyUrl).port), "127.0.0.1");
    socket.once("error", reject);
    socket.once("connect", () => socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`));
    socket.once("data", (head: Buffer) => {
      const status = head.toString("latin1").split("\r\n", 1)[0] ?? "";
      if (status.startsWith("HTTP/1.1 200")) resolve(socket);
      else reject(new Error(status));
    });
  });
}
