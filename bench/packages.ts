import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { buildPackage } from "../cli/commands/build";
import { compare, type Measurement, measurement } from "./measure";
import { hasEnded, ROOT, timed, withFolder } from "./processes";

const ROUNDS = 5;

/** Microsoft's emulator of Azure Storage, also in Node. */
const AZURITE = "azurite@3.35.0";

const npm = (cwd: string, ...args: string[]): Promise<number> =>
  timed("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts", ...args], { cwd });

/** A folder of npm without any package. */
function newProject(parent: string): string {
  const folder = mkdtempSync(join(parent, "project-"));
  writeFileSync(join(folder, "package.json"), '{"private": true}');
  return folder;
}

/** Megabytes of the files in `node_modules`. */
function megabytes(project: string): number {
  const entries = readdirSync(join(project, "node_modules"), { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0) / 1e6;
}

/** The seconds that a fresh Node takes for a script: it prints them. */
const printedBy = async (script: string, cwd: string): Promise<number> =>
  Number(execFileSync(process.execPath, ["-e", script], { cwd, encoding: "utf8" }));

/** A script that prints how many milliseconds `load` takes after `before`. */
const timedScript = (before: string, load: string): string =>
  `${before}; const from = process.hrtime.bigint(); ${load}; console.log(Number(process.hrtime.bigint() - from) / 1e6);`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Seconds from the start of a program to its first response at an address; it is ended then. */
async function untilResponse(file: string, args: readonly string[], url: string): Promise<number> {
  const from = process.hrtime.bigint();
  const child: ChildProcess = spawn(process.execPath, [file, ...args], { stdio: "ignore" });
  try {
    for (;;) {
      const isUp = await fetch(url).then(
        () => true,
        () => false,
      );
      if (isUp) return Number(process.hrtime.bigint() - from) / 1e9;
      if (hasEnded(child)) throw new Error(`${file} ended before it responded`);
      await pause(5);
    }
  } finally {
    const over = hasEnded(child) ? undefined : once(child, "exit");
    child.kill();
    await over;
  }
}

/** The file of a package's command. */
function commandOf(project: string, name: string, command: string): string {
  const folder = join(project, "node_modules", name);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { bin: Record<string, string> };
  return join(folder, bin[command] ?? "");
}

/** The component package: what its import takes, and its install beside Pulumi's own packages. */
async function componentMeasurements(folder: string): Promise<Measurement[]> {
  const tarball = await buildPackage(ROOT, join(ROOT, "packages", "azure-iot-zero-touch"));
  const project = newProject(folder);
  const seconds = { theirs: await npm(project, "@pulumi/pulumi@3.256.0", "@pulumi/azure-native@3.28.0"), ours: 0 };
  const size = { theirs: megabytes(project), ours: 0 };
  seconds.ours = await npm(project, tarball);
  size.ours = megabytes(project) - size.theirs;
  const sdk = 'require("@pulumi/pulumi")';
  return [
    await compare({
      name: "package.import",
      what: "require of azure-iot-zero-touch, in a process that has loaded @pulumi/pulumi",
      rival: "require of @pulumi/pulumi",
      unit: "ms",
      bound: { atMost: 0.25 },
      limit: 150,
      rounds: 2 * ROUNDS,
      ours: () => printedBy(timedScript(sdk, 'require("azure-iot-zero-touch")'), project),
      theirs: () => printedBy(timedScript("", sdk), project),
    }),
    measurement({
      name: "package.size",
      what: "files that npm install of the package adds to a program with Pulumi's own packages",
      rival: "@pulumi/pulumi and @pulumi/azure-native with what they need",
      unit: "MB",
      bound: { atMost: 0.1 },
      samples: { ours: [size.ours], theirs: [size.theirs] },
    }),
    measurement({
      name: "package.install",
      what: "npm install of the package into that program, from npm's cache where it has them",
      rival: "npm install of @pulumi/pulumi and @pulumi/azure-native",
      unit: "s",
      bound: { atMost: 0.5 },
      samples: { ours: [seconds.ours], theirs: [seconds.theirs] },
    }),
  ];
}

/** The local Azure by itself: install, `start()`, and the command to its first response. */
async function localAzureMeasurements(folder: string): Promise<Measurement[]> {
  const tarball = await buildPackage(ROOT, join(ROOT, "packages", "local-azure"));
  const [own, rival] = [newProject(folder), newProject(folder)];
  const seconds = { theirs: await npm(rival, AZURITE), ours: await npm(own, tarball) };
  const command = commandOf(own, "@azure-iot-zero-touch/local-azure", "local-azure");
  const azurite = commandOf(rival, "azurite", "azurite-blob");
  const azuriteUp = async () => {
    const port = await freePort();
    const data = ["--location", mkdtempSync(join(folder, "azurite-")), "--blobPort", String(port), "--silent"];
    return untilResponse(azurite, [...data, "--skipApiVersionCheck"], `http://127.0.0.1:${port}/`);
  };
  const commandUp = async () => {
    const directory = mkdtempSync(join(folder, "local-azure-"));
    mkdirSync(directory, { recursive: true });
    const port = (await freePort()) & ~3;
    return untilResponse(command, ["--dir", directory, "--port", String(port)], `http://127.0.0.1:${port + 1}/health`);
  };
  const load = 'const { start } = require("@azure-iot-zero-touch/local-azure")';
  const started = `${load}; const from = process.hrtime.bigint(); start().then((azure) => {
    console.log(Number(process.hrtime.bigint() - from) / 1e9); return azure.stop(); });`;
  return [
    await compare({
      name: "localAzure.start",
      what: "start() of the local Azure in a test's process, new folder",
      rival: "Azurite's blob service from the start of its process to its first response",
      unit: "s",
      bound: { atMost: 1 },
      limit: 2,
      rounds: ROUNDS,
      ours: () => printedBy(started, own),
      theirs: azuriteUp,
    }),
    await compare({
      name: "localAzure.command",
      what: "the command local-azure, new folder, from the start of its process to its first response",
      rival: "the same of Azurite's blob service",
      unit: "s",
      bound: { atMost: 1.5 },
      rounds: ROUNDS,
      ours: commandUp,
      theirs: azuriteUp,
    }),
    measurement({
      name: "localAzure.size",
      what: "files of npm install of the local Azure",
      rival: `npm install of ${AZURITE}`,
      unit: "MB",
      bound: { atMost: 0.5 },
      samples: { ours: [megabytes(own)], theirs: [megabytes(rival)] },
    }),
    measurement({
      name: "localAzure.install",
      what: "npm install of the local Azure, from npm's cache where it has them",
      rival: `npm install of ${AZURITE}`,
      unit: "s",
      bound: { atMost: 1 },
      samples: { ours: [seconds.ours], theirs: [seconds.theirs] },
    }),
  ];
}

/** The published packages: import, install, and the local Azure's start. Needs a registry. */
export const packageMeasurements = (): Promise<Measurement[]> =>
  withFolder(async (folder) => [...(await localAzureMeasurements(folder)), ...(await componentMeasurements(folder))]);
