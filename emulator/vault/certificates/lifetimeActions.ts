import { isObject } from "../../../azure/wire/jsonObject";
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

function wholeBetween(value: unknown, member: string, most: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw invalid(`.trigger.${member}`, `a whole number from 1 to ${most}`);
}

function readTrigger(value: unknown, months: number): LifetimeAction["trigger"] {
  const given = isObject(value) ? value : {};
  const [percentage, days] = [given.lifetime_percentage ?? undefined, given.days_before_expiry ?? undefined];
  if ((percentage === undefined) === (days === undefined)) {
    throw invalid(".trigger", "either lifetime_percentage or days_before_expiry");
  }
  if (percentage !== undefined) return { lifetime_percentage: wholeBetween(percentage, "lifetime_percentage", 99) };
  return { days_before_expiry: wholeBetween(days, "days_before_expiry", months * DAYS_A_MONTH) };
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
  if (!Array.isArray(value)) throw invalid("", "a list");
  return value.map((each: unknown) => {
    const { trigger, action } = isObject(each) ? each : { trigger: undefined, action: undefined };
    const type = isObject(action) ? action.action_type : undefined;
    if (type !== "AutoRenew" && type !== "EmailContacts") {
      throw invalid(".action.action_type", "AutoRenew or EmailContacts");
    }
    return { trigger: readTrigger(trigger, months), action: { action_type: type } };
  });
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
