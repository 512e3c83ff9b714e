import type { HubRecord } from "../../kernel/directory";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import { type ClientKey, clientOfPath, clientPath } from "../connections/clientKey";
import { hubError } from "../hubErrors";
import { FeedbackQueue, type FeedbackStatus } from "./feedbackQueue";
import { LockedQueue, type QueuedMessage, type ReceiveOptions } from "./lockedQueue";

/** Most messages that wait for a device (Azure documentation, "Understand cloud-to-device messaging"). */
export const QUEUE_DEPTH = 50;
/** Bytes of the largest message, properties included: 64 KB (Azure documentation, "IoT Hub quotas"). */
export const DEVICE_BOUND_LIMIT = 64 * 1024;
/** How long a received message stays locked unless the device says otherwise. */
export const LOCK_MS = 60_000;
/** The latest expiry: two days (Azure documentation, "Message expiration"). */
const LONGEST_TTL_MS = 2 * 86_400_000;

/** Which outcomes of a message the service wants to know. */
export type Ack = "none" | "positive" | "negative" | "full";

/** A cloud-to-device message as its sender makes it. */
export interface DeviceBoundDraft {
  readonly body: Buffer;
  readonly messageId?: string;
  readonly correlationId?: string;
  readonly userId?: string;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  /** Default `none`. */
  readonly ack?: Ack;
  /** Default: after the hub's `cloudToDevice.defaultTtlAsIso8601`. */
  readonly expires?: Date;
  /** Application properties. */
  readonly properties: Readonly<Record<string, string>>;
}

/** A cloud-to-device message that a device has received under a lock. */
export interface DeviceBoundMessage extends DeviceBoundDraft {
  readonly lockToken: string;
  readonly sequenceNumber: number;
  readonly enqueued: Date;
  /** How often it was delivered before. */
  readonly deliveries: number;
  readonly ack: Ack;
  readonly expires: Date;
  /** Whether the sender has set the expiry. */
  readonly hasOwnExpiry?: boolean;
  /** For example `/devices/pump-1/messages/devicebound`. */
  readonly to: string;
}

/** A draft without its body and its expiry, and what its feedback needs. */
interface Content extends Omit<DeviceBoundDraft, "body" | "expires"> {
  readonly ack: Ack;
  readonly hasOwnExpiry?: boolean;
  readonly generationId: string;
  readonly feedback: HubRecord["cloudToDevice"]["feedback"];
}

const WANTED: Readonly<Record<Ack, readonly FeedbackStatus[]>> = {
  none: [],
  positive: ["Success"],
  negative: ["Expired", "DeliveryCountExceeded", "Rejected", "Purged"],
  full: ["Success", "Expired", "DeliveryCountExceeded", "Rejected", "Purged"],
};

function sizeOf({ body, properties, ...system }: DeviceBoundDraft): number {
  const texts = [
    ...Object.entries(properties).flat(),
    ...Object.values(system).filter((each) => typeof each === "string"),
  ];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), body.length);
}

/**
 * The durable cloud-to-device messages of all hubs. Every transport receives, completes, abandons and rejects them here, and
 * learns by {@link CloudToDeviceQueue.listen} that messages wait. Source: Azure documentation "Understand cloud-to-device
 * messaging". A change is durable when the call returns, or with the enclosing transaction.
 */
export class CloudToDeviceQueue {
  readonly feedback: FeedbackQueue;
  readonly #queue: LockedQueue;

  constructor(
    private readonly deps: Pick<SharedDependencies, "database" | "clock" | "ids">,
    /** Receives the number of a client's messages after each change of it, inside the transaction. */
    private readonly counted: (client: ClientKey, count: number) => void = () => undefined,
  ) {
    this.#queue = new LockedQueue(deps, "devices/*", (message, loss) => {
      this.#settle(message, loss === "expired" ? "Expired" : "DeliveryCountExceeded");
    });
    this.feedback = new FeedbackQueue(deps, () => this.#queue.sweep());
  }

  /**
   * Enqueues a message. The caller knows that the client exists, and its generation. A message whose expiry is in
   * the past expires at once, with its feedback (amenzhinsky/iothub, `TestSendWithNegativeFeedback`). Throws ArgumentInvalid for
   * an expiry after two days, MessageTooLarge, DeviceMaximumQueueDepthExceeded.
   */
  send(hub: HubRecord, client: ClientKey & { readonly generationId: string }, draft: DeviceBoundDraft): void {
    const { body, expires: requested, ack = "none", ...rest } = draft;
    const size = sizeOf(draft);
    if (size > DEVICE_BOUND_LIMIT) {
      throw hubError("MessageTooLarge", `the limit is ${DEVICE_BOUND_LIMIT} bytes, properties included, not ${size}`);
    }
    const { defaultTtlMs, maxDeliveryCount, feedback } = hub.cloudToDevice;
    const now = this.deps.clock.now().getTime();
    const expires = requested ?? new Date(now + defaultTtlMs);
    if (!(expires.getTime() <= now + LONGEST_TTL_MS)) {
      throw hubError("ArgumentInvalid", "the expiry of a message is at most two days from now");
    }
    this.deps.database.transaction(() => {
      const address = this.#addressOf(client);
      if (this.#queue.count(address) >= QUEUE_DEPTH) this.#queue.sweep(address);
      if (this.#queue.count(address) >= QUEUE_DEPTH) {
        throw hubError("DeviceMaximumQueueDepthExceeded", `the queue of the device has ${QUEUE_DEPTH} messages`);
      }
      const hasOwnExpiry = requested !== undefined;
      const content: Content = { ...rest, ack, hasOwnExpiry, generationId: client.generationId, feedback };
      this.#queue.add(address, { body, content, expires, maxDeliveries: maxDeliveryCount });
      this.#count(client);
    });
  }

  /** Locks the client's oldest message that waits; undefined if there is none. */
  receive(
    client: ClientKey,
    { lockMs = LOCK_MS, isOfConnection }: Partial<ReceiveOptions> = {},
  ): DeviceBoundMessage | undefined {
    const locked = this.#queue.receive(this.#addressOf(client), { lockMs, isOfConnection });
    const [message] = locked?.messages ?? [];
    if (!locked || !message) return undefined;
    const { generationId: _generation, feedback: _settings, ...content } = message.content as Content;
    const { body, sequenceNumber, enqueued, expires, deliveries } = message;
    const to = `/${clientPath(client)}/messages/devicebound`;
    return { ...content, body, to, lockToken: locked.token, sequenceNumber, enqueued, expires, deliveries };
  }

  /** Removes a message that the client has processed; returns false if its lock has lapsed. */
  complete(client: ClientKey, lockToken: string): boolean {
    return this.#finish(client, lockToken, "Success");
  }

  /** Removes a message that the client cannot process; returns false if its lock has lapsed. */
  reject(client: ClientKey, lockToken: string): boolean {
    return this.#finish(client, lockToken, "Rejected");
  }

  /** Makes a message available again, unless it has been delivered too often; returns false if its lock has lapsed. */
  abandon(client: ClientKey, lockToken: string): boolean {
    return this.#queue.abandon(this.#addressOf(client), lockToken);
  }

  /** How many messages wait for a client, those under a lock included. */
  count(client: ClientKey): number {
    return this.#queue.count(this.#addressOf(client));
  }

  /** Removes all messages of a client with the feedback `Purged`; returns their number. */
  purge(client: ClientKey): number {
    return this.deps.database.transaction(() => {
      const messages = this.#queue.purge(this.#addressOf(client));
      for (const message of messages) this.#settle(message, "Purged");
      return messages.length;
    });
  }

  /** Removes the messages of a device that is deleted, and their feedback. */
  removeClient(client: ClientKey): void {
    this.#queue.purge(this.#addressOf(client));
    if (client.moduleId === undefined) this.feedback.removeDevice(client.hub, client.deviceId);
  }

  /** Settles the messages that have expired or have lost their lock, of all clients. */
  sweep(): void {
    this.#queue.sweep();
  }

  /** Calls `wake` when messages may wait for the client, as {@link LockedQueue.listen}. */
  listen(client: ClientKey, wake: () => void): () => void {
    return this.#queue.listen(this.#addressOf(client), wake);
  }

  #addressOf(client: ClientKey) {
    return { hub: client.hub, queue: clientPath(client) };
  }

  #finish(client: ClientKey, lockToken: string, status: FeedbackStatus): boolean {
    return this.deps.database.transaction(() => {
      const messages = this.#queue.complete(this.#addressOf(client), lockToken);
      for (const message of messages ?? []) this.#settle(message, status);
      return messages !== undefined;
    });
  }

  /** Counts again, and stores the feedback that the message asks for. Runs inside a transaction. */
  #settle({ address, content }: QueuedMessage, status: FeedbackStatus): void {
    const client = clientOfPath(address.hub, address.queue);
    this.#count(client);
    const { ack, messageId = "", generationId, feedback } = content as Content;
    if (!WANTED[ack].includes(status)) return;
    const now = this.deps.clock.now();
    const record = {
      originalMessageId: messageId,
      description: status === "Rejected" ? "Message rejected" : status,
      deviceGenerationId: generationId,
      deviceId: client.deviceId,
      enqueuedTimeUtc: now.toISOString(),
      statusCode: status,
    };
    const expires = new Date(now.getTime() + feedback.ttlMs);
    this.feedback.add(address.hub, record, { expires, maxDeliveries: feedback.maxDeliveryCount });
  }

  #count(client: ClientKey): void {
    this.counted(client, this.count(client));
  }
}
