import { mkdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { OperatorError } from "../../operator/operatorError";
import { openStore } from "../../operator/store/openStore";
import type { OperatorStore } from "../../operator/store/operatorStore";
import type { CertsContext } from "../certs/certsContext";
import type { Arguments } from "../commandLine";
import { writeWhole } from "../wholeFile";
import { journalPath, shardFolder } from "./fleetFolder";
import { type JournalEntry, readJournal } from "./fleetJournal";
import type { FleetTarget } from "./fleetTarget";
import { JOURNALS, ShardClaim } from "./shardClaim";
import { DEFAULT_COUNT, DEFAULT_MESSAGES, interrupted, runShard } from "./shardRun";

const isUrl = (address: string): boolean => /^https?:/i.test(address);

/** The result of `work` on a store. Errors: SetupError FLEET_STORE. */
async function withStore<T>(address: string, work: (store: OperatorStore) => Promise<T>): Promise<T> {
  try {
    const store = openStore(isUrl(address) ? address : resolve(address));
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const remedy = error.remedy ?? "see that the storage can be reached, then run the same command again";
    throw new SetupError("FLEET_STORE", "The store of the fleet cannot be used.", error.message, remedy, {
      cause: error,
    });
  }
}

const clock = {
  now: Date.now,
  wait: (milliseconds: number, signal: AbortSignal) =>
    pause(milliseconds, undefined, { signal }).catch(() => undefined),
};

/** What {@link runClaimedShard} depends on. */
export interface ClaimedRun {
  /** The URL of a blob container, or the path of a SQLite file. */
  readonly store: string;
  readonly args: Arguments;
  readonly context: CertsContext;
  readonly target: FleetTarget;
  /** The folder of the fleet. */
  readonly out: string;
}

/** Errors: SetupError UNKNOWN_ARGUMENT. */
function shardsOf(args: Arguments): number {
  const shards = args.number("shards");
  const other = ["shard", "manifest"].filter((name) => args.has(name));
  if (shards !== undefined && other.length === 0) return shards;
  const why =
    shards === undefined
      ? "--store: --shards is missing, the number of shards"
      : other.map((name) => `--${name} cannot be given with --store`).join("\n");
  throw new SetupError("UNKNOWN_ARGUMENT", "Wrong arguments of fleet.", why, "npm run fleet -- --help");
}

/**
 * Claims a shard that no other process has, and runs it: by the journal of the processes before, which is kept in the store.
 * Returns the exit code, 0 also where all shards are complete. Errors: SetupError FLEET_STORE, CLAIM_LOST.
 */
export async function runClaimedShard({ store: address, args, context, target, out }: ClaimedRun): Promise<number> {
  const shards = shardsOf(args);
  return withStore(address, async (store) => {
    const claim = await ShardClaim.next({
      store,
      shards,
      size: {
        idScope: target.idScope,
        devices: args.number("count") ?? DEFAULT_COUNT,
        messages: args.number("messages") ?? DEFAULT_MESSAGES,
      },
      clock,
      signal: context.signal,
    });
    if (claim === undefined && context.signal.aborted) return interrupted(out);
    if (claim === undefined) {
      context.print(`All ${shards} shards are complete.\n`);
      return 0;
    }
    const { shard } = claim;
    context.log(`Shard ${shard.index}/${shard.count}\n`);
    let code = 1;
    try {
      const folder = shardFolder(out, shard);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeWhole(journalPath(folder), claim.before, 0o600);
      const signal = AbortSignal.any([context.signal, claim.signal]);
      const copy = (line: string) => claim.add(line);
      code = await runShard({ args, context: { ...context, signal }, target, shard, folder, copy });
    } finally {
      await claim.close(code === 0);
    }
    return code;
  });
}

/** The journals in a store; undefined where a place is no store. Errors: SetupError FLEET_STORE, NO_JOURNAL. */
export async function storedJournals(place: string): Promise<readonly (readonly JournalEntry[])[] | undefined> {
  if (!isUrl(place) && statSync(place, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  return withStore(place, async (store) => {
    const names = await store.listLogs(JOURNALS);
    const journals: (readonly JournalEntry[])[] = [];
    for (const name of names) journals.push(readJournal(name, (await store.readLog(name)) ?? Buffer.alloc(0)).entries);
    const begun = journals.filter((entries) => entries.length > 0);
    if (begun.length > 0) return begun;
    const remedy = "name the store that was --store of zero-touch fleet";
    throw new SetupError("NO_JOURNAL", `${place} has no journal of a fleet.`, `No log ${JOURNALS}… is in it.`, remedy);
  });
}
