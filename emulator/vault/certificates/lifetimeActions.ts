import { DAY_SECONDS } from "../../kernel/clock";
import { badParameter } from "../vaultErrors";

/** An action near a certificate's expiry (REST reference, LifetimeAction), with exactly one of the two triggers. */
export interface LifetimeAction {
  readonly trigger: { readonly lifetime_percentage: number } | { readonly days_before_expiry: number };
  readonly action: { readonly action_type: "AutoRenew" | "EmailContacts" };
}

/** Days before expiry that a month of validity allows at most (REST reference, Trigger). */
const DAYS_A_MONTH = 27;

const invalid = (member: string, expected: string): Error =>
  badParameter(`Property policy.lifetime_actions${member} must be ${expected}.`);

/** An action of a request that a schema has checked. */
interface RequestedAction {
  readonly trigger: { readonly lifetime_percentage?: number | null; readonly days_before_expiry?: number | null };
  readonly action: LifetimeAction["action"];
}

function readTrigger({ trigger }: RequestedAction, months: number): LifetimeAction["trigger"] {
  const [percentage, days] = [trigger.lifetime_percentage ?? undefined, trigger.days_before_expiry ?? undefined];
  if (days === undefined && percentage !== undefined) return { lifetime_percentage: percentage };
  if (days === undefined || percentage !== undefined) {
    throw invalid(".trigger", "either lifetime_percentage or days_before_expiry");
  }
  const most = months * DAYS_A_MONTH;
  if (days > most) throw invalid(".trigger.days_before_expiry", `a whole number from 1 to ${most}`);
  return { days_before_expiry: days };
}

/**
 * Reads `lifetime_actions` of a policy with a validity of `months`. Default, as in Azure: at 80 % of the lifetime, renewal,
 * or notification of contacts for an external issuer. Throws 400 BadParameter.
 */
export function readLifetimeActions(value: unknown, issuer: string, months: number): readonly LifetimeAction[] {
  const otherwise = issuer === "Unknown" ? "EmailContacts" : "AutoRenew";
  if (value === undefined || value === null) {
    return [{ trigger: { lifetime_percentage: 80 }, action: { action_type: otherwise } }];
  }
  return (value as RequestedAction[]).map((each) => ({
    trigger: readTrigger(each, months),
    action: { action_type: each.action.action_type },
  }));
}

/** Returns when a certificate valid from `nbf` to `exp` is due for renewal, all in seconds since 1970; undefined: never. */
export function renewalDue(actions: readonly LifetimeAction[], nbf: number, exp: number): number | undefined {
  const moments = actions
    .filter(({ action }) => action.action_type === "AutoRenew")
    .map(({ trigger }) =>
      "lifetime_percentage" in trigger
        ? nbf + Math.ceil(((exp - nbf) * trigger.lifetime_percentage) / 100)
        : exp - trigger.days_before_expiry * DAY_SECONDS,
    );
  return moments.length === 0 ? undefined : Math.min(...moments);
}
