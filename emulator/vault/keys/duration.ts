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
