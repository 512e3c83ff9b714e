import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { PENDING_CREATES, pendingCreates, removePendingCreate } from "../../emulator/contract/pendingCreates";
import { type Paths, PROJECT, STACK } from "../checkoutPaths";
import { applied, backendVariables } from "../local/localEnvironment";
import { type LineFilter, output, run } from "../runProgram";
import { knownErrorOf } from "./engineErrors";
import { endOrphans } from "./orphanProcesses";
import { type ExportedStack, settled } from "./pendingOperations";
import type { Cli } from "./pulumiCli";
import { freeStack } from "./stackLock";
import { dropAttributes, readState, stateFile } from "./stackState";

/** A CLI with the environment in which it works on the local Azure. */
export interface Engine {
  readonly cli: Cli;
  readonly env: NodeJS.ProcessEnv;
  readonly paths: Paths;
}

/** A setting in the text of a Pulumi.STACK.yaml; undefined if it is empty or not set. */
export function settingOf(settings: string, key: string): string | undefined {
  const found = new RegExp(`^\\s+["']?${PROJECT}:${key}["']?:\\s*["']?([^"'#\\s]+)`, "m").exec(settings);
  return found?.[1];
}

/** The cloud that a stack's settings name; undefined where they name none. */
export const cloudOf = (settings: string): string | undefined => settingOf(settings, "cloud");

/** Refuses settings of the stack `dev` that point at a real cloud. Errors: SetupError STACK_OF_ANOTHER_CLOUD. */
export function checkCloud(root: string): void {
  const file = join(root, `Pulumi.${STACK}.yaml`);
  const cloud = existsSync(file) ? cloudOf(readFileSync(file, "utf8")) : undefined;
  if (cloud === undefined || cloud === "local") return;
  throw new SetupError(
    "STACK_OF_ANOTHER_CLOUD",
    `The stack ${STACK} is set to the cloud "${cloud}", and these commands work on the local Azure only.`,
    `Pulumi.${STACK}.yaml has ${PROJECT}:cloud: ${cloud}.`,
    [
      `git checkout -- Pulumi.${STACK}.yaml`,
      "for a real subscription: pulumi stack init NAME, and pulumi up with your own sign-in",
    ],
  );
}

/** Refuses `--stack` of another name among a user's arguments. Errors: SetupError STACK_OF_ANOTHER_CLOUD. */
export function checkArguments(args: readonly string[]): void {
  for (const [index, argument] of args.entries()) {
    const match = /^(?:--stack|-s)(?:=(.*))?$/.exec(argument);
    const name = match === null ? undefined : (match[1] ?? args[index + 1]);
    if (match === null || name === STACK) continue;
    throw new SetupError(
      "STACK_OF_ANOTHER_CLOUD",
      `These commands drive the stack ${STACK} on the local Azure, not ${name ?? "another one"}.`,
      "A stack of another cloud needs your own sign-in, backend and passphrase, which they would replace.",
      `pulumi up --stack ${name ?? "NAME"} in a shell without the local environment`,
    );
  }
}

/** Creates the folder of Pulumi's file backend, readable by its owner only. */
export function ensureBackend(paths: Paths): void {
  mkdirSync(paths.state, { recursive: true, mode: 0o700 });
}

/**
 * Creates and selects the stack `dev` where it does not exist; runs the CLI only then, and no cloud is needed. Errors:
 * SetupError WRONG_PASSPHRASE for a Pulumi.dev.yaml of another passphrase.
 */
export async function ensureStack(cli: Cli, paths: Paths): Promise<void> {
  if (existsSync(stateFile(paths))) return;
  const unset = ["PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_STACK", "PULUMI_CONFIG"];
  const env = applied(process.env, { set: backendVariables(paths), unset });
  try {
    await output(cli.file, ["stack", "init", STACK, "--non-interactive"], { cwd: paths.root, env });
  } catch (error) {
    const known = error instanceof SetupError ? error.why.split("\n").map(knownErrorOf) : [];
    throw known.find((each) => each !== undefined) ?? error;
  }
}

/**
 * Runs the CLI in the foreground; returns its exit code. Known errors in its stderr become one clear SetupError. A `stdout`
 * filter takes the terminal from it: colours are asked for where we have one, but it writes line by line.
 */
export async function pulumi(
  { cli, env, paths }: Engine,
  args: readonly string[],
  stdout?: LineFilter,
): Promise<number> {
  let knownError: SetupError | undefined;
  const colours = stdout !== undefined && process.stdout.isTTY === true && env.NO_COLOR === undefined;
  const code = await run(cli.file, colours ? [...args, "--color", "always"] : args, {
    cwd: paths.root,
    // Three garbage collections in a preview in place of twelve, for 30 MB: 0.2 s of the processor.
    env: { GOGC: "400", [PENDING_CREATES]: pendingFolder(paths), ...env },
    ...(stdout === undefined ? {} : { stdout }),
    stderr: (line) => {
      knownError ??= knownErrorOf(line);
      return knownError === undefined ? line : undefined;
    },
  });
  if (code === 0) rmSync(pendingFolder(paths), { recursive: true, force: true });
  else dropRecorded(paths);
  if (knownError !== undefined && code !== 0) throw knownError;
  return code;
}

/** Where the stand-in writes what it began to create. */
const pendingFolder = ({ local }: Pick<Paths, "local">): string => join(local, "begun-creates");

/** Forgets the begun creates whose resources the state has. */
function dropRecorded(paths: Paths): void {
  const folder = pendingFolder(paths);
  const begun = pendingCreates(folder);
  if (begun.length === 0) return;
  const urns = readState(paths)?.urns;
  for (const create of begun) if (urns?.has(create.urn)) removePendingCreate(folder, create);
}

/** A state as Pulumi's file backend keeps it. */
interface StateFile {
  readonly version: number;
  readonly checkpoint: { readonly latest?: ExportedStack["deployment"] };
}

/** Writes the state with its open operations settled; the CLI checks it as it takes it in. */
async function settleState({ cli, env, paths }: Engine, subscriptionId: string): Promise<void> {
  const where = { cwd: paths.root, env };
  const file = join(paths.local, "settled.json");
  const creates = pendingCreates(pendingFolder(paths));
  // What `pulumi stack export` gives, which takes a second.
  const { version, checkpoint } = JSON.parse(readFileSync(stateFile(paths), "utf8")) as StateFile;
  const state = settled({ version, deployment: checkpoint.latest ?? {} }, { subscriptionId, now: new Date(), creates });
  writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
  try {
    await output(cli.file, ["stack", "import", "--stack", STACK, "--file", file], where);
  } finally {
    rmSync(file, { force: true });
  }
}

/**
 * Goes on from a killed run: waits up to `patience` milliseconds (default two minutes) for a live one; locks of dead processes are released, plugins without an engine are ended, and operations
 * whose end is unknown are settled with a refresh. Costs two file reads where there is nothing to do.
 */
export async function recover(engine: Engine, subscriptionId: string, patience?: number): Promise<void> {
  dropAttributes(engine.paths);
  const killed = await freeStack(engine.paths, { patience });
  dropRecorded(engine.paths);
  const pending = readState(engine.paths)?.pending ?? [];
  const open = pending.length + pendingCreates(pendingFolder(engine.paths)).length;
  if (!killed && open === 0) return;
  process.stderr.write("The last run was interrupted; going on from where it was.\n");
  await endOrphans(engine.paths);
  if (open === 0) return;
  await settleState(engine, subscriptionId);
  const code = await pulumi(engine, [
    "refresh",
    "--yes",
    "--skip-preview",
    "--suppress-outputs",
    "--suppress-progress",
    "--stack",
    STACK,
  ]);
  if (code === 0) return;
  throw new SetupError(
    "RECOVERY_FAILED",
    "What the interrupted run left open could not be settled.",
    `pulumi refresh ended with code ${code}; see its output above.`,
    [
      "fix the errors above and run this again",
      "npm run down -- --force, then npm run up: starts again on an empty local Azure",
    ],
  );
}
