import type { Duplex } from "node:stream";
import { type ConnectionOptions, create_container, type EventContext } from "rhea";
import { azureHost } from "../../azure/hosts";
import type { StreamClient } from "../front/streamProtocol";
import { CONNECTION_LIMITS, deadline } from "../kernel/connectionLimits";
import type { AmqpClient, AmqpContainer, AmqpEndpoint } from "./amqpDependencies";
import { AmqpError, amqpErrorOf, CONDITION } from "./amqpErrors";
import { IncomingLink, OutgoingLink } from "./amqpLinks";
import { MalformedValue } from "./amqpValues";
import { FrameReader } from "./frameReader";
import { guardFrames, OPEN_LIMITS, writeWholeFrames } from "./frameRules";
import { hostOfUser } from "./hostOfUser";
import { routeOf } from "./linkRoutes";
import { tpmMechanism } from "./provisioning/tpmMechanism";
import type { RheaConnection, RheaFrame, RheaLink, RheaReceiver, RheaSender, RheaSession } from "./rheaConnection";
import { RheaSocket } from "./rheaSocket";
import { saslMechanisms } from "./saslMechanisms";
import { SendRoom } from "./sendRoom";

/** Bytes of a client's largest message: 256 KB, and a little for what carries it (Azure documentation, "IoT Hub quotas"). */
export const MAX_MESSAGE = 260 * 1024;

/**
 * The fields of a terminus without the list that rhea keeps them in: rhea decodes every empty list to the same one, so that
 * fields written to it would appear in the termini of all connections.
 */
function ownFields<Terminus extends object>(terminus: Terminus): Terminus {
  const fields: Record<string, unknown> = {};
  // rhea's accessors are on the prototype.
  for (const name in terminus) {
    const value = (terminus as Readonly<Record<string, unknown>>)[name];
    if (name !== "value" && typeof value !== "function" && value !== null && value !== undefined) fields[name] = value;
  }
  return fields as Terminus;
}

/** The surroundings of a connection. */
export interface ConnectionContext {
  readonly endpoint: (host: string) => AmqpEndpoint | undefined;
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * One AMQP 1.0 connection over any stream, by rhea in the server's role. What breaks the protocol or a limit ends the
 * connection, with the error in its `close` where there is one to say it.
 */
export class AmqpConnection {
  readonly #links = new Map<RheaLink, IncomingLink | OutgoingLink>();
  readonly #connection: RheaConnection;
  readonly #room: SendRoom;
  #container: AmqpContainer | undefined;
  #hasEnded = false;

  constructor(
    private readonly stream: Duplex,
    private readonly client: StreamClient,
    private readonly context: ConnectionContext,
  ) {
    const container = create_container({ id: client.host || "local-azure" });
    Object.assign(container, {
      sasl_server_mechanisms: saslMechanisms(
        (userName, password) =>
          this.#containerFor(client.host || hostOfUser(userName))?.authenticate?.(userName, password) ?? false,
        () => client.clientChain().length > 0,
        ["dps", "dpsDevice"].includes(azureHost(client.host)?.service ?? "")
          ? () => tpmMechanism(this.#containerFor(client.host)?.tpm)
          : undefined,
      ),
    });
    this.#connection = container.create_connection({
      ...OPEN_LIMITS,
      container_id: client.host || "local-azure",
      receiver_options: { credit_window: 0, autoaccept: false, max_message_size: MAX_MESSAGE },
      sender_options: { treat_modified_as_released: false },
    } as unknown as ConnectionOptions) as unknown as RheaConnection;
    this.#room = new SendRoom(
      stream,
      () => this.#hasUnsent(),
      () => this.#ready(),
    );
    guardFrames(this.#connection, MAX_MESSAGE);
    writeWholeFrames(this.#connection);
    this.#listen();
    this.#read();
  }

  /** Feeds rhea with the client's frames. */
  #read(): void {
    const { stream } = this;
    const socket = new RheaSocket(stream);
    const opened = deadline(stream, CONNECTION_LIMITS.amqpOpen);
    this.#connection.on("connection_open", () => opened());
    const frames = new FrameReader((frame) => socket.emit("data", frame));
    this.#connection.accept(socket);
    stream.on("data", (chunk: Buffer) => {
      if (this.#hasEnded) return;
      try {
        frames.push(chunk);
      } catch (error) {
        this.#fail(error);
      }
      // Requests are read no faster than the client reads the responses.
      if (!this.#room.has()) stream.pause();
    });
    stream.on("drain", () => stream.resume());
    // A listener of first bytes passes the stream on paused.
    stream.resume();
    stream.on("error", () => stream.destroy());
    // rhea ends its timers at 'end'.
    stream.once("end", () => {
      socket.emit("end");
      socket.end();
    });
    stream.once("close", () => {
      if (!stream.readableEnded) socket.emit("end");
      this.#end();
    });
  }

  #listen(): void {
    const connection = this.#connection;
    connection.on("connection_open", () => this.#opened());
    connection.on("connection_close", () => this.#end());
    connection.on("sender_open", ({ sender }: EventContext) => this.#attached(sender as unknown as RheaSender));
    connection.on("receiver_open", ({ receiver }: EventContext) => this.#attached(receiver as unknown as RheaReceiver));
    for (const event of ["sender_close", "receiver_close"]) {
      connection.on(event, ({ sender, receiver }: EventContext) =>
        this.#detached((sender ?? receiver) as unknown as RheaLink),
      );
    }
    connection.on("session_close", ({ session }: EventContext) => {
      const own = session as unknown as RheaSession;
      for (const link of [...this.#links.keys()]) if (link.session === own) this.#detached(link);
    });
    // Without a listener, rhea throws a client's errors out of the process.
    for (const event of ["sender_error", "receiver_error", "session_error", "connection_error", "disconnected"]) {
      connection.on(event, () => undefined);
    }
    for (const event of ["error", "protocol_error"]) connection.on(event, (error: unknown) => this.#fail(error));
    const { on_flow } = connection;
    connection.on_flow = (frame: RheaFrame) => {
      on_flow.call(connection, frame);
      this.#room.check();
    };
  }

  #containerFor(host: string): AmqpContainer | undefined {
    if (this.#container) return this.#container;
    const client: AmqpClient = {
      host,
      clientChain: this.client.clientChain,
      close: (condition, description) => this.#close(new AmqpError(condition, description)),
    };
    this.#container = this.context.endpoint(host)?.(client);
    return this.#container;
  }

  #opened(): void {
    const named = this.client.host || hostOf(String(this.#connection.hostname ?? ""));
    try {
      if (!this.#containerFor(named)) throw new AmqpError(CONDITION.notFound, `there is no AMQP endpoint at ${named}`);
      this.context.log("connected", { host: named });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Attaches a link to its node, or refuses it: the attach of a refused link has no terminus (AMQP 1.0, 2.6.3). */
  #attached(link: RheaLink): void {
    const isSender = link.is_sender();
    const { source, target } = link;
    const address: unknown = (isSender ? source?.address : target?.address) ?? "";
    try {
      if (typeof address !== "string") throw new AmqpError(CONDITION.decode, "the address of a link is no text");
      const routes = this.#container?.links ?? [];
      if (isSender) {
        const found = routeOf(routes, "service", address);
        if (!found) throw noNode(address);
        const outgoing = new OutgoingLink(link as RheaSender, address, this.context.failed, this.#room);
        this.#links.set(link, outgoing);
        found.route.attach(outgoing, found.params);
      } else {
        const found = routeOf(routes, "client", address);
        if (!found) throw noNode(address);
        const incoming = new IncomingLink(link as RheaReceiver, address, this.context.failed);
        this.#links.set(link, incoming);
        found.route.attach(incoming, found.params);
      }
      if (source) link.set_source(ownFields(source));
      if (target) link.set_target(ownFields(target));
    } catch (error) {
      const refusal = amqpErrorOf(error);
      if (refusal.condition === CONDITION.internal) this.context.failed(error);
      this.context.log("link refused", { address, condition: refusal.condition, reason: refusal.description });
      const known = this.#links.get(link);
      this.#links.delete(link);
      known?.ended();
      link.close({ condition: refusal.condition, description: refusal.description, info: refusal.info });
    }
  }

  #detached(link: RheaLink): void {
    const known = this.#links.get(link);
    this.#links.delete(link);
    known?.ended();
  }

  #hasUnsent(): boolean {
    return Object.values(this.#connection.local_channel_map).some(
      (session) => session && session.outgoing.next_pending_delivery < session.outgoing.next_delivery_id,
    );
  }

  #ready(): void {
    if (this.#hasEnded) return;
    this.stream.resume();
    for (const link of this.#links.values()) if (link instanceof OutgoingLink) link.ready();
  }

  #fail(error: unknown): void {
    const isClients = error instanceof AmqpError || error instanceof MalformedValue || isProtocolError(error);
    const refusal =
      error instanceof AmqpError ? error : new AmqpError(CONDITION.framing, String((error as Error)?.message));
    if (!isClients) this.context.log("unexpected frame", { reason: String(error) });
    this.#close(refusal);
  }

  #close({ condition, description }: AmqpError): void {
    if (this.#hasEnded) return;
    this.context.log("closed", { host: this.client.host, condition, reason: description });
    // A refused `open` is answered before `close` (AMQP 1.0, 2.4.6).
    this.#connection.open();
    this.#connection.close({ condition, description, info: undefined });
    // After rhea's turn, in which it writes `close`.
    setImmediate(() => this.stream.end());
    deadline(this.stream, CONNECTION_LIMITS.shutdown);
    this.#end();
  }

  /** Ends the links, once. */
  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    for (const link of this.#links.values()) link.ended();
    this.#links.clear();
    this.#container?.closed?.();
  }
}

/** The host of an AMQP hostname, lower case. */
const hostOf = (hostname: string): string => hostname.toLowerCase().replace(/:\d+$/, "");

const noNode = (address: string): AmqpError =>
  new AmqpError(CONDITION.notFound, `The messaging entity '${address}' could not be found.`);

const isProtocolError = (error: unknown): boolean => (error as Error | undefined)?.name === "ProtocolError";
