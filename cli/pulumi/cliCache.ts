import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { alive, withLock } from "../../bootstrap/lock.cjs";
import type { Progress } from "../../bootstrap/progress.cjs";
import type { Paths } from "../checkoutPaths";
import { PINNED } from "./cliVersion";
import { type Cli, cliIn, preparedFolder } from "./pulumiCli";

/** Removes what killed runs left half made; `making-<pid>` belongs to a dead process then. */
export function clearHalfMade(cache: string, isAlive: (pid: number) => boolean = alive): void {
  for (const name of readdirSync(cache)) {
    const pid = /^making-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(cache, name), { recursive: true, force: true });
  }
}

/**
 * Makes the CLI's folder in the user's cache: `make` fills a folder beside the final place, which is then renamed, so that
 * a killed run leaves nothing that looks whole. Two runs take turns; the second finds the work of the first. `make`
 * returns the folder that holds the executables, undefined when it could not make them.
 */
export async function prepared(
  paths: Pick<Paths, "cache">,
  step: Progress,
  make: (folder: string) => Promise<string | undefined>,
): Promise<Cli | undefined> {
  const { cache } = paths;
  mkdirSync(cache, { recursive: true });
  const final = join(cache, `pulumi-${PINNED}`);
  const waiting = (holder: number) => step.update(`waiting for process ${holder}, which does the same`);
  return withLock(
    join(cache, "cli.lock"),
    async () => {
      const there = cliIn(preparedFolder(cache));
      if (there !== undefined) return there;
      clearHalfMade(cache);
      const making = join(cache, `making-${process.pid}`);
      try {
        mkdirSync(making);
        const made = await make(making);
        if (made === undefined || cliIn(made) === undefined) return undefined;
        const whole = join(making, "whole");
        cpSync(made, join(whole, "bin"), { recursive: true });
        rmSync(final, { recursive: true, force: true });
        renameSync(whole, final);
        return cliIn(preparedFolder(cache));
      } finally {
        rmSync(making, { recursive: true, force: true });
      }
    },
    { waiting },
  );
}
