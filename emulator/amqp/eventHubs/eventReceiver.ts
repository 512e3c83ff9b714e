import type { EventPosition, EventStore, PartitionState } from "../../hub/events/eventStore";
import type { PartitionEvent } from "../../hub/events/hubEvent";
import type { Clock } from "../../kernel/clock";
import { AmqpError, CONDITION } from "../amqpErrors";
import type { OutgoingLink } from "../amqpLinks";
import { encodeEvent } from "./eventMessage";
import { readStart, type Start } from "./eventPosition";

/** The most events that a receiver reads from the database at a time, and the most bytes of those that it keeps: one may have 256 KB. */
const [BATCH, BATCH_BYTES] = [32, 512 * 1024];
/** The capability by which a receiver asks for runtime information with each event. */
const RUNTIME = "com.microsoft:enable-receiver-runtime-metric";

/** A partition of a hub's events. */
export interface Partition {
  /** The hub's key. */
  readonly hub: string;
  readonly id: number;
}

/** What a receiver depends on. */
export interface ReceiverDependencies {
  readonly events: EventStore;
  readonly clock: Clock;
  /** Whether the client's token is still valid. */
  readonly isAuthorized: () => boolean;
  /** Whether the receiver's consumer group is still there. */
  readonly hasGroup: () => boolean;
}

/** Sends the events of a partition over a link, in order, as the client gives credit: from the database, so that none is lost. */
export class EventReceiver {
  readonly #wantsRuntime: boolean;
  #read: PartitionEvent[] = [];
  /** How many to read next: large events fewer at a time. */
  #top = BATCH;
  /** Sequence number of the last event that was read. */
  #last: number;

  /** Throws com.microsoft:argument-error for a position that is none, or behind the last event. */
  constructor(
    private readonly link: OutgoingLink,
    private readonly partition: Partition,
    private readonly deps: ReceiverDependencies,
  ) {
    this.#last = this.#startOf(readStart(link.filters));
    this.#wantsRuntime = link.desiredCapabilities.includes(RUNTIME);
    link.presettle();
    link.onReady(() => this.send());
  }

  #startOf(start: Start): number {
    if (start === "earliest") return -1;
    const { hub, id } = this.partition;
    if (start === "latest") return this.deps.events.startOf(hub, id, undefined);
    checkPosition(start, this.deps.events.partition(hub, id));
    return this.deps.events.startOf(hub, id, start);
  }

  /** Sends what the client has credit for. Called when there are new events, credit or room. */
  send(): void {
    const { link, deps } = this;
    if (!deps.hasGroup()) this.close("The consumer group is deleted.");
    while (link.isReady) {
      const event = this.#next();
      if (!event) {
        link.drained();
        return;
      }
      if (!deps.isAuthorized()) {
        link.close(new AmqpError(CONDITION.unauthorized, "ExpiredToken: The token is expired."));
        return;
      }
      const { hub, id } = this.partition;
      const runtime = this.#wantsRuntime ? { state: deps.events.partition(hub, id), now: deps.clock.now() } : undefined;
      link.send(encodeEvent(event, runtime));
    }
  }

  /** Ends the link: there is nothing more to read. */
  close(reason: string): void {
    this.link.close(new AmqpError(CONDITION.notFound, reason));
  }

  #next(): PartitionEvent | undefined {
    if (this.#read.length === 0) {
      const { hub, id } = this.partition;
      const read = this.deps.events.readPartition(hub, id, this.#last, this.#top);
      this.#read = fitting(read);
      this.#top = this.#read.length < read.length ? this.#read.length : Math.min(this.#top * 2, BATCH);
      this.#last = this.#read.at(-1)?.sequenceNumber ?? this.#last;
    }
    return this.#read.shift();
  }
}

/** The events that a receiver keeps of what it has read: offsets count the bytes before an event. */
function fitting(read: PartitionEvent[]): PartitionEvent[] {
  const from = read[0]?.offset ?? 0;
  const end = read.findIndex(({ offset }) => offset - from > BATCH_BYTES);
  return end < 0 ? read : read.slice(0, end);
}

/** Throws com.microsoft:argument-error for an offset or a sequence number that no event has had yet; a time may be later. */
function checkPosition({ by, value }: EventPosition, { lastOffset, lastSequenceNumber }: PartitionState): void {
  if (by === "enqueued") return;
  const [what, last] = by === "offset" ? ["offset", lastOffset] : ["sequence number", lastSequenceNumber];
  if (value <= last) return;
  const description = `The supplied ${what} '${value}' is invalid. The last ${what} in the system is '${last}'`;
  throw new AmqpError(CONDITION.argument, description);
}
