import type { ClientKey } from "../connections/clientKey";
import type { CloudToDeviceQueue, DeviceBoundMessage } from "./cloudToDeviceQueue";
import type { LockedSource } from "./deliveryPump";

/** The cloud-to-device messages of a client, for a transport that sends them. `change` runs a change until it is durable. */
export const deviceBoundSource = (
  client: ClientKey,
  messages: CloudToDeviceQueue,
  change: <T>(work: () => T) => Promise<T>,
): LockedSource<DeviceBoundMessage> => ({
  listen: (wake) => messages.listen(client, wake),
  isEmpty: () => messages.count(client) === 0,
  receive: () => messages.receive(client, { isOfConnection: true }),
  settle(lockToken, settlement) {
    if (settlement === "completed") messages.complete(client, lockToken);
    else if (settlement === "rejected") messages.reject(client, lockToken);
    else messages.abandon(client, lockToken);
  },
  change,
});
