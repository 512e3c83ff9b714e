import { type Duplex, duplexPair } from "node:stream";
import {
  type Connection,
  type ConnectionOptions,
  create_container,
  type EventContext,
  type Message,
  type Receiver,
  type Sender,
  type Session,
} from "rhea";
import type { AmqpService } from "../../emulator/amqp/amqpService";

type Options = Readonly<Record<string, unknown>>;

/** The next event of a rhea object; rejects with the error of `failure`. */
function next(of: Sender | Receiver | Session | Connection, event: string, failure?: string): Promise<EventContext> {
  return new Promise((resolve, reject) => {
    of.once(event, resolve);
    if (failure !== undefined) {
      of.once(failure, ({ sender, receiver, connection }: EventContext) => {
        const { condition, description } = ((sender ?? receiver ?? connection)?.error ?? {}) as Record<string, string>;
        reject(Object.assign(new Error(`${condition}: ${description}`), { condition, description }));
      });
    }
  });
}

/** A client of AMQP by rhea, in this process, over a pair of streams. */
export class AmqpTestClient {
  readonly #replies: Receiver[] = [];

  private constructor(readonly connection: Connection) {}

  /** Connects to a host of the service; SASL ANONYMOUS unless the options say otherwise. `isNameless`: names no host in TLS. */
  static async open(service: AmqpService, host: string, options: Options = {}): Promise<AmqpTestClient> {
    const [near, far] = duplexPair();
    // As with sockets: one side learns that the other is gone.
    near.once("close", () => far.destroy());
    const chain = (options.chain as readonly Buffer[] | undefined) ?? [];
    if (options.plain === true) service.startPlain(far);
    else service.start(far, { host: options.isNameless === true ? "" : host, clientChain: () => chain });
    return AmqpTestClient.over(near, host, options);
  }

  /** Connects over a stream. */
  static async over(stream: Duplex, host: string, options: Options = {}): Promise<AmqpTestClient> {
    const container = create_container({ id: "test-client" });
    const connection = container.create_connection({
      username: "anonymous",
      reconnect: false,
      ...options,
      hostname: host,
      connection_details: () => ({
        connect: (_port: number, _host: string, _options: unknown, connected: () => void) => {
          setImmediate(connected);
          return stream;
        },
      }),
    } as unknown as ConnectionOptions);
    for (const event of ["disconnected", "connection_error", "session_error", "sender_error", "receiver_error"]) {
      connection.on(event, () => undefined);
    }
    connection.on("error", () => undefined);
    const opened = next(connection, "connection_open", "connection_error");
    (connection as unknown as { connect(): void }).connect();
    await opened;
    return new AmqpTestClient(connection);
  }

  /** Attaches a receiving link; rejects with the error of the detach. */
  async receiver(address: string, options: Options = {}): Promise<Receiver> {
    const { filter, ...more } = options;
    const receiver = this.connection.open_receiver({
      credit_window: 0,
      source: { address, ...(filter === undefined ? {} : { filter }) },
      ...more,
    } as never);
    return await attached(receiver, "receiver_open", "receiver_error");
  }

  /** Attaches a sending link; rejects with the error of the detach. */
  async sender(address: string, options: Options = {}): Promise<Sender> {
    const sender = this.connection.open_sender({ target: { address }, ...options } as never);
    return await attached(sender, "sender_open", "sender_error");
  }

  /** Sends a message; resolves when it is accepted, rejects when it is not. */
  async send(sender: Sender, message: Message, format?: number): Promise<void> {
    if (!sender.sendable()) await next(sender, "sendable");
    sender.send(message, undefined, format);
    await new Promise<void>((resolve, reject) => {
      const accepted = (): void => {
        sender.removeListener("rejected", rejected);
        resolve();
      };
      const rejected = (context: EventContext): void => {
        sender.removeListener("accepted", accepted);
        const state = context.delivery?.remote_state as unknown as
          | { readonly error?: Record<string, string> }
          | undefined;
        const { condition, description } = state?.error ?? {};
        reject(Object.assign(new Error(`${condition}: ${description}`), { condition, description }));
      };
      sender.once("accepted", accepted);
      sender.once("rejected", rejected);
    });
  }

  /** The next messages of a receiving link, for which it grants credit. */
  take(receiver: Receiver, count: number): Promise<Message[]> {
    return new Promise((resolve) => {
      const messages: Message[] = [];
      const listener = (context: EventContext): void => {
        if (context.message) messages.push(context.message);
        if (messages.length < count) return;
        receiver.removeListener("message", listener);
        resolve(messages);
      };
      receiver.on("message", listener);
      receiver.add_credit(count);
    });
  }

  /** One request to a node of requests and responses. */
  async request(address: string, message: Partial<Message>): Promise<Message> {
    const replyTo = `reply-${this.#replies.length}`;
    const receiver = await this.receiver(address, { target: { address: replyTo } });
    this.#replies.push(receiver);
    const sender = await this.sender(address);
    const response = this.take(receiver, 1);
    await this.send(sender, { message_id: "1", reply_to: replyTo, body: undefined, ...message });
    const [first] = await response;
    receiver.close();
    sender.close();
    return first as Message;
  }

  /** Sends a token to `$cbs`; returns the response's status code. */
  async putToken(audience: string, token: string, type = "servicebus.windows.net:sastoken"): Promise<number> {
    const { application_properties: properties } = await this.request("$cbs", {
      application_properties: { operation: "put-token", type, name: audience },
      body: token,
    });
    return Number(properties?.["status-code"]);
  }

  /** Resolves with the error's condition when the connection is closed from the other side. */
  async closed(): Promise<string> {
    if (!this.connection.is_remote_open()) return conditionOf(this.connection);
    await next(this.connection, "connection_close");
    return conditionOf(this.connection);
  }

  close(): void {
    this.connection.close();
  }
}

async function attached<Link extends Sender | Receiver>(link: Link, opened: string, failed: string): Promise<Link> {
  const failure = next(link, failed.replace("error", "close"), failed);
  failure.catch(() => undefined);
  await next(link, opened);
  // A refused link is attached without a terminus, and detached at once.
  if (!link.source?.address && !link.target?.address) await failure;
  return link;
}

const conditionOf = ({ error }: Connection): string =>
  String((error as { condition?: string } | undefined)?.condition ?? "");
