import { DeliveryPump, type LockedSource, type Settlement } from "../hub/messages/deliveryPump";
import type { Outcome, OutgoingLink } from "./amqpLinks";
import { type AmqpMessage, encodeMessage } from "./amqpMessage";

const SETTLEMENTS: Readonly<Record<Outcome, Settlement>> = {
  accepted: "completed",
  rejected: "rejected",
  released: "abandoned",
  modified: "abandoned",
};

/** Sends what waits in a queue over a link while it is attached; the client settles each item. */
export function pumpLink<Item extends { readonly lockToken: string }>(
  link: OutgoingLink,
  source: LockedSource<Item>,
  messageOf: (item: Item) => AmqpMessage,
): void {
  const pump = new DeliveryPump(source, {
    isReady: () => link.isReady,
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
