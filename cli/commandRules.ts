import { TRANSPORTS } from "../azure/devices/device";
import { SHELLS } from "../emulator/contract/shellExports";
import type { CommandRule, OptionRule } from "./commandUsage";
import { FLEET_OPTIONS } from "./fleet/fleetOptions";
import { SIGN_IN_WAYS } from "./local/signInVariables";
import { AUTHORITY_OPTIONS, AUTHORIZE_OPTIONS } from "./operator/authorityOptions";

const GENUINE: Readonly<Record<string, OptionRule>> = {
  "genuine-plugin": {
    about: "Pulumi's own azure-native plugin (a download of 200 MB) in place of the stand-in",
  },
};

/** A command of the local Azure. */
const local = (options: CommandRule["options"] = {}): CommandRule => ({
  usage: "npm run local -- start [--azurite URL]|stop|status|reset|logs [--follow]|exec COMMAND…",
  about:
    "Controls the local Azure. reset empties it, and the dev stack with it. exec runs a command in a network namespace where\nAzure's names are the local Azure.",
  options,
});

/** A command of the operator endpoint. */
const OPERATOR: Readonly<Record<string, OptionRule>> = {
  instance: { value: "NAME", about: "default zt01; several instances share one store" },
  port: { value: "N", about: "default a free port, which is kept, 0 for any free one", from: 0 },
  "store-wait": {
    value: "SECONDS",
    about: "for a store that does not respond, before a session ends; default 12",
    from: 1,
  },
  authority: { value: "FILE", about: "certificate of the support authority; default .local/operator/authority.crt" },
  transcripts: {
    value: "URL",
    about:
      "where transcripts may be moved to, with commas between; default the account of a store in Blob Storage, or anywhere",
  },
};

/** What each command takes. A command without a rule reads its own arguments: `pulumi`, `certs` and `local exec`. */
export const COMMAND_RULES: Readonly<Record<string, CommandRule>> = Object.freeze({
  up: {
    usage: "npm run up [-- OPTIONS]",
    about: "Starts the local Azure, creates or updates the dev stack, and shows the result.",
    options: GENUINE,
    passesTo: "pulumi up",
  },
  preview: {
    usage: "npm run preview [-- OPTIONS]",
    about: "Shows what npm run up would change.",
    options: GENUINE,
    passesTo: "pulumi preview",
  },
  "preview:report": {
    usage: "npm run preview:report [-- OPTIONS]",
    about: "Reports a preview as Markdown for a review. Exit codes: docs/pull-requests.md.",
    options: {
      stack: {
        value: "NAME",
        short: "s",
        about: "default dev, on the local Azure; any other one uses this shell's own environment",
      },
      of: { value: "KIND", about: "default preview", choices: ["preview", "drift", "destroy"] },
      from: { value: "FILE", about: "reports what pulumi preview --json printed (- for stdin), and runs nothing" },
      out: { value: "FILE", about: "writes the comment there, and the whole report to FILE.full.md" },
      full: { value: "FILE", about: "where the whole report goes; needs --out" },
      limit: { value: "N", about: "characters that a comment may have", from: 1000 },
      "fail-on-destructive": { about: "exit code 3 when something is deleted or replaced" },
      "expect-no-changes": { about: "exit code 4 when something changes" },
    },
    passesTo: "pulumi preview",
  },
  "preview:comment": {
    usage: "npm run preview:comment -- --file preview.md",
    about: "Posts a report as a comment on the pull request of the running pipeline. See docs/pull-requests.md.",
    options: {
      file: { value: "FILE", about: "the report", required: true },
      issue: { value: "TITLE", about: "as an open issue instead (GitHub)" },
      close: { about: "closes that issue (GitHub)" },
    },
  },
  down: {
    usage: "npm run down [-- OPTIONS]",
    about: "Destroys the dev stack, stops the local Azure and removes .local/.",
    options: {
      force: { about: "destroys nothing first, for a stack that cannot be opened any more; other stacks go as well" },
      ...GENUINE,
    },
    passesTo: "pulumi destroy",
  },
  "local start": local({
    azurite: { value: "URL", about: "where Azurite listens on this machine, or its port; none: no longer" },
  }),
  "local stop": local(),
  "local status": local(),
  "local reset": local(),
  "local logs": local({ follow: { about: "prints new lines as they come" } }),
  local: local(),
  env: {
    usage: 'eval "$(npm run -s env [-- OPTIONS])"',
    about: "Points a shell at the local Azure, which is started if it is not running.",
    options: {
      shell: { value: "NAME", about: "default posix (sh, bash, zsh)", choices: SHELLS },
      "sign-in": { value: "WAY", about: "default secret", choices: SIGN_IN_WAYS },
      preload: { about: "also for Node clients that support no proxy" },
      ...GENUINE,
    },
  },
  "operator verify": {
    usage: "npx zero-touch operator verify FILE|FOLDER|STORE… [OPTIONS]",
    about:
      "Verifies transcripts of operator sessions: files *.jsonl, folders of them, a store.db, or the URL of a container. Exit code 1\nwhere one is altered, cut off, missing, or signed by an unknown instance.",
    operands: "FILE|FOLDER|STORE…",
    options: {
      key: { value: "FILE", about: "public keys of the instances; default those of this checkout" },
      fingerprint: { value: "SHA256:…", about: "fingerprints of the instances' keys instead, with commas between" },
      all: { about: "lists each transcript, also where more than five are of a kind" },
      json: { about: "one JSON object a line, for each" },
    },
  },
  "operator authority": {
    usage: "npx zero-touch operator authority --name CN --out FILE (--key-out FILE | --key FILE) [OPTIONS]",
    about: "Makes the key and the certificate of a support authority, which authorizes support sessions.",
    options: AUTHORITY_OPTIONS,
  },
  "operator authorize": {
    usage: "npx zero-touch operator authorize --authority FILE --key FILE [OPTIONS] [TOKEN]",
    about:
      "Authorizes the request token of Get-SupportSessionToken, and prints the response token for Unlock-SupportSession. For the\nsupport authority, on a machine of its own. Without TOKEN it reads standard input.",
    operands: "TOKEN",
    areOperandsOptional: true,
    options: AUTHORIZE_OPTIONS,
  },
  "operator serve": {
    usage: "npx zero-touch operator serve [OPTIONS]",
    about:
      "Serves the operator endpoint of a stack, in this shell's environment: sign-in, backend and passphrase of pulumi up.",
    options: {
      stack: { value: "NAME", about: "default dev" },
      host: { value: "ADDRESS", about: "address to listen on; default 127.0.0.1" },
      folder: { value: "FOLDER", about: "store, keys and logs; default .local/operator" },
      configuration: {
        value: "PLACE",
        about: "where instances share the stack's configuration; default file, its Pulumi.STACK.yaml",
        choices: ["file", "backend"],
      },
      store: { value: "ADDRESS", about: "URL of a blob container, or a SQLite file; default FOLDER/store.db" },
      "administrator-key": {
        value: "KEY",
        about: "SSH public key of the first administrator; default a new key in FOLDER",
      },
      ...OPERATOR,
    },
  },
  operator: {
    usage: "npm run operator [-- OPTIONS]",
    about:
      "Serves the operator endpoint of the dev stack over SSH, until Ctrl+C (docs/operator.md). npx zero-touch operator serve serves\nanother stack, verify verifies transcripts; authority and authorize are for whoever unlocks support sessions.",
    options: OPERATOR,
  },
  devices: {
    usage: "npm run devices [-- OPTIONS]",
    about:
      "Lets the sample devices of the dev stack send telemetry and respond to their hub, by their own certificates, until Ctrl-C.",
    options: {
      transport: { value: "NAME", about: "default the devices' own", choices: TRANSPORTS },
      interval: { value: "SECONDS", about: "between two messages of a device; default 5", from: 1 },
      count: { value: "N", about: "messages of each device; default: until Ctrl-C", from: 1 },
      device: { value: "ID", about: "one device only" },
    },
  },
  "fleet report": {
    usage: "npx zero-touch fleet report FOLDER|STORE [OPTIONS]",
    about: "Reports on a fleet from the journals of its shards, in a folder or in the store of --store.",
    operands: "FOLDER|STORE",
    options: { json: { about: "the report as JSON" } },
  },
  fleet: {
    usage: "npm run fleet [-- OPTIONS], or npx zero-touch fleet [OPTIONS]",
    about:
      "Registers many devices of one enrollment group by their own certificates, and lets them send telemetry (docs/fleet.md).\nA run that was interrupted or killed continues when it is started again. Exit code 1 if a device failed.",
    options: FLEET_OPTIONS,
  },
  telemetry: {
    usage: "npm run telemetry [-- OPTIONS]",
    about: "Lists the messages that the hub received, oldest first.",
    options: {
      device: { value: "ID", about: "of one device" },
      hub: { value: "NAME", about: "default the stack's" },
      json: { about: "one JSON object a line" },
    },
  },
  setup: {
    usage: "npm run setup",
    about: "Installs what is missing (packages, Pulumi CLI) and starts nothing.",
    options: {},
  },
  check: { usage: "npm run check", about: "Checks types, format and lint, and dead code.", options: {} },
  test: {
    usage: "npm test",
    about:
      "Sets everything up and runs all checks and tests: some ten minutes. One file:\n  npx mocha --no-config -r ts-node/register --extension ts --timeout 300000 FILE",
    options: {},
  },
  "test:clients": {
    usage: "npm run test:clients",
    about: "Runs Azure's own Python and Node SDKs and az, unmodified, against a local Azure of their own.",
    options: {},
  },
  "test:fuzz": {
    usage: "npm run test:fuzz [-- OPTIONS]",
    about:
      "Sends mutated requests to a local Azure and lines to an operator endpoint, and compares 1,000 certificate chains with openssl:\nsome minutes.",
    options: {
      seed: { value: "N", about: "default 1; the same seed sends the same requests", from: 0 },
      requests: { value: "N", about: "default 10000", from: 1 },
    },
  },
  "test:kills": {
    usage: "npm run test:kills [-- OPTIONS]",
    about:
      "Kills `up` and `down` while they work and goes on each time, then a local Azure while clients write to it: up to an hour.",
    options: {
      seed: { value: "N", about: "default 1; the same seed kills the same processes at the same moments", from: 0 },
      kills: { value: "N", about: "of each kind; default 50", from: 1 },
    },
  },
  "test:package": {
    usage: "npm run test:package",
    about: "Installs the packed packages with npm, pnpm and yarn into programs as users have them: some minutes.",
    options: {},
  },
  doctor: {
    usage: "npm run doctor [-- OPTIONS], or npx zero-touch doctor [OPTIONS]",
    about: "Checks everything that a deployment needs, and changes nothing.",
    options: {
      json: { about: "the report as JSON" },
      stack: { value: "NAME", about: "default the selected one" },
    },
  },
  build: {
    usage: "npm run build",
    about: "Compiles the packages and packs them: packages/azure-iot-zero-touch-VERSION.tgz.",
    options: {},
  },
  bench: {
    usage: "npm run bench [-- --json] [SUITE…]",
    about: "Measures ratios; all suites take about a quarter of an hour. docs/bench.md describes the suites.",
    operands: "SUITE…",
    areOperandsOptional: true,
    options: { json: { about: "one JSON object a line" } },
  },
});
