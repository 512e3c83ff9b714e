import type { Request } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";

/** Throws `SubscriptionNotFound` for any subscription but the one there is. */
export function checkSubscription(request: Request, { subscriptionId }: Pick<ArmDependencies, "subscriptionId">): void {
  const asked = request.params.subscriptionId;
  if (asked === undefined || asked.toLowerCase() === subscriptionId) return;
  throw frontError(404, "SubscriptionNotFound", `The subscription '${asked}' could not be found.`);
}
