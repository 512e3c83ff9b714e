import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { ArmDependencies } from "../armDependencies";
import { devicesError } from "../armErrors";
import { objectAt } from "../armRequest";
import type { Resource } from "../microsoftResources/resourceStore";

/** Most units by tier (Azure documentation, "IoT Hub quotas and throttling"). */
export const MOST_UNITS: Readonly<Record<string, number>> = Object.freeze({
  F1: 1,
  B1: 200,
  B2: 200,
  B3: 10,
  S1: 200,
  S2: 200,
  S3: 10,
});

/** How many jobs run or are scheduled at the same time (Azure documentation, "IoT Hub quotas and throttling"). */
export const activeJobLimit = ({ name }: JsonObject): number => ({ 2: 5, 3: 10 })[String(name).slice(-1)] ?? 1;

/** What a free hub may have less of (specification of RoutingProperties; documentation, "Message enrichments – Limitations"). */
const FREE = Object.freeze({ endpoints: 1, routes: 5, enrichments: 2 });
const PAID = Object.freeze({ endpoints: 10, routes: 100, enrichments: 10 });

/** Names that endpoints of a hub cannot have (specification of RoutingEventHubProperties and its like). */
const RESERVED = ["events", "filenotifications", "$default"];

/**
 * Checks the tier and the units of a PUT. Tiers change within basic and standard, and from basic to standard (Azure documentation,
 * "How to upgrade your IoT hub"); a subscription has one free hub (400019, seen in public reports). `free` are the
 * subscription's free hubs. The code 400004 of the others is a guess.
 */
export function checkSku(
  { name, capacity }: JsonObject,
  before: Resource | undefined,
  free: readonly Resource[],
  deps: ArmDependencies,
): void {
  const [tier, units] = [String(name), Number(capacity)];
  const most = MOST_UNITS[tier] ?? 1;
  const refuse = (message: string) => devicesError("invalidArgument", message, deps);
  if (units > most) throw refuse(`The capacity of the sku '${tier}' must be between 1 and ${most}, not ${units}.`);
  const present = before && String(before.sku.name);
  if (present && present[0] !== tier[0] && !(present.startsWith("B") && tier.startsWith("S"))) {
    throw refuse(`The sku of an IotHub cannot be changed from '${present}' to '${tier}'.`);
  }
  const others = free.filter(({ key }) => key !== before?.key).length;
  if (tier !== "F1" || others === 0) return;
  const message = `Max number of Iot Hubs exceeded for sku = Free, Max Allowed = 1, Current = ${others + 1} in the subscription Id: ${deps.subscriptionId}.`;
  throw devicesError("freeHubsExceeded", message, deps);
}

type Names = readonly string[];

/** The names in a list of a request, by the member that has them. */
const namesIn = (list: unknown, member: string): Names =>
  (Array.isArray(list) ? list : []).map((each) => String((each as JsonObject)[member]).toLowerCase());

/** Throws 400004, which is a guess, where two items of a list have the same name in any letter case. */
export function checkUnique(list: string, names: Names, deps: ArmDependencies): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw devicesError("invalidArgument", `Two of the ${list} are named '${twice}'.`, deps);
}

/** The names of a service's IP filter rules. */
export const filterNames = (rules: unknown): Names => namesIn(rules, "filterName");

/** The lists of a hub that have names, by what they are of. */
function namedLists(properties: JsonObject): Readonly<Record<string, Names>> {
  const routing = objectAt(properties, "routing");
  return {
    endpoints: Object.values(objectAt(routing, "endpoints")).flatMap((list) => namesIn(list, "name")),
    routes: namesIn(routing.routes, "name"),
    enrichments: namesIn(routing.enrichments, "key"),
    ipFilterRules: filterNames(properties.ipFilterRules),
    ipRules: filterNames(objectAt(properties, "networkRuleSets").ipRules),
  };
}

/**
 * Checks how many endpoints, routes and enrichments a hub has, that no two have the same name, and that no endpoint has a
 * reserved one. The code 400004 is a guess.
 */
export function checkLists(properties: JsonObject, isFree: boolean, deps: ArmDependencies): void {
  const lists = namedLists(properties);
  for (const [list, most] of Object.entries(isFree ? FREE : PAID)) {
    const { length } = lists[list] ?? [];
    if (length <= most) continue;
    throw devicesError("invalidArgument", `The hub has ${length} ${list}, and may have ${most}.`, deps);
  }
  for (const [list, names] of Object.entries(lists)) checkUnique(list, names, deps);
  const reserved = lists.endpoints?.find((name) => RESERVED.includes(name));
  if (reserved === undefined) return;
  throw devicesError("invalidArgument", `The name '${reserved}' of an endpoint is reserved.`, deps);
}
