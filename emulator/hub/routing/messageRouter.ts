import type { HubEnrichment, HubRecord, HubRouting, MessageSource } from "../../kernel/directory";
import type { EventStore } from "../events/eventStore";
import type { EventDraft } from "../events/hubEvent";
import { valueAt } from "../queries/evaluateExpression";
import type { TwinStore } from "../twins/twinStore";
import { MessageDocument } from "./messageDocument";
import { meetsCondition } from "./routeCondition";

/** The built-in endpoint: the only one to which the local Azure delivers. */
const BUILT_IN = "events";
/** What enrichments call it, too. */
const BUILT_IN_ALIAS = "$default";

/** What routing depends on. */
export interface RouterDependencies {
  readonly events: Pick<EventStore, "append">;
  readonly twins: Pick<TwinStore, "find">;
  /** Logs a message that a route sends to an endpoint that is not emulated. */
  readonly warn: (detail: Readonly<Record<string, unknown>>) => void;
}

/** Routes messages to a hub's endpoints, as its ARM resource says. Call it inside a transaction. */
export class MessageRouter {
  readonly #lost = new Map<string, number>();

  constructor(private readonly deps: RouterDependencies) {}

  /** Stores those of the messages that reach the built-in endpoint, with their enrichments. */
  route(hub: HubRecord, source: MessageSource, drafts: readonly EventDraft[]): void {
    if (isUnconditional(hub.routing, source)) {
      this.deps.events.append(hub, drafts);
      return;
    }
    const arriving = drafts.flatMap((draft) => {
      const document = new MessageDocument(draft, (key) => this.deps.twins.find(hub.key, key));
      const endpoints = this.#endpointsOf(hub, source, document);
      for (const endpoint of endpoints) if (endpoint !== BUILT_IN) this.#lose(hub, endpoint);
      return endpoints.has(BUILT_IN) ? [{ ...draft, properties: enriched(hub, draft, document) }] : [];
    });
    if (arriving.length > 0) this.deps.events.append(hub, arriving);
  }

  /** How many messages routes have sent to an endpoint that is not emulated, since the start. */
  lost(hub: HubRecord, endpoint: string): number {
    return this.#lost.get(`${hub.key} ${endpoint}`) ?? 0;
  }

  #endpointsOf({ routing }: HubRecord, source: MessageSource, document: MessageDocument): ReadonlySet<string> {
    // The default condition needs no document of the message.
    const meets = (condition: string) => condition === "true" || meetsCondition(condition, document.properties);
    const matching = routing.routes.filter(
      (route) => route.isEnabled && route.source === source && meets(route.condition),
    );
    const { fallback } = routing;
    const isFallback =
      matching.length === 0 && fallback.isEnabled && source === "DeviceMessages" && meets(fallback.condition);
    return new Set([...matching, ...(isFallback ? [fallback] : [])].flatMap(({ endpointNames }) => endpointNames));
  }

  #lose(hub: HubRecord, endpoint: string): void {
    const key = `${hub.key} ${endpoint}`;
    this.#lost.set(key, (this.#lost.get(key) ?? 0) + 1);
    this.deps.warn({
      hub: hub.name,
      endpoint,
      reason: "NotEmulated: only the built-in endpoint 'events' gets messages",
    });
  }
}

/** Whether every message of a source reaches the built-in endpoint, only it, and as it is: as at a hub that was just created. */
function isUnconditional({ routes, fallback, enrichments }: HubRouting, source: MessageSource): boolean {
  return (
    source === "DeviceMessages" &&
    enrichments.length === 0 &&
    routes.every((route) => !route.isEnabled || route.source !== source) &&
    fallback.isEnabled &&
    fallback.condition === "true" &&
    fallback.endpointNames.every((name) => name === BUILT_IN) &&
    fallback.endpointNames.length > 0
  );
}

/** The value of an enrichment: a text, the hub's name, or what a path of the twin says; undefined where it says nothing. */
function enrichmentValue({ value }: HubEnrichment, hub: HubRecord, document: MessageDocument): string | undefined {
  if (value.toLowerCase() === "$iothubname") return hub.name;
  const path = /^\$twin\.(.+)$/i.exec(value)?.[1];
  if (path === undefined) return value;
  const found = valueAt(document.twin(), path.split("."));
  if (found === undefined || found === null) return undefined;
  return typeof found === "object" ? JSON.stringify(found) : String(found);
}

function enriched(hub: HubRecord, { properties }: EventDraft, document: MessageDocument): Record<string, string> {
  const added = hub.routing.enrichments
    .filter(({ endpointNames }) => endpointNames.some((name) => name === BUILT_IN || name === BUILT_IN_ALIAS))
    .flatMap((enrichment) => {
      const value = enrichmentValue(enrichment, hub, document);
      return value === undefined ? [] : [[enrichment.key, value]];
    });
  return { ...properties, ...Object.fromEntries(added) };
}
