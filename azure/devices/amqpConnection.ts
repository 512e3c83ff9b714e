/** The device's side of one AMQP 1.0 connection, by rhea. */
import type { TLSSocket } from "node:tls";
import {
  type Connection,
  type ConnectionOptions,
  create_container,
  type Delivery,
  type EventContext,
  type Message,
  type Receiver,
  message as rheaMessage,
  type Sender,
} from "rhea";
import { isObject } from "../wire/jsonObject";

/** Thrown if the service refuses the connection, a link or a message. */
export class AmqpRefusedError extends Error {
  override readonly name = "AmqpRefusedError";

  /** `condition` is a symbol of AMQP or Azure, for example `amqp:unauthorized-access`. */
  constructor(
    readonly condition: string,
    readonly description: string,
    readonly info: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${condition}: ${description}`);
  }
}

/** Milliseconds that a response is waited for. */
const RESPONSE_TIMEOUT_MS = 30_000;
/** Milliseconds without a frame after which each side gives up. */
const IDLE_TIMEOUT_MS = 120_000;
/** Bytes of a frame; IoT Hub's messages have up to 256 KB, in several frames. */
const FRAME_LIMIT = 65_536;
/** Messages that the service may send before the device has accepted them. */
const CREDIT = 10;

type Link = Sender | Receiver;

/** Something that waits for its outcome. */
interface Waiting {
  done(): void;
  fail(error: Error): void;
}

const refusalOf = (error: unknown): AmqpRefusedError => {
  const { condition, description, info } = isObject(error) ? error : {};
  const text = typeof description === "string" ? description : "closed by the service";
  return new AmqpRefusedError(String(condition ?? "amqp:connection:forced"), text, isObject(info) ? info : {});
};

/** A body of bytes. */
export const dataBody = (bytes: Buffer): unknown => rheaMessage.data_section(bytes);

/** The bytes of a message's data sections; empty for any other body. */
export function bytesOf({ body }: Message): Buffer {
  const { content } = (isObject(body) ? body : { content: body }) as { readonly content?: unknown };
  const parts = Array.isArray(content) ? content : [content];
  return Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(String(part ?? "")))));
}

/** Bytes of a protocol header, and of the shortest frame. */
const HEADER = 8;

/** Finds frames that are shorter or longer than agreed: rhea would keep the bytes of a long one until it is whole. */
function onLongFrame(socket: TLSSocket, found: (size: number) => void): void {
  let [left, head] = [0, Buffer.alloc(0)];
  socket.on("data", (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      const step = Math.min(left > 0 ? left : HEADER - head.length, chunk.length - at);
      const part = chunk.subarray(at, at + step);
      at += step;
      if (left > 0) {
        left -= step;
        continue;
      }
      head = Buffer.concat([head, part]);
      if (head.length < HEADER) return;
      const size = head.toString("latin1", 0, 4) === "AMQP" ? HEADER : head.readUInt32BE(0);
      head = Buffer.alloc(0);
      if (size < HEADER || size > FRAME_LIMIT) {
        found(size);
        return;
      }
      left = size - HEADER;
    }
  });
}

/** Attaches links, sends messages and waits for their outcome; everything ends with the connection. */
export class AmqpConnection {
  readonly #connection: Connection;
  readonly #links = new Set<Waiting>();
  readonly #deliveries = new Map<Delivery, Waiting>();
  readonly broken: Promise<Error>;
  #isClosing = false;
  #reason: Error | undefined;

  private constructor(
    private readonly socket: TLSSocket,
    host: string,
    certificateChain: string,
  ) {
    this.#connection = create_container().create_connection({
      hostname: host,
      host,
      // rhea chooses SASL EXTERNAL for a TLS socket where it knows of a certificate.
      enable_sasl_external: true,
      cert: certificateChain,
      reconnect: false,
      idle_time_out: IDLE_TIMEOUT_MS,
      max_frame_size: FRAME_LIMIT,
      connection_details: () => ({
        connect: (_port: number, _host: string, _options: unknown, connected: () => void) => {
          setImmediate(connected);
          return socket;
        },
      }),
    } as unknown as ConnectionOptions);
    onLongFrame(socket, (size) => this.#end(new Error(`the service sent a frame of ${size} bytes`)));
    const connection = this.#connection;
    const ended = (reason: Error) => this.#end(reason);
    connection.on("connection_error", ({ error }: EventContext) =>
      ended(error instanceof Error ? error : refusalOf(error)),
    );
    connection.on("connection_close", () => ended(refusalOf(connection.error)));
    connection.on("protocol_error", (error: Error) => ended(error));
    connection.on("error", (error: Error) => ended(error));
    connection.on("session_error", ({ session }: EventContext) => ended(refusalOf(session?.error)));
    connection.on("disconnected", ({ error }: EventContext) =>
      ended(error instanceof Error ? error : new Error("the connection was closed")),
    );
    for (const outcome of ["accepted", "rejected", "released", "modified"] as const) {
      connection.on(outcome, ({ delivery }: EventContext) => this.#settle(delivery, outcome));
    }
    this.broken = new Promise((resolve) => {
      this.socket.once("close", () => {
        this.#end(new Error("the connection was closed"));
        if (!this.#isClosing) resolve(this.#reason ?? new Error("the connection was closed"));
      });
    });
  }

  /** Opens AMQP over TLS that shows the certificate: SASL EXTERNAL. */
  static async open(socket: TLSSocket, host: string, certificateChain: string): Promise<AmqpConnection> {
    const amqp = new AmqpConnection(socket, host, certificateChain);
    try {
      await amqp.#wait("open the connection", (done) => {
        amqp.#connection.once("connection_open", done);
        (amqp.#connection as unknown as { connect(): void }).connect();
      });
      return amqp;
    } catch (error) {
      await amqp.close();
      throw error;
    }
  }

  /** Attaches a sending link. Rejects with AmqpRefusedError. */
  async sender(address: string, properties: Readonly<Record<string, unknown>> = {}): Promise<Sender> {
    const sender = this.#connection.open_sender({ target: { address }, properties });
    await this.#attached(sender, "sender", address);
    if (!sender.sendable()) await this.#wait(`get credit at ${address}`, (done) => sender.once("sendable", done));
    return sender;
  }

  /** Attaches a receiving link; messages are accepted when the listener returns. Rejects with AmqpRefusedError. */
  async receiver(
    address: string,
    listener: (message: Message) => void,
    properties: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const receiver = this.#connection.open_receiver({ source: { address }, properties, credit_window: CREDIT });
    receiver.on("message", ({ message }: EventContext) => {
      if (message) listener(message);
    });
    await this.#attached(receiver, "receiver", address);
  }

  /** Sends a message; resolves when it is accepted. Rejects with AmqpRefusedError. */
  async send(sender: Sender, message: Message): Promise<void> {
    if (!sender.sendable()) await this.#wait("get credit", (done) => sender.once("sendable", done));
    const delivery = sender.send(message);
    await this.#wait("send a message", (done, fail) => this.#deliveries.set(delivery, { done, fail })).finally(() =>
      this.#deliveries.delete(delivery),
    );
  }

  /** Closes the connection; waits for its end. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.socket.closed) return;
    const closed = new Promise<void>((resolve) => this.socket.once("close", () => resolve()));
    // rhea ends the socket when both sides have closed. The service may not close its side.
    if (this.#reason === undefined) this.#connection.close();
    else this.#destroy();
    const timer = setTimeout(() => this.#destroy(), 1000);
    await closed;
    clearTimeout(timer);
  }

  async #attached(link: Link, kind: "sender" | "receiver", address: string): Promise<void> {
    await this.#wait(`attach a link to ${address}`, (done, fail) => {
      const refused = () => fail(refusalOf(link.error));
      link.once(`${kind}_error`, refused);
      link.once(`${kind}_close`, refused);
      link.once(`${kind}_open`, () => {
        // A refused link is attached without a terminus, and detached at once.
        const terminus = kind === "sender" ? link.target : link.source;
        if (terminus?.address) done();
      });
    });
    // Detached later, as when another connection of the device takes its place.
    link.on(`${kind}_error`, () => this.#end(refusalOf(link.error)));
    link.on(`${kind}_close`, () => this.#end(refusalOf(link.error)));
  }

  #settle(delivery: Delivery | undefined, outcome: "accepted" | "rejected" | "released" | "modified"): void {
    const waiting = delivery && this.#deliveries.get(delivery);
    if (outcome === "accepted") waiting?.done();
    else if (outcome !== "rejected") waiting?.fail(new AmqpRefusedError("amqp:released", "the message was released"));
    else {
      const state = delivery?.remote_state as unknown as { readonly error?: unknown } | undefined;
      waiting?.fail(refusalOf(state?.error));
    }
  }

  /** Rejects when the connection ends, or after the time-out, which ends it. */
  #wait(what: string, begin: (done: () => void, fail: (error: Error) => void) => void): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (this.#reason) {
        reject(this.#reason);
        return;
      }
      const waiting: Waiting = { done: () => settle(resolve), fail: (error) => settle(() => reject(error)) };
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        this.#links.delete(waiting);
        then();
      };
      const timer = setTimeout(() => this.#end(new Error(`timed out: ${what}`)), RESPONSE_TIMEOUT_MS);
      this.#links.add(waiting);
      begin(waiting.done, waiting.fail);
    });
  }

  #end(reason: Error): void {
    this.#reason ??= reason;
    for (const waiting of [...this.#links]) waiting.fail(this.#reason);
    if (!this.#isClosing) this.#destroy();
  }

  /** With an error, because rhea stops its timers at an error or an end of the socket only. */
  #destroy(): void {
    this.socket.destroy(this.#reason ?? new Error("the connection was closed"));
  }
}
