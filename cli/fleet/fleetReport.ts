import { SetupError } from "../../bootstrap/setupError.cjs";
import { progressOf } from "./deviceProgress";
import type { DeviceFailed, JournalEntry, RunStarted } from "./fleetJournal";

/** A device that failed. */
export type FailedDevice = Pick<DeviceFailed, "index" | "registrationId" | "step" | "code" | "reason" | "remedy">;

/** The state of a fleet, or of some of its shards. */
export interface FleetReport {
  readonly idScope: string;
  readonly endpoint: string;
  /** Shards with a journal, `INDEX/COUNT`. */
  readonly shards: readonly string[];
  /** Shards without one. */
  readonly missingShards: readonly string[];
  /** Devices of these shards. */
  readonly devices: number;
  readonly registered: number;
  readonly failed: number;
  /** Devices that neither registered nor failed. */
  readonly left: number;
  /** Messages that hubs accepted. */
  readonly messages: number;
  /** Registered devices by the host name of their hub. */
  readonly hubs: Readonly<Record<string, number>>;
  /** Failed devices by code. */
  readonly codes: Readonly<Record<string, number>>;
  /** Milliseconds from a device's first request to its assignment; undefined while none is registered. */
  readonly latencyMs: Readonly<Record<"p50" | "p90" | "p99" | "max", number>> | undefined;
  /** Seconds of the runs, those of the longest shard. */
  readonly seconds: number;
  readonly failures: readonly FailedDevice[];
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** The value below which a share of sorted values is (nearest rank). */
const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? 0;

/** Seconds between the start and the last entry of each run of a journal. */
function secondsOf(entries: readonly JournalEntry[]): number {
  let [total, start, last] = [0, 0, 0];
  for (const { event, at } of entries) {
    if (event === "started") {
      total += last - start;
      [start, last] = [at, at];
    }
    last = Math.max(last, at);
  }
  return (total + last - start) / 1000;
}

const lastRun = (entries: readonly JournalEntry[]): RunStarted | undefined =>
  entries.findLast((entry): entry is RunStarted => entry.event === "started");

function checkedRuns(journals: readonly (readonly JournalEntry[])[]): readonly [RunStarted, ...RunStarted[]] {
  const [first, ...rest] = journals.flatMap((entries) => lastRun(entries) ?? []);
  const error = (why: string, remedy: string) =>
    new SetupError("WRONG_JOURNALS", "The journals do not belong to one fleet.", why, remedy);
  if (first === undefined)
    throw error("There is no journal of a run.", "name the folder of a fleet: --out of its runs");
  const [, count] = first.shard.split("/");
  const other = rest.find(
    ({ idScope, endpoint, shard }) =>
      idScope !== first.idScope || endpoint !== first.endpoint || shard.split("/")[1] !== count,
  );
  if (other !== undefined) {
    const text = ({ shard, idScope, endpoint }: RunStarted) => `shard ${shard} at ${endpoint}, ID scope ${idScope}`;
    throw error(`One is of ${text(first)}, another of ${text(other)}.`, "name a folder for each fleet");
  }
  const shards = [first, ...rest].map(({ shard }) => shard);
  if (new Set(shards).size < shards.length) throw error("Two are of one shard.", "keep one journal for each shard");
  return [first, ...rest];
}

/** The report of the journals of one fleet, one for each shard. Errors: SetupError WRONG_JOURNALS. */
export function reportOf(journals: readonly (readonly JournalEntry[])[]): FleetReport {
  const runs = checkedRuns(journals);
  const [{ idScope, endpoint, shard }] = runs;
  const shards = runs.map((run) => run.shard).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  const shardCount = Number(shard.split("/")[1]);
  const all = Array.from({ length: shardCount }, (_, index) => `${index}/${shardCount}`);
  const hubs: Record<string, number> = {};
  const codes: Record<string, number> = {};
  const latencies: number[] = [];
  const failures: FailedDevice[] = [];
  let [registered, messages] = [0, 0];
  for (const entries of journals) {
    for (const { assigned, sent, failure } of progressOf(entries).values()) {
      messages += sent;
      if (assigned !== undefined) {
        registered += 1;
        count(hubs, assigned.hub);
        latencies.push(assigned.ms);
      }
      if (failure === undefined) continue;
      count(codes, failure.code);
      const { index, registrationId, step, code, reason, remedy } = failure;
      failures.push({ index, registrationId, step, code, reason, remedy });
    }
  }
  latencies.sort((a, b) => a - b);
  const devices = runs.reduce((sum, run) => sum + run.devices, 0);
  const unregistered = failures.filter(({ step }) => step === "register").length;
  const [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1].map((share) => percentile(latencies, share));
  return {
    idScope,
    endpoint,
    shards,
    missingShards: all.filter((each) => !shards.includes(each)),
    devices,
    registered,
    failed: failures.length,
    left: Math.max(devices - registered - unregistered, 0),
    messages,
    hubs,
    codes,
    latencyMs: latencies.length === 0 ? undefined : { p50: p50 ?? 0, p90: p90 ?? 0, p99: p99 ?? 0, max: max ?? 0 },
    seconds: Math.max(...journals.map(secondsOf)),
    failures: failures.sort((a, b) => a.index - b.index),
  };
}

/** Failed devices of which the text shows the reason; the JSON has all. */
const SHOWN = 10;

/** The report in words. */
export function reportText(report: FleetReport): string {
  const { devices, registered, failed, left, messages, seconds, latencyMs, failures } = report;
  const rate = seconds > 0 ? `, ${(registered / seconds).toFixed(1)} a second` : "";
  const lines = [
    `${registered} of ${devices} devices registered (ID scope ${report.idScope}), ${failed} failed, ${left} left.`,
    `${messages} messages accepted. ${seconds.toFixed(1)} s${rate}.`,
  ];
  if (latencyMs !== undefined) {
    const { p50, p90, p99, max } = latencyMs;
    lines.push(`Registration: median ${p50} ms, 90 % in ${p90} ms, 99 % in ${p99} ms, all in ${max} ms.`);
  }
  for (const [hub, number] of Object.entries(report.hubs)) lines.push(`  ${hub}: ${number} devices`);
  if (report.missingShards.length > 0) lines.push(`No journal of shard ${report.missingShards.join(", ")}.`);
  for (const [code, number] of Object.entries(report.codes)) {
    const remedy = failures.find((each) => each.code === code && each.remedy !== "")?.remedy;
    lines.push(`Failed with ${code}: ${number} devices.`);
    if (remedy !== undefined) lines.push(`  To fix: ${remedy}`);
  }
  for (const { registrationId, reason } of failures.slice(0, SHOWN)) lines.push(`  ${registrationId}: ${reason}`);
  if (failures.length > SHOWN) lines.push(`  and ${failures.length - SHOWN} more, in report.json`);
  return `${lines.join("\n")}\n`;
}
