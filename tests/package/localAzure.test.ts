import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildPackage } from "../../cli/commands/build";
import { runIn, writeFiles } from "../cast/userProgram";

const ROOT = resolve(__dirname, "..", "..");

describe("the package of the local Azure", () => {
  const folder = mkdtempSync(join(tmpdir(), "local-azure-package-"));

  before(async () => {
    const tarball = await buildPackage(ROOT, join(ROOT, "packages", "local-azure"));
    writeFiles(folder, { "package.json": { name: "devices", private: true, type: "module" } });
    await runIn(folder, "npm", "install", "--no-audit", "--no-fund", "--loglevel=error", tarball);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("starts, takes a fault and stops in a program of ES modules", async () => {
    writeFiles(folder, {
      "test.js":
        'import { start } from "@azure-iot-zero-touch/local-azure";\n' +
        "const azure = await start();\n" +
        'await azure.setFaults([{ service: "hub", status: 429 }]);\n' +
        "await azure.stop();\n" +
        'console.log("stopped", azure.ready.tenantId);\n',
    });
    assert.match(await runIn(folder, process.execPath, "test.js"), /^stopped [0-9a-f-]{36}\n$/);
  });

  it("refuses a log level that it does not know", async () => {
    await assert.rejects(
      runIn(folder, "npx", "local-azure", "--log-level", "loud"),
      /"loud"\. To fix: use silent, error/,
    );
  });

  it("runs as a command until a signal, and prints how to point a client at it", async () => {
    const command = join(
      folder,
      "node_modules",
      "@azure-iot-zero-touch",
      "local-azure",
      "dist",
      "emulator",
      "command.js",
    );
    const child = spawn(process.execPath, [command, "--dir", join(folder, "state")], {
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
  });
});
