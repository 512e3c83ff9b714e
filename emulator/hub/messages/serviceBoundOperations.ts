import type { HubRecord } from "../../kernel/directory";
import type { Operation, Request, Response } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { hubError } from "../hubErrors";
import type { LockedDelivery } from "./lockedQueue";

/** A queue from which a service receives over HTTPS. */
export interface ServiceBoundQueue<D extends LockedDelivery> {
  readonly path: string;
  readonly right: Parameters<typeof authorizeService>[1];
  /** Names of the operations. */
  readonly names: { readonly receive: string; readonly complete: string; readonly abandon: string };
  /** What the queue delivers, in the message of a lost lock. */
  readonly what: string;
  receive(hub: HubRecord): D | undefined;
  headers(hub: HubRecord): Readonly<Record<string, string>>;
  bodyOf(delivery: D): unknown;
  /** False for a lock that is unknown or has lapsed. */
  complete(hub: string, lockToken: string): boolean;
  abandon(hub: string, lockToken: string): boolean;
}

/** The operations that receive from a queue, and complete or abandon what was received. */
export function serviceBoundOperations<D extends LockedDelivery>(
  queue: ServiceBoundQueue<D>,
  deps: HubDependencies,
): Operation[] {
  const { path, right, names, what } = queue;

  const receive = (request: Request): Response => {
    const hub = authorizeService(request, right, deps);
    const delivery = queue.receive(hub);
    if (!delivery) return { status: 204 };
    const headers = {
      ...queue.headers(hub),
      "iothub-enqueuedtime": delivery.enqueued.toISOString(),
      "iothub-sequencenumber": String(delivery.sequenceNumber),
      "iothub-deliverycount": String(delivery.deliveries),
      etag: `"${delivery.lockToken}"`,
    };
    return { status: 200, headers, body: queue.bodyOf(delivery) };
  };

  const settle = (end: (hub: string, lockToken: string) => boolean) => {
    return (request: Request): Response => {
      const hub = authorizeService(request, right, deps);
      if (end(hub.key, request.params.lockToken ?? "")) return { status: 204 };
      throw hubError("DeviceMessageLockLost", `the lock of the ${what} is unknown or has lapsed`);
    };
  };

  const complete = settle((hub, lockToken) => queue.complete(hub, lockToken));
  const abandon = settle((hub, lockToken) => queue.abandon(hub, lockToken));
  return [
    { name: names.receive, method: "GET", path, handle: receive },
    { name: names.complete, method: "DELETE", path: `${path}/:lockToken`, handle: complete },
    { name: names.abandon, method: "POST", path: `${path}/:lockToken/abandon`, rawBody: true, handle: abandon },
  ];
}
