"use strict";
/** Starts the local Azure, waits until it is ready, and points the next steps at it. */
const { execFileSync, spawn } = require("node:child_process");
const { appendFileSync, mkdtempSync, openSync, readFileSync, statSync, writeFileSync } = require("node:fs");
const { join, resolve } = require("node:path");
const { setTimeout: pause } = require("node:timers/promises");

/** Seconds until a start counts as failed. */
const TIMEOUT_SECONDS = 60;

/** The runner passes an input as a variable: upper case, blanks as underscores. */
const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? "").trim();

async function main() {
  const folder = mkdtempSync(join(process.env.RUNNER_TEMP ?? require("node:os").tmpdir(), "local-azure-"));
  const isFile = statSync(input("package"), { throwIfNoEntry: false }) !== undefined;
  writeFileSync(join(folder, "package.json"), "{}");
  const spec = isFile ? resolve(input("package")) : input("package");
  const install = ["install", "--no-audit", "--no-fund", "--no-save", spec];
  // npm is a script on Windows, which needs a shell.
  const windows = process.platform === "win32";
  execFileSync(windows ? "npm.cmd" : "npm", install, { cwd: folder, shell: windows, stdio: "inherit" });

  const command = join(folder, "node_modules/@azure-iot-zero-touch/local-azure/dist/emulator/command.js");
  const named = ["hub", "dps"].flatMap((name) => (input(name) === "" ? [] : [`--${name}`, input(name)]));
  const options = ["--dir", join(folder, "state"), ...named];
  const log = join(folder, "log");
  const out = openSync(log, "a");
  const child = spawn(process.execPath, [command, ...options, "--log-level", "warn"], {
    detached: true,
    stdio: ["ignore", "ignore", out],
  });
  let ended = false;
  child.once("exit", () => {
    ended = true;
  });
  child.unref();
  appendFileSync(process.env.GITHUB_STATE, `pid=${child.pid}\nlog=${log}\n`);

  // The last line of a start: the resources that the inputs name exist then.
  for (let waited = 0; !readFileSync(log, "utf8").includes("ready.json"); waited += 0.1) {
    if (ended || waited > TIMEOUT_SECONDS)
      throw new Error(`The local Azure did not start:\n${readFileSync(log, "utf8")}`);
    await pause(100);
  }

  const printed = (shell) => execFileSync(process.execPath, [command, "env", ...options, "--shell", shell]).toString();
  const lines = printed("env-file");
  const variables = Object.fromEntries(
    lines
      .trim()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  for (const [name, value] of Object.entries(variables)) {
    if (/SECRET|CONNECTION_STRING/.test(name)) process.stdout.write(`::add-mask::${value}\n`);
  }
  const file = join(folder, "variables.sh");
  writeFileSync(file, printed("posix"), { mode: 0o600 });
  if (input("export") !== "false") appendFileSync(process.env.GITHUB_ENV, lines);
  const outputs = {
    variables: file,
    "id-scope": variables.PROVISIONING_IDSCOPE ?? "",
    "control-url": variables.ZERO_TOUCH_LOCAL_CONTROL,
    "ca-file": variables.NODE_EXTRA_CA_CERTS,
  };
  const written = Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`);
  appendFileSync(process.env.GITHUB_OUTPUT, written.join(""));
  process.stdout.write(`The local Azure runs: ${variables.HTTPS_PROXY}\n`);
}

main().then(
  () => process.exit(0),
  (error) => {
    process.stdout.write(`::error::${error.message.replaceAll("\n", "%0A")}\n`);
    process.exit(1);
  },
);
