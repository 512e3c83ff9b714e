import { existsSync, rmSync } from "node:fs";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { type Paths, STACK } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { stopped } from "../local/localAzureProcess";
import { prepare } from "../preparedEngine";
import { checkArguments, checkCloud, pulumi, recover } from "../pulumi/devStack";
import { keptSettingsNote } from "../pulumi/keptSettings";
import { endOrphans } from "../pulumi/orphanProcesses";
import { otherStacks, readState } from "../pulumi/stackState";

/** Pulumi's closing advice, `pulumi stack rm dev`, would delete the committed Pulumi.dev.yaml: it is not passed on. */
export function withoutAdvice(line: string): string | undefined {
  const advice =
    /^(?:The resources in the stack have been deleted, but the history|If you want to remove the stack completely)/;
  return advice.test(line) ? undefined : line;
}

async function destroy(paths: Paths, genuine: boolean, rest: readonly string[]): Promise<void> {
  const prepared = await prepare(paths, { genuine });
  await recover(prepared, prepared.ready.subscriptionId);
  const own = ["destroy", "--yes", "--skip-preview", "--suppress-outputs", "--suppress-progress", "--stack", STACK];
  const code = await pulumi(prepared, [...own, ...rest], withoutAdvice);
  if (code !== 0) {
    throw new SetupError(
      "DESTROY_FAILED",
      `The stack ${STACK} could not be destroyed.`,
      `pulumi destroy ended with code ${code}.`,
      [
        "fix the errors above and run npm run down again",
        "npm run down -- --force: drops the local Azure and the stack's state without destroying (nothing real is touched)",
      ],
    );
  }
}

/**
 * `npm run down`: destroys the stack, stops the local Azure and removes `.local/`; caches stay. `--force` leaves out the
 * destroying, for a stack that cannot be opened any more, and ignores other stacks; without it, what other stacks need stays. It is no error to run it twice. Where
 * arguments for Pulumi (`--target`) left resources, the local Azure stays with them.
 */
export async function down(paths: Paths, args: Arguments): Promise<number> {
  const { rest } = args;
  checkArguments(rest);
  checkCloud(paths.root);
  const force = args.has("force");
  const state = force ? undefined : readState(paths);
  // One resource is the stack itself, which a run that failed before its first resource leaves.
  const isDeployed = state !== undefined && (state.resources > 1 || state.pending.length > 0);
  if (isDeployed) await destroy(paths, args.has("genuine-plugin"), rest);
  const left = isDeployed && rest.length > 0 ? (readState(paths)?.resources ?? 0) : 0;
  if (left > 0) {
    process.stdout.write(
      `${left} resources remain, as ${rest.join(" ")} says; the local Azure and .local/ stay with them.\n`,
    );
    return 0;
  }
  const others = force ? [] : otherStacks(paths);
  if (others.length > 0) {
    process.stdout.write(
      `The stack ${STACK} is down. The local Azure and .local/ stay, because other stacks are deployed there: ${others.join(", ")}.\n` +
        'Destroy it too (eval "$(npm run -s env)" && pulumi destroy), or drop everything: npm run down -- --force\n',
    );
    return 0;
  }
  await endOrphans(paths);
  const hasStopped = await stopped({ paths });
  // The stack goes with its backend's folder. `pulumi stack rm` would take Pulumi.dev.yaml too, which is committed.
  const there = existsSync(paths.local);
  rmSync(paths.local, { recursive: true, force: true, maxRetries: 5 });
  const done = [
    isDeployed ? `destroyed the stack ${STACK}` : "",
    hasStopped ? "stopped the local Azure" : "",
    "deleted .local/",
  ].filter((part) => part !== "");
  const sentence = done.join(", ");
  process.stdout.write(
    there ? `${sentence[0]?.toUpperCase()}${sentence.slice(1)}.\n` : "There is nothing to remove.\n",
  );
  process.stdout.write(keptSettingsNote(paths));
  return 0;
}
