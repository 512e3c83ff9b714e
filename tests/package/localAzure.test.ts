import { strict as assert } from "node:assert";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { outward } from "../../bootstrap/install.cjs";
import { buildPackage } from "../../cli/commands/build";
import { runIn, writeFiles } from "../cast/userProgram";

const ROOT = resolve(__dirname, "..", "..");
const ACTION = join(ROOT, "packages", "local-azure", "action");

/** A test of devices: two local Azures at once, and everything that `start` offers. */
const body = (load: string) => `
${load}
describe("a plant", () => {
  let azure, other;
  before(async () => {
    [azure, other] = await Promise.all([start(), start()]);
  });
  after(() => Promise.all([azure.stop(), other.stop()]));

  it("has a hub, a service, faults, a clock and a reset of its own", async () => {
    const hub = await azure.createHub("plants-hub");
    const { idScope } = await azure.createProvisioningService("plants-dps", hub);
    assert.match(idScope, /^0ne/);
    await assert.rejects(other.telemetry("plants-hub"), /HubNotFound/);
    await azure.setFaults([{ service: "arm", status: 429 }]);
    await assert.rejects(azure.createHub("second-hub"), { status: 429 });
    await azure.shiftClock(86400);
    assert.deepEqual(await azure.telemetry("plants-hub"), []);
    await azure.reset();
    await assert.rejects(azure.telemetry("plants-hub"), /HubNotFound/);
    assert.notEqual(azure.environment.HTTPS_PROXY, other.environment.HTTPS_PROXY);
  });
});
`;

/** Jest's names of mocha's hooks. */
const forJest = (program: string): string => program.replace("before(", "beforeAll(").replace("after(", "afterAll(");

const REQUIRE = `const assert = require("node:assert/strict");\nconst { start } = require("@azure-iot-zero-touch/local-azure");`;
const IMPORT = `import assert from "node:assert/strict";\nimport { start } from "@azure-iot-zero-touch/local-azure";`;

describe("the package of the local Azure", () => {
  const folder = mkdtempSync(join(tmpdir(), "local-azure-package-"));
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  let tarball: string;

  before(async () => {
    tarball = await buildPackage(ROOT, join(ROOT, "packages", "local-azure"));
    writeFiles(folder, { "package.json": { name: "devices", private: true } });
    await runIn(folder, "npm", "install", ...quiet, tarball, "mocha@11", "jest@30");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("runs in mocha and in Jest, as CommonJS and as ES modules", async () => {
    writeFiles(folder, {
      "mocha.cjs": body(REQUIRE),
      "mocha.mjs": body(IMPORT),
      "plant.test.cjs": forJest(body(REQUIRE)),
      "plant.test.mjs": forJest(body(IMPORT)),
      "jest.config.json": { testMatch: ["**/*.test.?js"], testTimeout: 30_000 },
    });
    const passed = await runIn(folder, "npx", "mocha", "--timeout", "30000", "mocha.cjs", "mocha.mjs");
    assert.match(passed, /2 passing/);
    // Jest reads ES modules with this option only; no --forceExit.
    const jest = join(folder, "node_modules", "jest", "bin", "jest.js");
    assert.match(await runIn(folder, process.execPath, "--experimental-vm-modules", jest), /Tests: +2 passed/);
  });

  it("lets a test end that fails before it can stop it", async () => {
    const failing = `${REQUIRE}\nbefore(async () => { await start(); throw new Error("no plant"); });\nit("never runs", () => {});\n`;
    writeFiles(folder, { "failing.cjs": failing, "failing.test.cjs": forJest(failing) });
    const own = join(folder, "temporary");
    const env = { ...outward(process.env), TMPDIR: own };
    for (const args of [
      ["mocha", "--timeout", "30000", "failing.cjs"],
      ["jest", "failing.test.cjs"],
    ]) {
      writeFiles(own, { "keep.txt": "" });
      const run = promisify(execFile)("npx", args, { cwd: folder, env, timeout: 120_000 });
      await assert.rejects(run, (error: { killed: boolean; stdout: string; stderr: string }) => {
        assert.equal(error.killed, false, `${args[0]} did not end`);
        return /no plant/.test(error.stdout + error.stderr);
      });
      // Jest's process object has no exit: its folder is left to the system.
      const left = readdirSync(own).filter((name) => name.startsWith("local-azure-"));
      if (args[0] === "mocha") assert.deepEqual(left, []);
    }
  });

  it("refuses a log level that it does not know", async () => {
    await assert.rejects(
      runIn(folder, "npx", "local-azure", "--log-level", "loud"),
      /"loud"\. To fix: use silent, error/,
    );
  });

  it("runs as a command until a signal, and prints how to point a client at it", async () => {
    const command = join(folder, "node_modules/@azure-iot-zero-touch/local-azure/dist/emulator/command.js");
    const child = spawn(process.execPath, [command, "--dir", join(folder, "state"), "--preload"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (text.includes("ready.json")) child.kill("SIGTERM");
    });
    const [code] = await once(child, "close");
    assert.equal(code, 0);
    assert.match(printed, /export HTTPS_PROXY='http:\/\/127\.0\.0\.1:\d+'/);
    assert.match(printed, /export AZURE_CLIENT_SECRET='/);
    const [, hook = ""] = /--require "([^"]+)"/.exec(printed) ?? [];
    assert.equal(
      hook,
      join(folder, "node_modules/@azure-iot-zero-touch/local-azure/dist/emulator/contract/preload/azure.cjs"),
    );
    await runIn(folder, process.execPath, "--require", "@azure-iot-zero-touch/local-azure/preload", "-e", "");
  });

  it("runs in a job of GitHub Actions until the job's end", async () => {
    const files = Object.fromEntries(["ENV", "OUTPUT", "STATE"].map((name) => [`GITHUB_${name}`, join(folder, name)]));
    for (const file of Object.values(files)) writeFileSync(file, "");
    const inputs = { INPUT_PACKAGE: tarball, INPUT_HUB: "plants-hub", INPUT_DPS: "plants-dps", INPUT_EXPORT: "true" };
    const env = { ...outward(process.env), ...files, ...inputs, RUNNER_TEMP: folder };
    const node = (file: string, variables: NodeJS.ProcessEnv) =>
      promisify(execFile)(process.execPath, [join(ACTION, file)], { env: variables });
    const { stdout } = await node("start.cjs", env);
    const read = (name: string): Record<string, string> =>
      Object.fromEntries(
        readFileSync(join(folder, name), "utf8")
          .trim()
          .split("\n")
          .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
      );
    const [variables, outputs, state] = [read("ENV"), read("OUTPUT"), read("STATE")];
    assert.match(outputs["id-scope"] ?? "", /^0ne/);
    assert.equal(variables.PROVISIONING_IDSCOPE, outputs["id-scope"]);
    assert.ok(stdout.includes(`::add-mask::${variables.AZURE_CLIENT_SECRET}\n`));
    const health = await fetch(`${outputs["control-url"]}/health`);
    assert.equal(health.status, 200);
    await runIn(folder, "bash", "-c", `. "${outputs.variables}" && test "$HTTPS_PROXY" = "${variables.HTTPS_PROXY}"`);
    await node("stop.cjs", { ...env, STATE_pid: state.pid, STATE_log: state.log });
    assert.throws(() => process.kill(Number(state.pid), 0), { code: "ESRCH" });
  });

  it("fails a job whose package cannot start, with the reason", async () => {
    const files = Object.fromEntries(["ENV", "OUTPUT", "STATE"].map((name) => [`GITHUB_${name}`, join(folder, name)]));
    const inputs = { INPUT_PACKAGE: tarball, INPUT_HUB: "plants_hub!" };
    const env = { ...outward(process.env), ...files, ...inputs, RUNNER_TEMP: folder };
    const run = promisify(execFile)(process.execPath, [join(ACTION, "start.cjs")], { env });
    await assert.rejects(run, (error: { stdout: string }) => /::error::.*plants_hub!/.test(error.stdout));
  });
});
