import { join } from "node:path";
import { npmScript, outward } from "../../bootstrap/install.cjs";
import { progress } from "../../bootstrap/progress.cjs";
import type { Paths } from "../checkoutPaths";
import { output } from "../runProgram";
import { prepared } from "./cliCache";
import { PINNED } from "./cliVersion";
import type { Cli } from "./pulumiCli";

/** Where the npm package `pulumi` takes its install script from; asked first, to fail within seconds and not minutes. */
const SITE = "https://get.pulumi.com/";

/** Milliseconds that the site may take to respond. */
const TIMEOUT_MS = 4000;

/** Whether Pulumi's site responds to the same `fetch` that its downloader uses. */
export async function isSiteReachable(fetched: typeof fetch = fetch): Promise<boolean> {
  try {
    return (await fetched(SITE, { method: "HEAD", signal: AbortSignal.timeout(TIMEOUT_MS) })).status < 500;
  } catch {
    return false;
  }
}

/**
 * The CLI by Pulumi's own downloader, the npm package `pulumi` in the pinned version, into the user's cache folder.
 * Undefined, with the reason noted, where the site or the package cannot be reached.
 */
export async function downloadedCli(
  paths: Pick<Paths, "cache">,
  environment: NodeJS.ProcessEnv,
  note: (reason: string) => void,
): Promise<Cli | undefined> {
  const script = npmScript(environment, process.execPath);
  const step = progress("Downloading the Pulumi CLI");
  try {
    if (script === null || !(await isSiteReachable())) {
      note(`Pulumi's download site (${SITE}) cannot be reached`);
      return undefined;
    }
    const cli = await prepared(paths, step, async (folder) => {
      const env = {
        ...outward(environment),
        PULUMI_HOME: folder,
        PULUMI_VERSION: PINNED,
        PULUMI_SKIP_UPDATE_CHECK: "true",
      };
      const args = [script, "exec", "--yes", `--package=pulumi@${PINNED}`, "--", "pulumi", "version"];
      await output(process.execPath, args, { cwd: folder, env });
      return join(folder, "versions", PINNED, "bin");
    });
    if (cli !== undefined) step.done();
    return cli;
  } catch (error) {
    note(`Pulumi's downloader failed: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  } finally {
    step.quiet();
  }
}
