import type { EventStore } from "../../hub/events/eventStore";
import { type Clock, unixSeconds } from "../../kernel/clock";
import type { Directory, HubRecord } from "../../kernel/directory";
import type { AmqpClient, AmqpContainer, AmqpEndpoint } from "../amqpDependencies";
import { AmqpError, CONDITION } from "../amqpErrors";
import type { OutgoingLink } from "../amqpLinks";
import { cbsNode } from "../cbsNode";
import type { AddressParams } from "../linkRoutes";
import { requestNode } from "../requestNode";
import { EventReceiver } from "./eventReceiver";
import { EventsClaims } from "./eventsClaims";
import { respondToManagement } from "./eventsManagement";
import { PartitionOwners } from "./partitionOwners";

/** What the Event Hubs-compatible endpoints depend on. */
export interface EventHubsDependencies {
  readonly directory: Pick<Directory, "hubsWithEvents" | "hasConsumerGroup" | "onRemoved">;
  readonly events: EventStore;
  readonly clock: Clock;
}

const notFound = (address: string): AmqpError =>
  new AmqpError(CONDITION.notFound, `The messaging entity '${address}' could not be found.`);

/**
 * The built-in, Event Hubs-compatible endpoints of all hubs, as `@azure/event-hubs` and azure-eventhub read them: `eventHubs`
 * at the hubs' own hosts; `local` at any host, where the event hub's name chooses, for clients of the emulator of Event Hubs.
 */
export function eventHubsEndpoints(deps: EventHubsDependencies): Record<"eventHubs" | "local", AmqpEndpoint> {
  const owners = new PartitionOwners();
  const receivers = new Map<string, Set<EventReceiver>>();
  deps.events.onAppended((hub, partition) => {
    for (const receiver of receivers.get(`${hub} ${partition}`) ?? []) receiver.send();
  });
  deps.directory.onRemoved((_kind, hub) => {
    const ended = [...receivers].filter(([key]) => key.startsWith(`${hub} `)).flatMap(([, same]) => [...same]);
    for (const receiver of ended) receiver.close("The hub is deleted.");
  });
  const endpoint = (anyHost: boolean): AmqpEndpoint => {
    return (client) => containerOf(client, { ...deps, anyHost, owners, receivers });
  };
  return { eventHubs: endpoint(false), local: endpoint(true) };
}

interface Endpoint extends EventHubsDependencies {
  readonly anyHost: boolean;
  readonly owners: PartitionOwners;
  readonly receivers: Map<string, Set<EventReceiver>>;
}

function containerOf({ host: given }: AmqpClient, endpoint: Endpoint): AmqpContainer {
  const { directory, clock, anyHost, events } = endpoint;
  const host = anyHost ? undefined : given;
  if (host !== undefined && directory.hubsWithEvents({ host }).length === 0) {
    throw new AmqpError(CONDITION.notFound, `No IoT hub has its built-in endpoint at ${host}.`);
  }
  const claims = new EventsClaims(() => unixSeconds(clock));
  /** The hub with an event hub's name, if a token of the client covers `rest` of it. */
  const hubOf = (path: string, rest: string): HubRecord => {
    const hubs = directory.hubsWithEvents({ host, path: path.toLowerCase() });
    if (hubs.length === 0) throw notFound(path);
    const hub = hubs.find((each) => claims.allows(each, `${given}/${path}${rest}`));
    if (hub) {
      events.removeExpired(hub);
      return hub;
    }
    const description = `Unauthorized access. 'Listen' claim(s) are required to perform this operation. Resource: 'sb://${given}/${path}${rest}'.`;
    throw new AmqpError(CONDITION.unauthorized, description);
  };
  const receive = (link: OutgoingLink, { path = "", group = "", partition = "" }: AddressParams): void => {
    const rest = `/ConsumerGroups/${group}/Partitions/${partition}`;
    const hub = hubOf(path, rest);
    const id = Number(partition);
    const hasGroup = () => directory.hasConsumerGroup(hub.key, group);
    if (!hasGroup()) throw notFound(`${path}/ConsumerGroups/${group}`);
    if (!/^\d{1,4}$/.test(partition) || id >= hub.partitionCount) {
      throw new AmqpError(
        CONDITION.argument,
        `The specified partition is invalid for an EventHub partition sender or receiver: '${partition}'.`,
      );
    }
    const isAuthorized = () => claims.allows(hub, `${given}/${path}${rest}`);
    const receiver = new EventReceiver(link, { hub: hub.key, id }, { events, clock, isAuthorized, hasGroup });
    endpoint.owners.add(`${hub.key} ${id} ${group.toLowerCase()}`, link);
    register(endpoint.receivers, `${hub.key} ${id}`, receiver, link);
  };
  const manage = (request: Parameters<typeof respondToManagement>[0]) =>
    respondToManagement(request, (path) => hubOf(path, "/$management"), events);
  return {
    authenticate: (keyName, key) => claims.putKey(keyName, key, given, directory.hubsWithEvents({ host })),
    links: [
      ...cbsNode((token) => claims.put(token, directory.hubsWithEvents({ host }))),
      ...requestNode("$management", manage),
      ...requestNode(":path/$management", manage),
      { from: "service", address: ":path/ConsumerGroups/:group/Partitions/:partition", attach: receive },
    ],
  };
}

/** Keeps a receiver among those of its partition until its link is closed. */
function register(
  all: Map<string, Set<EventReceiver>>,
  key: string,
  receiver: EventReceiver,
  link: OutgoingLink,
): void {
  const same = all.get(key) ?? new Set();
  all.set(key, same.add(receiver));
  link.onClosed(() => {
    same.delete(receiver);
    if (same.size === 0 && all.get(key) === same) all.delete(key);
  });
}
