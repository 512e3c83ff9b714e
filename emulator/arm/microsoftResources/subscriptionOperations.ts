import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { SUBSCRIPTION_PATH } from "../armRequest";
import { REGION_NAMES, regionTitle } from "../regions";

/** Throws `SubscriptionNotFound` for any subscription but the one there is. */
export function checkSubscription(request: Request, { subscriptionId }: ArmDependencies): void {
  const requested = request.params.subscriptionId;
  if (requested === undefined || requested.toLowerCase() === subscriptionId) return;
  throw frontError(404, "SubscriptionNotFound", `The subscription '${requested}' could not be found.`);
}

const subscriptionBody = ({ subscriptionId, tenantId }: ArmDependencies): JsonObject => ({
  id: `/subscriptions/${subscriptionId}`,
  subscriptionId,
  tenantId,
  displayName: "Local Azure",
  state: "Enabled",
  authorizationSource: "RoleBased",
  managedByTenants: [],
  subscriptionPolicies: {
    locationPlacementId: "Public_2014-09-01",
    quotaId: "PayAsYouGo_2014-09-01",
    spendingLimit: "Off",
  },
});

const tenantBody = ({ tenantId }: ArmDependencies): JsonObject => ({
  id: `/tenants/${tenantId}`,
  tenantId,
  displayName: "Local Azure",
  tenantCategory: "Home",
});

/** A region in which both IoT Hub and DPS are available. */
const locationBody = (name: string, subscriptionId: string): JsonObject => ({
  id: `/subscriptions/${subscriptionId}/locations/${name}`,
  name,
  type: "Region",
  displayName: regionTitle(name),
  regionalDisplayName: regionTitle(name),
  metadata: { regionType: "Physical" },
});

/** Subscription, tenant and locations (Azure REST API "Subscriptions"). */
export function subscriptionOperations(deps: ArmDependencies): Operation[] {
  const get = (name: string, path: string, body: object): Operation => ({
    name,
    method: "GET",
    path,
    handle: () => ({ status: 200, body }),
  });
  const subscription = subscriptionBody(deps);
  const locations = REGION_NAMES.map((name) => locationBody(name, deps.subscriptionId));
  return [
    get("Subscriptions_List", "/subscriptions", { value: [subscription], count: { type: "Total", value: 1 } }),
    get("Subscriptions_Get", SUBSCRIPTION_PATH, subscription),
    get("Tenants_List", "/tenants", { value: [tenantBody(deps)] }),
    get("Subscriptions_ListLocations", `${SUBSCRIPTION_PATH}/locations`, { value: locations }),
  ];
}
