/** One line of a log. */
export interface LogEntry {
  /** ISO 8601. */
  readonly time: string;
  readonly role: LogRole;
  /** One sentence, without secrets. */
  readonly text: string;
  /** Further values, as the source has them. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Where log entries come from. */
export const LOG_ROLES = ["Operator", "Pulumi", "ProvisioningService", "IotHub", "LocalAzure"] as const;

/** A source of log entries. */
export type LogRole = (typeof LOG_ROLES)[number];

/** A span of time; both ends belong to it. */
export interface LogRange {
  readonly from: Date;
  readonly to: Date;
}

/** Whether a time of a log is in the range; a text that is no time is not. */
export function isWithin({ from, to }: LogRange, time: unknown): time is string {
  if (typeof time !== "string") return false;
  const at = Date.parse(time);
  return at >= from.getTime() && at <= to.getTime();
}
