import type { Delivery, EventContext } from "rhea";
import { AmqpError, amqpErrorOf, CONDITION } from "./amqpErrors";
import { type AmqpMessage, BATCH_FORMAT, decodeBatch, decodeMessage } from "./amqpMessage";
import { MalformedValue } from "./amqpValues";
import { RAW_FORMAT } from "./frameRules";
import type { RheaLink, RheaReceiver, RheaSender } from "./rheaConnection";

/** Credit of a client's sending link: how many messages it may send before the first ones are settled. */
const CREDIT = 32;

/** What both directions of a link have. */
abstract class AmqpLink<Link extends RheaLink> {
  readonly #ended: (() => void)[] = [];
  #isOpen = true;

  constructor(
    protected readonly link: Link,
    /** The address of the node, as the client wrote it. */
    readonly address: string,
    protected readonly failed: (error: unknown) => void,
  ) {}

  /** The link's name: unique among the client's links of a session. */
  get name(): string {
    return this.link.name;
  }

  /** The properties of the client's attach, for example `com.microsoft:epoch`. */
  get properties(): Readonly<Record<string, unknown>> {
    return this.link.properties ?? {};
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Calls back once, when the link has ended: detached, or its session or connection ended. */
  onClosed(listener: () => void): void {
    this.#ended.push(listener);
  }

  /** Detaches the link, with an error for the client. */
  close(error?: AmqpError): void {
    if (!this.#isOpen) return;
    this.link.close(error && { condition: error.condition, description: error.description, info: error.info });
    this.ended();
  }

  /** Detaches the link after an error of the local Azure itself, which goes into its log. */
  fail(error: unknown): void {
    this.failed(error);
    this.close(amqpErrorOf(error));
  }

  /** For the connection: the client has ended the link. */
  ended(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const listener of this.#ended) listener();
  }
}

/** A link on which the client sends. */
export class IncomingLink extends AmqpLink<RheaReceiver> {
  /** The address to which the client wants responses, or that of its own end; empty without one. */
  get source(): string {
    return this.link.source?.address ?? "";
  }

  /**
   * Takes the link's messages, and grants credit for them. A message is accepted when the handler's promise resolves, and
   * rejected with its error when it throws. Messages arrive in order, each without waiting for the one before. Only a link
   * with `batches` takes batches, of `most` messages.
   */
  receive(
    take: (message: AmqpMessage) => unknown,
    batches?: { readonly most: number; take(messages: readonly AmqpMessage[]): unknown },
  ): void {
    this.link.on("message", (context: EventContext) => {
      const raw = context.message as unknown as Buffer;
      const format = (context as { readonly format?: number }).format ?? RAW_FORMAT;
      void this.#settle(context.delivery, () => {
        if (format === RAW_FORMAT) return take(decodeMessage(raw));
        if (format === BATCH_FORMAT && batches) return batches.take(decodeBatch(raw, batches.most));
        throw new AmqpError(CONDITION.notImplemented, `the link takes no message of the format ${format}`);
      });
    });
    this.link.add_credit(CREDIT);
  }

  async #settle(delivery: Delivery | undefined, work: () => unknown): Promise<void> {
    try {
      await work();
      if (this.isOpen) delivery?.accept();
    } catch (error) {
      const { condition, description } =
        error instanceof MalformedValue
          ? { condition: CONDITION.decode, description: error.message }
          : amqpErrorOf(error);
      if (condition === CONDITION.internal) this.failed(error);
      if (this.isOpen) delivery?.reject({ condition, description });
    }
    if (this.isOpen) this.link.add_credit(1);
  }
}

/** How a client settled a message. */
export type Outcome = "accepted" | "rejected" | "released" | "modified";
const OUTCOMES: readonly Outcome[] = ["accepted", "rejected", "released", "modified"];

/** The most deliveries of a session that are not settled, below the size of rhea's ring of them. */
const MAX_UNSETTLED = 1024;

/** A link on which the client receives. */
export class OutgoingLink extends AmqpLink<RheaSender> {
  readonly #ready: (() => void)[] = [];
  readonly #waiting = new Map<Delivery, (outcome: Outcome) => void>();
  /** Messages since the last flush: rhea takes their credit when it sends them, later in the turn. */
  #unsent = 0;
  #flushes = 0;

  constructor(
    link: RheaSender,
    address: string,
    failed: (error: unknown) => void,
    /** Whether the connection takes more bytes; it calls `ready` when it does again. */
    private readonly room: { readonly flushes: number; has(): boolean; take(bytes: number): void },
  ) {
    super(link, address, failed);
    link.on("sendable", () => this.ready());
    for (const outcome of OUTCOMES) {
      link.on(outcome, ({ delivery }: EventContext) => delivery && this.#settled(delivery, outcome));
    }
    link.on("settled", ({ delivery }: EventContext) => delivery && this.#settled(delivery, "accepted"));
    this.onClosed(() => {
      for (const delivery of [...this.#waiting.keys()]) this.#settled(delivery, "released");
    });
  }

  #settled(delivery: Delivery, outcome: Outcome): void {
    const waiting = this.#waiting.get(delivery);
    this.#waiting.delete(delivery);
    waiting?.(outcome);
  }

  /** The filters of the link's source by name: a described text without its descriptor. */
  get filters(): Readonly<Record<string, unknown>> {
    return (this.link.source as { readonly filter?: Record<string, unknown> } | null)?.filter ?? {};
  }

  /** The address of the client's own end, to which it wants responses; empty without one. */
  get target(): string {
    return this.link.target?.address ?? "";
  }

  /** What the client asks the link to be capable of. */
  get desiredCapabilities(): readonly string[] {
    const given = this.link.desired_capabilities ?? [];
    return Array.isArray(given) ? given : [given];
  }

  /** Sends settled messages: the client does not acknowledge them. Call it in `attach`. */
  presettle(): void {
    this.link.local.attach.snd_settle_mode = 1;
  }

  /** Sets what the attach of the local Azure says. Call it in `attach`. */
  describe(properties: Readonly<Record<string, unknown>>): void {
    this.link.local.attach.properties = properties;
  }

  /** Whether a message can be sent now: the client has given credit, and reads. */
  get isReady(): boolean {
    if (this.#flushes !== this.room.flushes) this.#unsent = 0;
    this.#flushes = this.room.flushes;
    const { deliveries } = this.link.session.outgoing;
    const hasCredit = this.link.credit > this.#unsent && deliveries.size < MAX_UNSETTLED;
    return this.isOpen && hasCredit && this.room.has();
  }

  /** Calls back whenever a message can be sent again. */
  onReady(listener: () => void): void {
    this.#ready.push(listener);
  }

  /** For the connection: there is room again. */
  ready(): void {
    if (this.isReady) for (const listener of this.#ready) listener();
  }

  /**
   * Sends an encoded message. Only while `isReady`: rhea sends the deliveries of a session in order, so that one without
   * credit would hold up the other links. `settled` is called once with the client's outcome; `released` if the link ends.
   */
  send(encoded: Buffer, settled?: (outcome: Outcome) => void): void {
    const delivery = this.link.send(encoded, undefined, 0);
    this.#unsent += 1;
    this.room.take(encoded.length);
    if (settled) this.#waiting.set(delivery, settled);
  }

  /** Tells a client that drains its credit that there is nothing more to send. */
  drained(): void {
    this.link.set_drained(true);
  }
}
