import { SetupError } from "../bootstrap/setupError.cjs";
import { type Paths, pathsOf } from "./checkoutPaths";
import { asksForHelp, OVERVIEW, usageOf } from "./commands/usage";

/** A command: its arguments are those after its name; it answers the exit code. */
type Command = (paths: Paths, args: readonly string[]) => Promise<number>;

/**
 * Every command, loaded when it is called: `npm run up` must not pay for the others. By `require`, because an `import()` in
 * CommonJS goes to the loader of ES modules, which knows no TypeScript.
 */
const COMMANDS: Readonly<Record<string, () => Command>> = Object.freeze({
  up: () => (require("./commands/up") as typeof import("./commands/up")).up,
  preview: () => (require("./commands/preview") as typeof import("./commands/preview")).preview,
  "preview:report": () =>
    (require("./commands/previewReport") as typeof import("./commands/previewReport")).previewReport,
  "preview:comment": () =>
    (require("./commands/previewComment") as typeof import("./commands/previewComment")).previewComment,
  pulumi: () => (require("./commands/pulumi") as typeof import("./commands/pulumi")).pulumi,
  down: () => (require("./commands/down") as typeof import("./commands/down")).down,
  local: () => (require("./commands/local") as typeof import("./commands/local")).local,
  env: () => (require("./commands/env") as typeof import("./commands/env")).env,
  telemetry: () => (require("./commands/telemetry") as typeof import("./commands/telemetry")).telemetry,
  setup: () => (require("./commands/setup") as typeof import("./commands/setup")).setup,
  check: () => (require("./commands/check") as typeof import("./commands/check")).check,
  test: () => (require("./commands/test") as typeof import("./commands/test")).test,
  "test:clients": () => (require("./commands/testClients") as typeof import("./commands/testClients")).testClients,
  doctor: () => (require("./commands/doctor") as typeof import("./commands/doctor")).doctor,
  bench: () => (require("./commands/bench") as typeof import("./commands/bench")).bench,
  certs: () => (require("./commands/certs") as typeof import("./commands/certs")).certs,
});

/** Runs the command that the first argument names; answers the exit code. Errors: SetupError UNKNOWN_COMMAND. */
export async function runCommand(args: readonly string[]): Promise<number> {
  const [name = "--help", ...rest] = args;
  if (name === "--help" || name === "-h") {
    process.stdout.write(OVERVIEW);
    return 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) {
    const known = Object.keys(COMMANDS).join(", ");
    throw new SetupError("UNKNOWN_COMMAND", `There is no command "${name}".`, `Known are: ${known}.`, "npm run up");
  }
  // Asked before anything is loaded: a `--help` that went on to Pulumi had `down` destroy and `reset` empty all the same.
  const usage = asksForHelp(rest) ? usageOf(name) : undefined;
  if (usage === undefined) return load()(pathsOf(), rest);
  process.stdout.write(usage);
  return 0;
}
