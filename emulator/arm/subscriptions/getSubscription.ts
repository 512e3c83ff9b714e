import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { SUBSCRIPTION_PATH } from "../armPaths";

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

/** The one subscription, as a list. */
export const listSubscriptions = (deps: ArmDependencies): Operation => ({
  name: "Subscriptions_List",
  method: "GET",
  path: "/subscriptions",
  handle: () => ({ status: 200, body: { value: [subscriptionBody(deps)], count: { type: "Total", value: 1 } } }),
});

/** GET of the subscription. */
export const getSubscription = (deps: ArmDependencies): Operation => ({
  name: "Subscriptions_Get",
  method: "GET",
  path: SUBSCRIPTION_PATH,
  handle: () => ({ status: 200, body: subscriptionBody(deps) }),
});
