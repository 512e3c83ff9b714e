import { parseSas } from "../../../azure/sas";
import { covers, validateSas } from "../../kernel/authorizeCaller";
import { type Clock, unixSeconds } from "../../kernel/clock";
import type { Directory, HubRecord } from "../../kernel/directory";
import type { AmqpClient, AmqpContainer, AmqpEndpoint } from "../amqpDependencies";
import { AmqpError, CONDITION } from "../amqpErrors";
import { cbsNode } from "../cbsNode";
import type { AddressParams } from "../linkRoutes";

/** What the hubs' endpoints depend on. */
export interface HubEndpointDependencies {
  readonly directory: Pick<Directory, "hub">;
  readonly clock: Clock;
}

/** The port of AMQP over TLS. */
const PORT = 5671;

/** `POLICY@sas.root.HUB`: SASL PLAIN's user name for a shared access policy. */
const PLAIN_USER = /^(.+)@sas\.root\.([^@]+)$/i;

/**
 * The AMQP endpoint of IoT hubs, `NAME.azure-devices.net`: policies with ServiceConnect by CBS or SASL PLAIN, and the
 * redirect from `messages/events` to the Event Hubs-compatible endpoint, by which az and service SDKs find it.
 */
export function hubServiceEndpoint({ directory, clock }: HubEndpointDependencies): AmqpEndpoint {
  return (client) => {
    const hub = directory.hub(client.host);
    if (!hub) throw new AmqpError(CONDITION.notFound, `no IoT hub has the host name ${client.host}`);
    return containerOf(client, hub, () => unixSeconds(clock));
  };
}

function containerOf({ host }: AmqpClient, hub: HubRecord, now: () => number): AmqpContainer {
  let expiry = 0;
  /** Keeps that the client has shown a token of a policy; returns why it has not. */
  const prove = (token: string): string | undefined => {
    const sas = parseSas(token);
    if (!sas || !covers(sas.resource, host)) return sas ? "resource" : "malformed";
    const refusal = validateSas(token, {
      resource: host,
      policies: hub.policies,
      rights: ["ServiceConnect"],
      at: now(),
    });
    if (refusal === undefined) expiry = sas.expiry;
    return refusal;
  };
  const redirect = (rest: string) => (_link: unknown, params: AddressParams) => {
    if (expiry <= now())
      throw new AmqpError(CONDITION.unauthorized, "the client has no token of a policy with ServiceConnect");
    const path = rest.replace(/:(\w+)/g, (_, name: string) => params[name] ?? "");
    throw new AmqpError(CONDITION.redirect, "The link is at the Event Hub-compatible endpoint.", {
      hostname: hub.events.host,
      "network-host": hub.events.host,
      port: PORT,
      address: `amqps://${hub.events.host}:${PORT}/${hub.events.path}/${path}`,
    });
  };
  return {
    authenticate(userName, password) {
      const [, policy, name] = PLAIN_USER.exec(userName) ?? [];
      if (policy === undefined || name?.toLowerCase() !== hub.name.toLowerCase()) return false;
      return parseSas(password)?.policy?.toLowerCase() === policy.toLowerCase() && prove(password) === undefined;
    },
    links: [
      ...cbsNode(({ kind, token }) => {
        const refusal = kind === "sas" ? prove(token) : "bearer tokens are not emulated over AMQP";
        if (refusal !== undefined) throw new AmqpError(CONDITION.unauthorized, `shared access signature: ${refusal}`);
      }),
      ...["$management", "ConsumerGroups/:group/Partitions/:partition"].map((rest) => ({
        from: "service" as const,
        address: `messages/events/${rest}`,
        attach: redirect(rest),
      })),
    ],
  };
}
