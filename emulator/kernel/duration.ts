/** Milliseconds of the units of an ISO 8601 duration; a month has 30 days and a year 365, as in .NET's XmlConvert. */
const UNITS = [365 * 86_400_000, 30 * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000];
const DURATION = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Returns the milliseconds of an ISO 8601 duration such as `PT1H`; `fallback` for anything else. */
export function durationMs(text: unknown, fallback: number): number {
  const parts = typeof text === "string" ? DURATION.exec(text)?.slice(1) : undefined;
  return parts ? parts.reduce((sum, part, index) => sum + Number(part ?? 0) * (UNITS[index] ?? 0), 0) : fallback;
}
