import { join, resolve } from "node:path";
import { processContext } from "../certs/processContext";
import type { Paths } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { runClaimedShard, storedJournals } from "../fleet/claimedShard";
import { readJournals, shardFolder } from "../fleet/fleetFolder";
import { reportOf, reportText } from "../fleet/fleetReport";
import { fleetTarget } from "../fleet/fleetTarget";
import { readShard } from "../fleet/shard";
import { interrupted, runShard } from "../fleet/shardRun";
import { uninterrupted } from "../fleet/uninterrupted";

/**
 * `zero-touch fleet`: registers many devices of one enrollment group and sends their messages. A run continues where the one before
 * it ended. Exit code 1 if a device failed, 130 if it was interrupted.
 */
export async function fleet(paths: Paths, args: Arguments): Promise<number> {
  const out = resolve(args.text("out") ?? join(paths.local, "fleet"));
  const context = processContext();
  const shard = readShard(args.text("shard"));
  const target = await uninterrupted(context.signal, () => fleetTarget(paths, args, process.env));
  if (target === undefined) return interrupted(shardFolder(out, shard));
  const store = args.text("store");
  if (store !== undefined) return runClaimedShard({ store, args, context, target, out });
  return runShard({ args, context, target, shard, folder: shardFolder(out, shard) });
}

/** `zero-touch fleet report FOLDER`: one report of the shards of a fleet. Exit code 1 if a device failed or is left. */
export async function fleetReport(_paths: Paths, args: Arguments): Promise<number> {
  const [place = ""] = args.operands;
  const report = reportOf((await storedJournals(place)) ?? readJournals(resolve(place)));
  process.stdout.write(args.has("json") ? `${JSON.stringify(report)}\n` : reportText(report));
  return report.failed + report.left + report.missingShards.length > 0 ? 1 : 0;
}
