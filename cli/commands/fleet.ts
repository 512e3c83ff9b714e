import { setMaxListeners } from "node:events";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DeviceClient } from "../../azure/clients/deviceClient";
import { mutualTls } from "../../azure/clients/mutualTls";
import { SetupError } from "../../bootstrap/setupError.cjs";
import type { CertsContext } from "../certs/certsContext";
import { type LoadedIssuer, loadIssuer } from "../certs/inputFiles";
import { processContext } from "../certs/processContext";
import { ValidationErrors } from "../certs/validationErrors";
import type { Paths } from "../checkoutPaths";
import { type Arguments, UsageError } from "../commandLine";
import { type DeviceProgress, isDone, progressOf } from "../fleet/deviceProgress";
import { issuedDevices, listedDevices, type ShardDevices } from "../fleet/fleetDevices";
import {
  certificatesFolder,
  journalPath,
  lockFleetFolder,
  readJournalFile,
  readJournals,
  shardFolder,
  writeReport,
} from "../fleet/fleetFolder";
import { FleetJournal, type JournalEntry } from "../fleet/fleetJournal";
import { FleetProgressLine } from "../fleet/fleetProgressLine";
import { reportOf, reportText } from "../fleet/fleetReport";
import { FleetRun } from "../fleet/fleetRun";
import { type FleetTarget, fleetTarget } from "../fleet/fleetTarget";
import { readShard, type Shard, shardText } from "../fleet/shard";
import { uninterrupted } from "../fleet/uninterrupted";

const DEFAULT_COUNT = 100;
const DEFAULT_INTERVAL_SECONDS = 5;
const REQUESTS_PER_CORE = 16;

/** The issuer that the command line names, or else the target's. Errors: SetupError UNKNOWN_ARGUMENT, NO_ISSUER. */
async function issuerFor(args: Arguments, context: CertsContext, target: FleetTarget): Promise<LoadedIssuer> {
  const named = ["issuer", "issuer-key"].filter((name) => args.has(name));
  const errors = new ValidationErrors();
  if (named.length === 1) errors.add("--issuer and --issuer-key: one is given; give both or none");
  const issuer = named.length === 0 ? target.issuer : await loadIssuer({ args, context, errors });
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

/**
 * `zero-touch fleet`: registers many devices of one enrollment group and sends their messages. A run continues where the one before
 * it ended. Exit code 1 if a device failed, 130 if it was interrupted.
 */
export async function fleet(paths: Paths, args: Arguments): Promise<number> {
  const shard = readShard(args.text("shard"));
  const folder = shardFolder(resolve(args.text("out") ?? join(paths.local, "fleet")), shard);
  const context = processContext();
  const target = await uninterrupted(context.signal, () => fleetTarget(paths, args, process.env));
  if (target === undefined) return interrupted(folder);
  const release = lockFleetFolder(folder);
  try {
    const planned = await devicesOf(args, target, { shard, folder, context });
    if (planned === undefined) return interrupted(folder);
    const journal = FleetJournal.open(journalPath(folder));
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

function interrupted(folder: string): number {
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
  const messages = args.number("messages") ?? 1;
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
    credentials: (registrationId) => manifest.credentials(registrationId),
    transport: (credentials) => mutualTls({ ...credentials, ca }, env),
    client: (transport, clock) => new DeviceClient(transport, { clock }),
  });
  await run.run();
  progress.end();
  return left.length;
}

/** `zero-touch fleet report FOLDER`: one report of the shards of a fleet. Exit code 1 if a device failed or is left. */
export async function fleetReport(_paths: Paths, args: Arguments): Promise<number> {
  const [folder = ""] = args.operands;
  const report = reportOf(readJournals(resolve(folder)));
  process.stdout.write(args.has("json") ? `${JSON.stringify(report)}\n` : reportText(report));
  return report.failed + report.left + report.missingShards.length > 0 ? 1 : 0;
}
