import { SetupError } from "../bootstrap/setupError.cjs";
import { type Paths, pathsOf } from "./checkoutPaths";
import { Arguments, readArguments } from "./commandLine";
import { COMMAND_RULES } from "./commandRules";
import { asksForHelp, type CommandRule, helpText } from "./commandUsage";

/** A command; returns its exit code. */
type Command = (paths: Paths, args: Arguments) => Promise<number>;

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
  "local start": () => (require("./commands/local") as typeof import("./commands/local")).localStart,
  "local stop": () => (require("./commands/local") as typeof import("./commands/local")).localStop,
  "local status": () => (require("./commands/local") as typeof import("./commands/local")).localStatus,
  "local reset": () => (require("./commands/local") as typeof import("./commands/local")).localReset,
  "local logs": () => (require("./commands/local") as typeof import("./commands/local")).localLogs,
  "local exec": () => (require("./commands/local") as typeof import("./commands/local")).localExec,
  env: () => (require("./commands/env") as typeof import("./commands/env")).env,
  "operator verify": () =>
    (require("./commands/operatorVerify") as typeof import("./commands/operatorVerify")).operatorVerify,
  "operator authority": () =>
    (require("./commands/operatorAuthority") as typeof import("./commands/operatorAuthority")).operatorAuthority,
  "operator authorize": () =>
    (require("./commands/operatorAuthority") as typeof import("./commands/operatorAuthority")).operatorAuthorize,
  "operator serve": () =>
    (require("./commands/operatorServe") as typeof import("./commands/operatorServe")).operatorServe,
  operator: () => (require("./commands/operator") as typeof import("./commands/operator")).operator,
  devices: () => (require("./commands/devices") as typeof import("./commands/devices")).devices,
  "fleet report": () => (require("./commands/fleet") as typeof import("./commands/fleet")).fleetReport,
  fleet: () => (require("./commands/fleet") as typeof import("./commands/fleet")).fleet,
  telemetry: () => (require("./commands/telemetry") as typeof import("./commands/telemetry")).telemetry,
  setup: () => (require("./commands/setup") as typeof import("./commands/setup")).setup,
  check: () => (require("./commands/check") as typeof import("./commands/check")).check,
  test: () => (require("./commands/test") as typeof import("./commands/test")).test,
  "test:clients": () => (require("./commands/testClients") as typeof import("./commands/testClients")).testClients,
  "test:fuzz": () => (require("./commands/testFuzz") as typeof import("./commands/testFuzz")).testFuzz,
  "test:kills": () => (require("./commands/testKills") as typeof import("./commands/testKills")).testKills,
  "test:package": () => (require("./commands/testPackage") as typeof import("./commands/testPackage")).testPackage,
  doctor: () => (require("./commands/doctor") as typeof import("./commands/doctor")).doctor,
  build: () => (require("./commands/build") as typeof import("./commands/build")).build,
  bench: () => (require("./commands/bench") as typeof import("./commands/bench")).bench,
  certs: () => (require("./commands/certs") as typeof import("./commands/certs")).certs,
});

const OVERVIEW = `Zero-touch provisioning on Azure IoT.

Usage: zero-touch certs COMMAND [options]    make, sign, read and check certificates
       zero-touch doctor [--json] [--stack NAME]    check everything that a deployment needs
       zero-touch fleet [options]    register many devices, and let them send telemetry

zero-touch certs --help lists the commands of certificates. In a checkout, npm run COMMAND:

${Object.entries(COMMAND_RULES)
  .filter(([name]) => !name.includes(" "))
  .map(([name, { about }]): [string, string] => [name, about.split(/(?<=\.)\s/, 1)[0] ?? ""])
  .concat([["pulumi", "Runs the same Pulumi CLI in this shell's own environment."]])
  .map(([name, about]) => `  ${name.padEnd(17)}${about.replaceAll("\n", " ")}\n`)
  .join("")}`;

/** Reads the arguments of a command. Errors: SetupError UNKNOWN_ARGUMENT with every error of the line. */
export function argumentsOf(name: string, rule: CommandRule, words: readonly string[]): Arguments {
  const { args, errors } = readArguments(rule, words);
  if (errors.length === 0) return args;
  const remedy = rule.usage.startsWith("npx ")
    ? `npx zero-touch ${name} --help`
    : `npm run ${name.split(" ")[0]} -- --help`;
  throw new SetupError("UNKNOWN_ARGUMENT", `Wrong arguments of ${name}.`, errors.join("\n"), remedy);
}

/** Commands with actions, such as `local start`, and what their errors call them. */
const AREAS: Readonly<Record<string, string>> = Object.freeze({
  local: "The local Azure",
  operator: "The operator endpoint",
  fleet: "The fleet",
});

function unknown(name: string): SetupError {
  const [area = "", action = ""] = name.split(" ");
  if (Object.hasOwn(AREAS, area)) {
    const actions = Object.keys(COMMANDS).flatMap((each) => each.split(`${area} `)[1] ?? []);
    const what = `${AREAS[area]} has no action "${action}".`;
    return new SetupError("UNKNOWN_ACTION", what, `Actions: ${actions.join(", ")}.`, `npm run ${area} -- --help`);
  }
  const known = Object.keys(COMMANDS).join(", ");
  return new SetupError("UNKNOWN_COMMAND", `There is no command "${name}".`, `Commands: ${known}.`, "npm run up");
}

/** Runs the command that the first argument names; returns the exit code. Errors: SetupError UNKNOWN_COMMAND, UNKNOWN_ACTION. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const [first = "--help"] = argv;
  if (asksForHelp([first])) {
    process.stdout.write(OVERVIEW);
    return 0;
  }
  const ownsAction = Object.hasOwn(AREAS, first) && argv[1]?.startsWith("-") === false;
  const [name, words] = ownsAction ? [`${first} ${argv[1]}`, argv.slice(2)] : [first, argv.slice(1)];
  const rule = Object.hasOwn(COMMAND_RULES, name) ? COMMAND_RULES[name] : undefined;
  // Before anything is loaded: `--help` never reaches a command, which might destroy or reset all the same.
  if (rule !== undefined && asksForHelp(words)) {
    process.stdout.write(helpText(rule));
    return 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (rule !== undefined && load === undefined) {
    process.stderr.write(helpText(rule));
    return 2;
  }
  if (load === undefined) throw unknown(name);
  return load()(pathsOf(), rule === undefined ? new Arguments([], words) : argumentsOf(name, rule, words));
}
