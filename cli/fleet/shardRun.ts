import { setMaxListeners } from "node:events";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DeviceClient } from "../../azure/clients/deviceClient";
import { mutualTls } from "../../azure/clients/mutualTls";
import { SetupError } from "../../bootstrap/setupError.cjs";
import type { CertsContext } from "../certs/certsContext";
import { type LoadedIssuer, loadIssuer } from "../certs/inputFiles";
import { ValidationErrors } from "../certs/validationErrors";
import { type Arguments, UsageError } from "../commandLine";
import { type DeviceProgress, isDone, progressOf } from "./deviceProgress";
import { issuedDevices, listedDevices, type ShardDevices } from "./fleetDevices";
import { certificatesFolder, journalPath, lockFleetFolder, readJournalFile, writeReport } from "./fleetFolder";
import { FleetJournal, type JournalEntry } from "./fleetJournal";
import { FleetProgressLine } from "./fleetProgressLine";
import { reportOf } from "./fleetReport";
import { FleetRun } from "./fleetRun";
import type { FleetTarget } from "./fleetTarget";
import { RecentCredentials } from "./recentCredentials";
import { type Shard, shardText } from "./shard";

/** Devices of a fleet without `--count`. */
export const DEFAULT_COUNT = 100;
/** Messages of each device without `--messages`. */
export const DEFAULT_MESSAGES = 1;
const DEFAULT_INTERVAL_SECONDS = 5;
const REQUESTS_PER_CORE = 16;
/** Devices of which the parsed credentials are kept for their next connection. */
const RECENT_DEVICES = 256;

/** The issuer that the command line names, or else the target's. Errors: SetupError UNKNOWN_ARGUMENT, NO_ISSUER. */
async function issuerFor(args: Arguments, context: CertsContext, target: FleetTarget): Promise<LoadedIssuer> {
  const named = ["issuer", "issuer-key"].filter((name) => args.has(name));
  const errors = new ValidationErrors();
  const pem = args.has("issuer") ? undefined : context.env.FLEET_ISSUER || undefined;
  if (named.length === 1 && (pem === undefined || args.has("issuer")))
    errors.add("--issuer and --issuer-key: one is given; give both or none");
  const issuer = named.length === 0 ? target.issuer : await loadIssuer({ args, context, errors }, pem);
  try {
    errors.check();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new SetupError(
      "UNKNOWN_ARGUMENT",
      "Wrong arguments of fleet.",
      error.errors.join("\n"),
      "npm run fleet -- --help",
    );
  }
  if (issuer !== undefined) return issuer;
  throw new SetupError(
    "NO_ISSUER",
    "There is no CA that could issue the devices' certificates.",
    "Only the dev stack has one by default, and only with its key in the state (caKeys state).",
    ["--issuer FILE --issuer-key FILE, which may be the https address of a key in a key vault", "--manifest FILE"],
  );
}

/** The devices of the shard; undefined if the user stops the issuing. */
async function devicesOf(
  args: Arguments,
  target: FleetTarget,
  { shard, folder, context }: { shard: Shard; folder: string; context: CertsContext },
): Promise<ShardDevices | undefined> {
  const [manifest, count] = [args.text("manifest"), args.number("count")];
  if (manifest !== undefined) return listedDevices(resolve(manifest), count, shard);
  return issuedDevices({
    names: { prefix: args.text("prefix") ?? "fleet-", count: count ?? DEFAULT_COUNT },
    shard,
    issuer: await issuerFor(args, context, target),
    folder: certificatesFolder(folder),
    context,
  });
}

/** The progress of the devices by the journal. Errors: SetupError OTHER_FLEET for a journal of other devices, or of another service. */
function checkedProgress(journal: FleetJournal, { devices }: ShardDevices, { idScope }: FleetTarget, folder: string) {
  const ids = new Map(devices.map(({ index, registrationId }) => [index, registrationId]));
  const isOther = (entry: JournalEntry): boolean =>
    entry.event === "started"
      ? entry.idScope !== idScope
      : "registrationId" in entry && ids.has(entry.index) && ids.get(entry.index) !== entry.registrationId;
  if (!journal.before.some(isOther)) return progressOf(journal.before);
  throw new SetupError(
    "OTHER_FLEET",
    `${folder} belongs to another fleet.`,
    "Its journal has other registration IDs, or another ID scope.",
    ["name another folder: --out FOLDER", "give the arguments of the runs before"],
  );
}

/** What a run of a shard depends on. */
export interface ShardRun {
  readonly args: Arguments;
  /** Its signal stops the run. */
  readonly context: CertsContext;
  readonly target: FleetTarget;
  readonly shard: Shard;
  /** The folder of the shard. */
  readonly folder: string;
  /** Gets each line of the journal. */
  readonly copy?: (line: string) => void;
}

/** Runs a shard and writes its report; returns the exit code: 1 if a device failed, 130 if it was interrupted. */
export async function runShard({ args, context, target, shard, folder, copy }: ShardRun): Promise<number> {
  const release = lockFleetFolder(folder);
  try {
    const planned = await devicesOf(args, target, { shard, folder, context });
    if (planned === undefined) return interrupted(folder);
    const journal = FleetJournal.open(journalPath(folder), copy);
    try {
      const before = checkedProgress(journal, planned, target, folder);
      const left = await runDevices({ args, context, target, shard, planned, journal, before });
      if (left === 0) context.print(`Nothing is left to do in ${folder}. The report of the runs before:\n`);
    } finally {
      journal.close();
    }
    const report = reportOf([readJournalFile(journalPath(folder))]);
    context.print(writeReport(folder, report));
    if (context.signal.aborted) return interrupted(folder);
    return report.failed > 0 ? 1 : 0;
  } finally {
    release();
  }
}

/** Says how an interrupted run continues; returns its exit code. */
export function interrupted(folder: string): number {
  const done = existsSync(journalPath(folder)) ? `${folder} has what is done` : "no device has registered yet";
  process.stderr.write(`Interrupted. Run the same command again to continue; ${done}.\n`);
  return 130;
}

interface FleetSession {
  readonly args: Arguments;
  readonly context: CertsContext;
  readonly target: FleetTarget;
  readonly shard: Shard;
  readonly planned: ShardDevices;
  readonly journal: FleetJournal;
  readonly before: ReadonlyMap<number, DeviceProgress>;
}

/** Runs the devices that are left; returns their number. */
async function runDevices({ args, context, target, shard, planned, journal, before }: FleetSession): Promise<number> {
  const { idScope, endpoint, env, ca } = target;
  const { devices, manifest } = planned;
  const messages = args.number("messages") ?? DEFAULT_MESSAGES;
  const known = devices.map(({ index }) => before.get(index));
  const left = known.filter((each) => each?.failure !== undefined || each === undefined || !isDone(each, messages));
  journal.add({
    event: "started",
    idScope,
    endpoint,
    shard: shardText(shard),
    devices: devices.length,
    at: Date.now(),
  });
  if (left.length === 0) return 0;
  const progress = new FleetProgressLine(
    { write: context.log, isLive: context.live, now: Date.now },
    devices.length,
    known.filter((each) => each?.assigned !== undefined).length,
  );
  const { signal } = context;
  // Every device that waits listens.
  setMaxListeners(0, signal);
  const recent = new RecentCredentials((id) => manifest.credentials(id), ca, messages === 0 ? 0 : RECENT_DEVICES);
  const run = new FleetRun({
    devices,
    idScope,
    endpoint,
    messages,
    intervalMs: (args.number("interval") ?? DEFAULT_INTERVAL_SECONDS) * 1000,
    concurrency: args.number("concurrency") ?? REQUESTS_PER_CORE * availableParallelism(),
    clock: { now: Date.now, wait: (milliseconds) => pause(milliseconds, undefined, { signal }).catch(() => undefined) },
    random: Math.random,
    signal,
    progressOf: (index) => before.get(index),
    record(entry) {
      journal.add(entry);
      progress.add(entry);
    },
    credentials: (registrationId) => recent.of(registrationId),
    transport: (credentials) => mutualTls(credentials, env),
    client: (transport, clock) => new DeviceClient(transport, { clock }),
  });
  await run.run();
  progress.end();
  return left.length;
}
