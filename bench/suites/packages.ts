import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { buildPackage } from "../../cli/commands/build";
import { hasEnded, ROOT, timed, withFolder } from "../environment/processes";
import { compare, type Measurement, measurement } from "../measure";

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
  const modules = join(project, "node_modules");
  if (!existsSync(modules)) return 0;
  const entries = readdirSync(modules, { withFileTypes: true, recursive: true });
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

/** Megabytes of files and seconds of an install. */
interface Footprint {
  readonly megabytes: number;
  readonly seconds: number;
}

/** Installs packages into a project; returns what they add. */
async function install(project: string, ...packages: readonly string[]): Promise<Footprint> {
  const before = megabytes(project);
  const seconds = await npm(project, ...packages);
  return { megabytes: megabytes(project) - before, seconds };
}

/** The two measurements of an install: `NAME.size` and `NAME.install`. `what` and `rival` complete "npm install of". */
function footprints(
  { name, what, rival, bounds }: { name: string; what: string; rival: string; bounds: Footprint },
  samples: { readonly ours: Footprint; readonly theirs: Footprint },
): Measurement[] {
  const of = (key: keyof Footprint) => ({
    bound: { atMost: bounds[key] },
    samples: { ours: [samples.ours[key]], theirs: [samples.theirs[key]] },
  });
  const install = `npm install of ${what}`;
  const theirs = `npm install of ${rival}`;
  return [
    measurement({ name: `${name}.size`, what: `files of ${install}`, rival: theirs, unit: "MB", ...of("megabytes") }),
    measurement({
      name: `${name}.install`,
      what: `${install}, from npm's cache where it has them`,
      rival: theirs,
      unit: "s",
      ...of("seconds"),
    }),
  ];
}

/** The component package: what its import takes, and its install beside Pulumi's own packages. */
async function componentMeasurements(folder: string): Promise<Measurement[]> {
  const tarball = await buildPackage(ROOT, join(ROOT, "packages", "azure-iot-zero-touch"));
  const project = newProject(folder);
  const theirs = await install(project, "@pulumi/pulumi@3.256.0", "@pulumi/azure-native@3.28.0");
  const ours = await install(project, tarball);
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
    ...footprints(
      {
        name: "package",
        what: "the package into a program with Pulumi's own packages",
        rival: "@pulumi/pulumi and @pulumi/azure-native",
        bounds: { megabytes: 0.1, seconds: 0.5 },
      },
      { ours, theirs },
    ),
  ];
}

/** The local Azure by itself: install, `start()`, and the command to its first response. */
async function localAzureMeasurements(folder: string): Promise<Measurement[]> {
  const tarball = await buildPackage(ROOT, join(ROOT, "packages", "local-azure"));
  const [own, rival] = [newProject(folder), newProject(folder)];
  const samples = { theirs: await install(rival, AZURITE), ours: await install(own, tarball) };
  const command = commandOf(own, "@azure-iot-zero-touch/local-azure", "local-azure");
  const azurite = commandOf(rival, "azurite", "azurite-blob");
  const azuriteUp = async () => {
    const port = await freePort();
    const data = ["--location", mkdtempSync(join(folder, "azurite-")), "--blobPort", String(port), "--silent"];
    return untilResponse(azurite, [...data, "--skipApiVersionCheck"], `http://127.0.0.1:${port}/`);
  };
  const commandUp = async () => {
    const directory = mkdtempSync(join(folder, "local-azure-"));
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
    ...footprints(
      { name: "localAzure", what: "the local Azure", rival: AZURITE, bounds: { megabytes: 0.5, seconds: 1 } },
      samples,
    ),
  ];
}

/** The published packages: import, install, and the local Azure's start. Needs a registry. */
export const packageMeasurements = (): Promise<Measurement[]> =>
  withFolder(async (folder) => [...(await localAzureMeasurements(folder)), ...(await componentMeasurements(folder))]);
