import { badParameter } from "../vaultErrors";

/** A duration of ISO 8601 in calendar parts, as rotation policies write it: `P1Y`, `P90D`, `P1Y6M`. */
export interface Duration {
  readonly years: number;
  readonly months: number;
  readonly days: number;
}

const FORM = /^P(?=\d)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?$/;

/** Reads a duration of whole years, months and days; undefined for any other text (weeks and times of day as well). */
export function parseDuration(text: unknown): Duration | undefined {
  const match = typeof text === "string" ? FORM.exec(text) : null;
  if (match === null) return undefined;
  const [years = 0, months = 0, days = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return { years, months, days };
}

/** Its length in days, to compare by: a month counts 30 days, a year 365. */
export const daysOf = ({ years, months, days }: Duration): number => years * 365 + months * 30 + days;

/** The moment that lies the duration after `from`, by the calendar (UTC). */
export function after(from: Date, { years, months, days }: Duration): Date {
  const moment = new Date(from);
  moment.setUTCFullYear(moment.getUTCFullYear() + years, moment.getUTCMonth() + months, moment.getUTCDate() + days);
  return moment;
}

/** The moment that lies the duration before `from`, by the calendar (UTC). */
export function before(from: Date, { years, months, days }: Duration): Date {
  return after(from, { years: -years, months: -months, days: -days });
}

/** One action of a policy, with exactly one of the two triggers (ISO 8601 durations). */
export interface LifetimeAction {
  readonly trigger: { readonly timeAfterCreate: string } | { readonly timeBeforeExpiry: string };
  readonly action: { readonly type: "Rotate" | "Notify" };
}

/** When a key is rotated, and when its versions expire. */
export interface RotationPolicy {
  readonly lifetimeActions: readonly LifetimeAction[];
  /** ISO 8601 duration from a version's creation to its `exp`; undefined: versions do not expire. */
  readonly expiryTime: string | undefined;
}

/** The default policy: Azure notifies 30 days before the expiry, if there is one. */
export const DEFAULT_POLICY: RotationPolicy = {
  lifetimeActions: [{ trigger: { timeBeforeExpiry: "P30D" }, action: { type: "Notify" } }],
  expiryTime: undefined,
};

/** Days ("Configure cryptographic key auto-rotation"). */
const LEAST = Object.freeze({ expiry: 28, trigger: 7 });

function days(text: string, member: string, least: number): number {
  const duration = parseDuration(text);
  if (duration === undefined) {
    throw badParameter(`Property ${member} must be an ISO 8601 duration of years, months and days.`);
  }
  const length = daysOf(duration);
  if (length < least) throw badParameter(`Property ${member} must be at least P${least}D.`);
  return length;
}

/** A policy of a request that a schema has checked. */
interface RequestedPolicy {
  readonly attributes?: { readonly expiryTime?: string | null } | null;
  readonly lifetimeActions?: readonly RequestedAction[] | null;
}

interface RequestedAction {
  readonly trigger?: { readonly timeAfterCreate?: string | null; readonly timeBeforeExpiry?: string | null } | null;
  readonly action: { readonly type: string };
}

function readAction({ trigger, action }: RequestedAction, expiryDays: number | undefined): LifetimeAction {
  const type = action.type.toLowerCase() === "rotate" ? "Rotate" : "Notify";
  const [afterCreate, beforeExpiry] = [trigger?.timeAfterCreate ?? undefined, trigger?.timeBeforeExpiry ?? undefined];
  if (beforeExpiry === undefined ? afterCreate === undefined : afterCreate !== undefined) {
    throw badParameter("Property lifetimeActions.trigger must have either timeAfterCreate or timeBeforeExpiry.");
  }
  if (afterCreate !== undefined) {
    if (type === "Notify") throw badParameter("A Notify action must have the trigger timeBeforeExpiry.");
    const length = days(afterCreate, "timeAfterCreate", LEAST.trigger);
    if (expiryDays !== undefined && length > expiryDays - LEAST.trigger) {
      throw badParameter(`timeAfterCreate must be at least P${LEAST.trigger}D before the expiryTime.`);
    }
    return { trigger: { timeAfterCreate: afterCreate }, action: { type } };
  }
  const length = days(beforeExpiry ?? "", "timeBeforeExpiry", LEAST.trigger);
  if (expiryDays === undefined && type === "Rotate") {
    throw badParameter("A Rotate action by timeBeforeExpiry needs attributes.expiryTime.");
  }
  if (expiryDays !== undefined && length > expiryDays - LEAST.trigger) {
    throw badParameter(`timeBeforeExpiry must be at least P${LEAST.trigger}D after the creation.`);
  }
  return { trigger: { timeBeforeExpiry: beforeExpiry ?? "" }, action: { type } };
}

/** Reads a policy of a request that a schema has checked. Throws 400 BadParameter by Azure's rules. */
export function readRotationPolicy({ attributes, lifetimeActions: actions }: RequestedPolicy): RotationPolicy {
  const expiryTime = attributes?.expiryTime ?? undefined;
  const expiryDays = expiryTime === undefined ? undefined : days(expiryTime, "expiryTime", LEAST.expiry);
  const lifetimeActions = (actions ?? []).map((action) => readAction(action, expiryDays));
  if (new Set(lifetimeActions.map(({ action }) => action.type)).size !== lifetimeActions.length) {
    throw badParameter("Property lifetimeActions must have at most one action of each type.");
  }
  const rotatesOnly = lifetimeActions.length === 1 && lifetimeActions[0]?.action.type === "Rotate";
  return {
    lifetimeActions: rotatesOnly ? [...lifetimeActions, ...DEFAULT_POLICY.lifetimeActions] : lifetimeActions,
    expiryTime,
  };
}

/** Returns the expiry of a version created at `created`; undefined: never. */
export function expiryOf({ expiryTime }: RotationPolicy, created: Date): Date | undefined {
  const duration = parseDuration(expiryTime);
  return duration && after(created, duration);
}

/** Returns when a version created at `created` that expires at `expires` is due for rotation; undefined: never. */
export function rotationDue(policy: RotationPolicy, created: Date, expires: Date | undefined): Date | undefined {
  const trigger = policy.lifetimeActions.find(({ action }) => action.type === "Rotate")?.trigger;
  if (trigger === undefined) return undefined;
  if ("timeAfterCreate" in trigger) {
    const duration = parseDuration(trigger.timeAfterCreate);
    return duration && after(created, duration);
  }
  const duration = parseDuration(trigger.timeBeforeExpiry);
  return duration && expires && before(expires, duration);
}
