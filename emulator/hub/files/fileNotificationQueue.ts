import type { DeliverySettings, HubRecord } from "../../kernel/directory";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import type { LockedSource } from "../messages/deliveryPump";
import { type LockedDelivery, LockedQueue, type ReceiveOptions } from "../messages/lockedQueue";

/** A notification of an uploaded file, as on the wire. */
export interface FileNotification {
  readonly deviceId: string;
  readonly blobUri: string;
  /** With the device's ID: `pump-1/log.txt`. */
  readonly blobName: string;
  /** ISO 8601. */
  readonly lastUpdatedTime: string;
  readonly blobSizeInBytes: number;
  /** ISO 8601. */
  readonly enqueuedTimeUtc: string;
}

/** A notification under a lock. */
export interface LockedFileNotification extends LockedDelivery {
  readonly notification: FileNotification;
}

/** The content type of a notification; the .NET SDK takes no other (azure-iot-sdk-csharp, CommonConstants). */
export const FILE_NOTIFICATION_TYPE = "application/vnd.microsoft.iothub.filenotification.json";

const QUEUE = "filenotifications";

/** The uploads of files of which the service of a hub is notified at `/messages/serviceBound/filenotifications`. */
export class FileNotificationQueue {
  readonly #queue: LockedQueue;

  constructor(private readonly deps: Pick<SharedDependencies, "database" | "clock" | "ids">) {
    this.#queue = new LockedQueue(deps, QUEUE);
  }

  /** Stores a notification. Call it inside a transaction. */
  add(hub: string, notification: FileNotification, { ttlMs, maxDeliveryCount }: DeliverySettings): void {
    const expires = new Date(this.deps.clock.now().getTime() + ttlMs);
    const draft = { content: notification, body: Buffer.alloc(0), expires, maxDeliveries: maxDeliveryCount };
    this.#queue.add({ hub, queue: QUEUE }, draft);
  }

  /** Locks the oldest notification; undefined if there is none. */
  receive(
    { key, fileUpload }: Pick<HubRecord, "key" | "fileUpload">,
    options: Pick<ReceiveOptions, "isOfConnection"> = {},
  ): LockedFileNotification | undefined {
    const { lockMs } = fileUpload.notifications;
    const locked = this.#queue.receive({ hub: key, queue: QUEUE }, { lockMs, ...options });
    const [first] = locked?.messages ?? [];
    if (!locked || !first) return undefined;
    const { sequenceNumber, enqueued, deliveries, content } = first;
    const notification = content as FileNotification;
    return { lockToken: locked.token, sequenceNumber, enqueued, deliveries, notification };
  }

  /** Removes a notification; returns false if its lock has lapsed. */
  complete(hub: string, lockToken: string): boolean {
    return this.#queue.complete({ hub, queue: QUEUE }, lockToken) !== undefined;
  }

  /** Makes a notification available again; returns false if its lock has lapsed. */
  abandon(hub: string, lockToken: string): boolean {
    return this.#queue.abandon({ hub, queue: QUEUE }, lockToken);
  }

  /** The notifications of a hub, for a transport that sends them. `change` runs a change until it is durable. */
  source(hub: HubRecord, change: LockedSource<LockedFileNotification>["change"]): LockedSource<LockedFileNotification> {
    const address = { hub: hub.key, queue: QUEUE };
    const queue = this.#queue;
    return {
      listen: (wake) => queue.listen(address, wake),
      isEmpty: () => queue.isEmpty(address),
      receive: () => this.receive(hub, { isOfConnection: true }),
      settle(lockToken, settlement) {
        if (settlement === "abandoned") queue.abandon(address, lockToken);
        else queue.complete(address, lockToken);
      },
      change,
    };
  }
}
