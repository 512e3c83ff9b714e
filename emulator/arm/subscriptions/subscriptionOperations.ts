import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { getSubscription, listSubscriptions } from "./getSubscription";
import { listLocations } from "./listLocations";
import { listTenants } from "./listTenants";

/** Subscription, tenant and locations (Azure REST API "Subscriptions"). */
export const subscriptionOperations = (deps: ArmDependencies): Operation[] =>
  [listSubscriptions, getSubscription, listTenants, listLocations].map((operation) => operation(deps));
