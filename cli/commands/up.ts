import { type Paths, STACK } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { type StoredEvent, storedEvents } from "../local/controlClient";
import type { Ready } from "../local/readyFile";
import { prepare } from "../preparedEngine";
import { checkArguments, pulumi, recover } from "../pulumi/devStack";
import { checkPrefix } from "../pulumi/prefixChange";
import { readState } from "../pulumi/stackState";
import { type Outputs, summary } from "../upSummary";

/** What the hub stored of each device in the outputs. */
async function arrivals(ready: Ready, outputs: Outputs): Promise<ReadonlyMap<string, readonly StoredEvent[]>> {
  const { hubName, devices = [] } = outputs;
  if (hubName === undefined) return new Map();
  const found = devices.map(
    async ({ deviceId }) => [deviceId, await storedEvents(ready, hubName, { deviceId })] as const,
  );
  return new Map(await Promise.all(found));
}

/** `npm run up`: all set-up, `pulumi up`, one summary. Further arguments go to `pulumi up`. */
export async function up(paths: Paths, args: Arguments): Promise<number> {
  const { rest } = args;
  checkArguments(rest);
  const prepared = await prepare(paths, { genuine: args.has("genuine-plugin") });
  await recover(prepared, prepared.ready.subscriptionId);
  checkPrefix(paths);
  // The outputs are left to the summary, which says more: what arrived at the hub is not Pulumi's to know.
  const own = ["up", "--yes", "--skip-preview", "--suppress-outputs", "--suppress-progress", "--stack", STACK];
  const code = await pulumi(prepared, [...own, ...rest]);
  if (code !== 0) return code;
  const outputs: Outputs = readState(paths)?.outputs ?? {};
  process.stdout.write(summary(outputs, await arrivals(prepared.ready, outputs)));
  return 0;
}
