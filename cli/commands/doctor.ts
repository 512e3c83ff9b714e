import { progress } from "../../bootstrap/progress.cjs";
import { SetupError } from "../../bootstrap/setupError.cjs";
import type { DoctorContext } from "../../doctor/doctorContext";
import { jsonReport, textReport } from "../../doctor/doctorReport";
import { examine, worst } from "../../doctor/examine";
import { type Configuration, liveContext } from "../../doctor/liveContext";
import { type Paths, PROJECT } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { pathVariable } from "../local/localEnvironment";
import { readReady } from "../local/readyFile";
import { sources } from "../pulumi/cliSources";
import { type Cli, executable } from "../pulumi/pulumiCli";
import { output } from "../runProgram";

/** The CLI that is there already: the doctor changes nothing, so it downloads and builds none. */
async function presentCli(paths: Paths, note: (reason: string) => void): Promise<Cli | undefined> {
  for (const source of sources(paths, process.env).filter(
    ({ name }) => name === "PATH" || name === "the cache folder",
  )) {
    const cli = await source.find(note);
    if (cli !== undefined) return cli;
  }
  return undefined;
}

/** One value of `pulumi config --json`; secrets come without one. */
interface Configured {
  readonly value?: string;
  readonly objectValue?: unknown;
}

/** The configuration as `pulumi config --json` writes it, defaults of Pulumi.yaml included. */
export function parseConfiguration(text: string): Readonly<Record<string, string>> {
  const entries = Object.entries(JSON.parse(text) as Readonly<Record<string, Configured>>);
  return Object.fromEntries(
    entries.flatMap(([key, { value, objectValue }]) => {
      const found = objectValue === undefined ? value : JSON.stringify(objectValue);
      return found === undefined ? [] : [[key, found] as const];
    }),
  );
}

/** How to check the local Azure, where it runs and the shell does not point at it; empty otherwise. */
export function localAzureHint({ env, localAzure }: Pick<DoctorContext, "env" | "localAzure">): string {
  if (env.ZERO_TOUCH_CLOUD === "local" || localAzure() === undefined) return "";
  return (
    "The local Azure of this checkout runs, and this shell does not point at it: this checks Azure itself.\n" +
    'To check the local Azure: eval "$(npm run -s env)" and then npm run doctor\n\n'
  );
}

/** What the doctor examines: this process's environment, and the configuration of a stack (default the selected one). */
export function doctorContext(paths: Paths, named?: string): DoctorContext {
  const notes: string[] = [];
  const found = presentCli(paths, (reason) => notes.push(reason));
  const pulumi = async (...words: readonly string[]): Promise<string> => {
    const cli = await found;
    if (cli === undefined) throw new Error("there is no Pulumi CLI yet");
    const name = pathVariable(process.env);
    const env = {
      ...process.env,
      [name]: `${cli.folder}${process.platform === "win32" ? ";" : ":"}${process.env[name] ?? ""}`,
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    const asked = output(cli.file, [...words, "--non-interactive"], { cwd: paths.root, env, timeout: 30_000 });
    // Of a failed program the reason says more than that it failed.
    return (
      await asked.catch((error) => Promise.reject(error instanceof SetupError ? new Error(error.why) : error))
    ).trim();
  };
  const configuration = async (): Promise<Configuration> => {
    const stack = named ?? (await pulumi("stack", "--show-name"));
    return { stack, values: parseConfiguration(await pulumi("config", "--json", "--stack", stack)) };
  };
  return liveContext(process.env, {
    project: PROJECT,
    configuration,
    localAzure: () => readReady(paths.azure)?.pid,
    pulumi: async () => ({ version: (await found) === undefined ? undefined : await pulumi("version"), notes }),
    go: () =>
      output(executable("go"), ["version"], { timeout: 10_000 }).then(
        (text) => /go(\d[\d.]*)/.exec(text)?.[1],
        () => undefined,
      ),
  });
}

/**
 * `npm run doctor [-- --json] [--stack NAME]`, `npx zero-touch doctor`: checks everything that a deployment needs before
 * anything is made, on Azure or, in a shell that points at it, the local Azure. Exit code 1 when there is a failure.
 */
export async function doctor(paths: Paths, args: Arguments): Promise<number> {
  const json = args.has("json");
  const context = doctorContext(paths, args.text("stack"));
  if (!json) process.stdout.write(localAzureHint(context));
  // Sign-in alone may take long without a network.
  const step = json ? undefined : progress("Looking at tools, network and Azure");
  const sections = await examine(context).finally(() => step?.quiet());
  process.stdout.write(json ? jsonReport(sections) : textReport(sections));
  return worst(sections) === "fail" ? 1 : 0;
}
