import { strict as assert } from "node:assert";
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";

const ROOT = resolve(__dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/local-azure/device-tests.md"), "utf8");

/** The commands below a heading of the page, in order. */
function commandsOf(heading: string): string {
  const [, section = ""] = PAGE.split(`\n## ${heading}\n`);
  const blocks = (section.split("\n## ")[0] ?? "").matchAll(/^```\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, block = ""]) => block).join("");
}

/** The command for a shell in the page's table. */
const commandFor = (shell: string): string => {
  const row = PAGE.split("\n").find((line) => line.startsWith(`| ${shell}`)) ?? "";
  return (/`(.*)` \|$/.exec(row)?.[1] ?? "").replaceAll("\\|", "|");
};

const isThere = (program: string): boolean => {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

describe("docs/local-azure/device-tests.md", () => {
  const folder = mkdtempSync(join(tmpdir(), "device-tests-"));
  const npx = `#!/bin/sh\nshift\nexec "${process.execPath}" -r "${ROOT}/bootstrap/typescript.cjs" "${ROOT}/emulator/command.ts" "$@"\n`;
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
  const run = (shell: string, script: string) =>
    promisify(execFile)(shell, ["-c", script], { cwd: folder, env }).then(({ stdout }) => stdout);
  let azure: ChildProcess;

  before(async () => {
    writeFileSync(join(folder, "npx"), npx);
    chmodSync(join(folder, "npx"), 0o755);
    const [start = ""] = commandsOf("Start").trim().split("\n");
    // As npx starts it, in a shell that ends at SIGTERM without a word to it.
    azure = spawn("bash", ["-c", `${start}; true`], {
      cwd: folder,
      env: { ...env, npm_lifecycle_script: "local-azure" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let printed = "";
    await new Promise<void>((done, fail) => {
      azure.stderr?.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
        if (printed.includes("ready.json")) done();
      });
      azure.once("exit", () => fail(new Error(printed)));
    });
  });
  after(async () => {
    // The local Azure has its standard error until it ends.
    const ended = once(azure, "close");
    azure.kill("SIGTERM");
    assert.deepEqual(await ended, [null, "SIGTERM"]);
    rmSync(folder, { recursive: true, force: true });
  });

  it("enrolls a device, registers it and reads its message", async () => {
    const commands = commandsOf("Enroll and register a device").replace(/^az .*$/gm, "");
    const printed = await run("bash", `set -eu\n${commandFor("bash")}\n${commands}`);
    assert.match(printed, /"status":"assigned"/);
    assert.match(printed, /\{\s+"temperature": 21\s+\}\s*$/);
  });

  it("has the variables in other shells", async () => {
    const value = await run("bash", `${commandFor("bash")}; echo $PROVISIONING_IDSCOPE`);
    assert.match(value, /^0ne/);
    for (const [shell, program, print] of [
      ["fish", "fish", "echo $PROVISIONING_IDSCOPE"],
      ["PowerShell", "pwsh", "Write-Output $env:PROVISIONING_IDSCOPE"],
    ] as const) {
      if (isThere(program)) assert.equal(await run(program, `${commandFor(shell)}; ${print}`), value, shell);
    }
  });

  it("injects faults, moves the clock and resets", async () => {
    const commands = commandsOf("Faults, clock, reset");
    const printed = await run("bash", `set -eu\n${commandFor("bash")}\n${commands}`);
    assert.match(printed, /"times":2/);
    assert.match(printed, /"offsetSeconds":31536000/);
    const again = await run("bash", `${commandFor("bash")}; echo $PROVISIONING_IDSCOPE`);
    assert.match(again, /^0ne/);
  });
});
