import type { HubRecord } from "../../kernel/directory";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import { type LockedDelivery, LockedQueue, type ReceiveOptions } from "./lockedQueue";

/** Outcomes of cloud-to-device messages (Azure documentation, "Message feedback"). */
export type FeedbackStatus = "Success" | "Expired" | "DeliveryCountExceeded" | "Rejected" | "Purged";

/** The outcome of one cloud-to-device message, as on the wire. */
export interface FeedbackRecord {
  readonly originalMessageId: string;
  /** The outcome in words. Only that of a rejected message is known to differ from its status (azure-iot-cli-extension's tests). */
  readonly description: string;
  readonly deviceGenerationId: string;
  readonly deviceId: string;
  /** ISO 8601. */
  readonly enqueuedTimeUtc: string;
  readonly statusCode: FeedbackStatus;
}

/** Feedback under a lock. */
export interface FeedbackBatch extends LockedDelivery {
  readonly records: readonly FeedbackRecord[];
}

/** The content type of a batch; its user ID is the hub's name. */
export const FEEDBACK_TYPE = "application/vnd.microsoft.iothub.feedback.json";

/** Most records of a batch (Azure documentation, "Message feedback": a batch is sent when it has 64 messages). */
const BATCH = 64;
const QUEUE = "feedback";

/** The outcomes of the cloud-to-device messages of a hub, which the service receives at `/messages/serviceBound/feedback`. */
export class FeedbackQueue {
  readonly #queue: LockedQueue;

  constructor(
    deps: Pick<SharedDependencies, "database" | "clock" | "ids">,
    /** Runs before feedback is read, and while somebody listens: settles the messages that have expired. */
    private readonly settle: () => void = () => undefined,
  ) {
    this.#queue = new LockedQueue(deps, QUEUE, undefined, settle);
  }

  /** Stores an outcome. Call it inside a transaction. */
  add(hub: string, record: FeedbackRecord, { expires, maxDeliveries }: { expires: Date; maxDeliveries: number }): void {
    this.#queue.add({ hub, queue: QUEUE }, { content: record, body: Buffer.alloc(0), expires, maxDeliveries });
  }

  /** Locks the oldest outcomes; undefined if there are none. */
  receive(
    { key, cloudToDevice }: Pick<HubRecord, "key" | "cloudToDevice">,
    options: Pick<ReceiveOptions, "isOfConnection"> = {},
  ): FeedbackBatch | undefined {
    this.settle();
    const { lockMs } = cloudToDevice.feedback;
    const locked = this.#queue.receive({ hub: key, queue: QUEUE }, { lockMs, most: BATCH, ...options });
    const [first] = locked?.messages ?? [];
    if (!locked || !first) return undefined;
    const records = locked.messages.map(({ content }) => content as FeedbackRecord);
    const { sequenceNumber, enqueued, deliveries } = first;
    return { lockToken: locked.token, sequenceNumber, enqueued, deliveries, records };
  }

  /** Removes a batch; returns false if its lock has lapsed. */
  complete(hub: string, lockToken: string): boolean {
    return this.#queue.complete({ hub, queue: QUEUE }, lockToken) !== undefined;
  }

  /** Makes a batch available again; returns false if its lock has lapsed. */
  abandon(hub: string, lockToken: string): boolean {
    return this.#queue.abandon({ hub, queue: QUEUE }, lockToken);
  }

  /** Calls `wake` when there may be feedback, as {@link LockedQueue.listen}. */
  listen(hub: string, wake: () => void): () => void {
    return this.#queue.listen({ hub, queue: QUEUE }, wake);
  }

  /** Removes the feedback on a device's messages. Call it when the device is deleted. */
  removeDevice(hub: string, deviceId: string): void {
    this.#queue.removeWhere({ hub, queue: QUEUE }, "deviceId", deviceId);
  }
}
