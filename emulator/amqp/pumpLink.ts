import { DeliveryPump, type LockedSource, type Settlement } from "../hub/messages/deliveryPump";
import { amqpErrorOf } from "./amqpErrors";
import type { Outcome, OutgoingLink } from "./amqpLinks";
import { type AmqpMessage, encodeMessage } from "./amqpMessage";

const SETTLEMENTS: Readonly<Record<Outcome, Settlement>> = {
  accepted: "completed",
  rejected: "rejected",
  released: "abandoned",
  modified: "abandoned",
};

/**
 * Sends what waits in a queue over a link while it is attached; the client settles each item. `authorize` runs before each: what it
 * throws ends the link.
 */
export function pumpLink<Item extends { readonly lockToken: string }>(
  link: OutgoingLink,
  source: LockedSource<Item>,
  messageOf: (item: Item) => AmqpMessage,
  authorize: () => unknown = () => undefined,
): void {
  const isAuthorized = (): boolean => {
    try {
      authorize();
      return true;
    } catch (error) {
      link.close(amqpErrorOf(error));
      return false;
    }
  };
  const pump = new DeliveryPump(source, {
    isReady: () => link.isReady && isAuthorized(),
    send(item, settle) {
      link.send(encodeMessage(messageOf(item)), (outcome) => settle(SETTLEMENTS[outcome]));
      return true;
    },
    fail: (error) => link.fail(error),
  });
  link.onReady(() => pump.pump());
  link.onClosed(() => {
    pump.stop().catch(() => undefined);
  });
  pump.start();
}
