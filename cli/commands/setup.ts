import type { Paths } from "../checkoutPaths";
import { readyCli } from "../pulumi/cliSources";

/** `npm run setup`: installs what is missing (packages, Pulumi CLI) and starts nothing. */
export async function setup(paths: Paths): Promise<number> {
  const cli = await readyCli(paths, process.env);
  process.stdout.write(`Ready: packages are installed, the Pulumi CLI is ${cli.file}\n`);
  return 0;
}
