import type { Request } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";

/** Throws `SubscriptionNotFound` for any subscription but the one there is. */
export function checkSubscription(request: Request, { subscriptionId }: Pick<ArmDependencies, "subscriptionId">): void {
  const requested = request.params.subscriptionId;
  if (requested === undefined || requested.toLowerCase() === subscriptionId) return;
  throw frontError(404, "SubscriptionNotFound", `The subscription '${requested}' could not be found.`);
}
