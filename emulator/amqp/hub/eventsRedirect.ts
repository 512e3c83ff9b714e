import type { HubRecord } from "../../kernel/directory";
import { AmqpError, CONDITION } from "../amqpErrors";
import type { AddressParams, LinkRoute } from "../linkRoutes";

/** The port of AMQP over TLS. */
const PORT = 5671;

/**
 * The redirects from `messages/events` to the Event Hubs-compatible endpoint, by which az and service SDKs find it. `isProved`:
 * whether the client has shown a signature of a policy with ServiceConnect.
 */
export const eventsRedirects = (hub: HubRecord, isProved: () => boolean): LinkRoute[] =>
  ["", "$management", "ConsumerGroups/:group/Partitions/:partition"].map((rest) => ({
    from: "service",
    address: `messages/events/${rest}`,
    attach(_link: unknown, params: AddressParams) {
      if (!isProved()) {
        throw new AmqpError(CONDITION.unauthorized, "the client has no token of a policy with ServiceConnect");
      }
      const path = rest.replace(/:(\w+)/g, (_, name: string) => params[name] ?? "");
      throw new AmqpError(CONDITION.redirect, "The link is at the Event Hub-compatible endpoint.", {
        hostname: hub.events.host,
        "network-host": hub.events.host,
        port: PORT,
        address: `amqps://${hub.events.host}:${PORT}/${hub.events.path}/${path}`,
      });
    },
  }));
