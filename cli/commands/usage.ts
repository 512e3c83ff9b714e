import { SetupError } from "../../bootstrap/setupError.cjs";

/** What a command is for, and its options as lines of `option  what it does`. */
interface Usage {
  readonly line: string;
  readonly says: string;
  readonly options?: readonly string[];
}

const genuine = "--genuine-plugin  Pulumi's own azure-native plugin (a download of 200 MB) in place of the stand-in";
const onwards = (verb: string): string =>
  `anything else     goes to pulumi ${verb}; npm run pulumi -- ${verb} --help lists it`;

const USAGES: Readonly<Record<string, Usage>> = Object.freeze({
  up: {
    line: "npm run up [-- OPTIONS]",
    says: "Starts the local Azure, stands the dev stack up or brings it up to date, and shows what stands.",
    options: [genuine, onwards("up")],
  },
  preview: {
    line: "npm run preview [-- OPTIONS]",
    says: "Shows what npm run up would change.",
    options: [genuine, onwards("preview")],
  },
  "preview:report": {
    line: "npm run preview:report [-- OPTIONS]",
    says: "Reports a preview as Markdown for a review. Exit codes: docs/pull-requests.md.",
    options: [
      "--stack NAME      default dev, on the local Azure; any other one takes this shell's own environment",
      "--of KIND         preview (default), drift or destroy",
      "--from FILE       reports of what pulumi preview --json printed (- for stdin), and runs nothing",
      "--out FILE        writes the comment there, and the whole report into FILE.full.md (--full FILE: elsewhere)",
      "--limit N         characters that a comment may have",
      "--fail-on-destructive, --expect-no-changes",
      onwards("preview"),
    ],
  },
  "preview:comment": {
    line: "npm run preview:comment -- --file preview.md",
    says: "Posts a report as a comment of the pull request whose pipeline runs. See docs/pull-requests.md.",
  },
  down: {
    line: "npm run down [-- OPTIONS]",
    says: "Destroys the dev stack, stops the local Azure and removes .local/.",
    options: [
      "--force           leaves out the destroying, for a stack that cannot be opened any more; other stacks go as well",
      genuine,
      onwards("destroy"),
    ],
  },
  local: {
    line: "npm run local -- start [--azurite URL]|stop|status|reset|logs [--follow]|exec COMMAND…",
    says: "The local Azure by itself. reset empties it, and the dev stack with it.",
  },
  env: {
    line: 'eval "$(npm run -s env [-- OPTIONS])"',
    says: "Points a shell at the local Azure, which is started where it is not running.",
    options: [
      "--shell NAME      posix (default), fish, powershell, cmd",
      "--sign-in WAY     secret (default), certificate, oidc, managed-identity, none",
      "--preload         for Node clients that know no proxy, too",
      genuine,
    ],
  },
  telemetry: {
    line: "npm run telemetry [-- --device ID] [--hub NAME] [--json]",
    says: "Shows the messages that arrived at the hub, oldest first.",
  },
  setup: { line: "npm run setup", says: "Installs what is missing (packages, Pulumi CLI) and starts nothing." },
  check: { line: "npm run check", says: "Types, format and lint, dead code." },
  test: {
    line: "npm test",
    says: "Sets everything up and runs all checks and tests: some ten minutes.",
    options: ["One file: npx mocha --no-config -r ts-node/register --extension ts --timeout 300000 FILE"],
  },
  "test:clients": {
    line: "npm run test:clients",
    says: "Azure's own Python and Node SDKs and az, unmodified, against a local Azure of their own.",
  },
  doctor: {
    line: "npm run doctor [-- --json] [--stack NAME]",
    says: "Looks at everything that a deployment needs, and changes nothing.",
  },
  bench: {
    line: "npm run bench [-- --json] [SUITE…]",
    says: "Measures ratios; all suites take about a quarter of an hour. The suites are those of docs/bench.md.",
  },
});

/** What the command line offers beside the npm commands. */
export const OVERVIEW = `Zero-touch provisioning on Azure IoT.

Usage: zero-touch certs COMMAND [options]    make, sign, read and judge certificates
       zero-touch doctor [--json] [--stack NAME]    check everything that a deployment needs

zero-touch certs --help tells the commands of certificates.
`;

/** The text for `--help`; undefined for a command that has none, such as `pulumi`, whose arguments are all Pulumi's. */
export function usageOf(command: string): string | undefined {
  const usage = Object.hasOwn(USAGES, command) ? USAGES[command] : undefined;
  if (usage === undefined) return undefined;
  const options = (usage.options ?? []).map((option) => `  ${option}\n`).join("");
  return `Usage: ${usage.line}\n\n${usage.says}\n${options === "" ? "" : `\n${options}`}`;
}

/** Whether `--help` or `-h` is among a command's arguments. What follows `exec` belongs to the command that it runs. */
export function asksForHelp(args: readonly string[]): boolean {
  const own = args[0] === "exec" ? [] : args;
  return own.some((argument) => argument === "--help" || argument === "-h");
}

/** Refuses arguments that a command would pass over in silence. Errors: SetupError UNKNOWN_ARGUMENT. */
export function refuseRest(command: string, rest: readonly string[]): void {
  if (rest.length === 0) return;
  const usage = USAGES[command];
  throw new SetupError(
    "UNKNOWN_ARGUMENT",
    `Unknown argument: ${rest.join(" ")}`,
    [`It is: ${usage?.line ?? command}`, ...(command === "test" ? (usage?.options ?? []) : [])].join("\n"),
    [`npm run ${command} -- --help`],
  );
}
