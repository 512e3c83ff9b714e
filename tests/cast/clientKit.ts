import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { pathsOf } from "../../cli/checkoutPaths";
import { type Ended, ended } from "./ended";
import type { SwtpmProgram } from "./softwareTpm";

const ROOT = resolve(__dirname, "../..");
const PROGRAMS = join(ROOT, "tests", "clients", "programs");
const run = promisify(execFile);

/** Azure's own clients for Node, at the versions that were seen to work. */
const NODE_PACKAGES = [
  "@azure/arm-authorization@9.0.0",
  "@azure/arm-deviceprovisioningservices@5.1.0",
  "@azure/arm-keyvault@5.0.0",
  "@azure/event-hubs@6.0.4",
  "@azure/identity@4.13.1",
  "azure-iot-device@1.18.4",
  "azure-iot-device-amqp@1.14.4",
  "azure-iot-device-http@1.14.4",
  "azure-iot-device-mqtt@1.16.4",
  "azure-iot-provisioning-device@1.9.1",
  "azure-iot-provisioning-device-amqp@1.9.1",
  "azure-iot-provisioning-device-http@1.9.1",
  "azure-iot-provisioning-device-mqtt@1.8.1",
  "azure-iot-provisioning-service@1.11.2",
  "azure-iot-security-symmetric-key@1.8.2",
  "azure-iot-security-tpm@1.9.3",
  "azure-iot-security-x509@1.7.12",
  "azure-iothub@1.16.6",
  "https-proxy-agent@7.0.6",
  "ws@8.23.0",
];

/** Azure's own clients for Python; the provisioning service's needs six and does not say so. */
const PYTHON_PACKAGES = [
  "azure-iothub-provisioningserviceclient==1.2.0",
  "six==1.17.0",
  "azure-iot-device==2.14.0",
  "azure-eventhub==5.15.1",
  // For azure-eventhub over WebSocket.
  "websocket-client==1.9.0",
];

/** Makes a folder of the user's cache once for all checkouts: whole, under a name of what is in it, or not at all. */
async function made(
  name: string,
  content: readonly string[],
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const hash = createHash("sha256").update(content.join("\n")).digest("hex").slice(0, 16);
  const folder = join(pathsOf(ROOT).cache, "clients", `${name}-${hash}`);
  if (existsSync(join(folder, "complete"))) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await fill(folder);
  writeFileSync(join(folder, "complete.new"), `${content.join("\n")}\n`);
  renameSync(join(folder, "complete.new"), join(folder, "complete"));
  return folder;
}

/** How a client is run: as a plain process, or in a namespace. */
export type Runner = (command: readonly string[], env: NodeJS.ProcessEnv) => Promise<Ended>;

const direct: Runner = ([file = "", ...args], env) => ended(file, args, env);

/** Azure's own clients, installed outside of the checkout and unmodified. */
export interface ClientKit {
  /** Runs `tests/clients/programs/NAME.cjs` with Azure's packages for Node. */
  node(name: string, args: readonly string[], env: NodeJS.ProcessEnv, runner?: Runner): Promise<Ended>;
  /** Runs Python on a file with Azure's packages for Python; a name is that of a program in `tests/clients/programs`. */
  python(file: string, args: readonly string[], env: NodeJS.ProcessEnv, runner?: Runner): Promise<Ended>;
}

/** Installs missing clients: about 30 seconds with a network, and nothing the next time. */
export async function clientKit(): Promise<ClientKit> {
  const packages = await made("node", NODE_PACKAGES, (folder) => npmInstall(folder, NODE_PACKAGES));
  const venv = await made("python", PYTHON_PACKAGES, (folder) => virtualEnvironment(folder, PYTHON_PACKAGES));
  return {
    node: (name, args, env, runner = direct) =>
      runner([process.execPath, join(PROGRAMS, `${name}.cjs`), ...args], {
        ...env,
        NODE_PATH: join(packages, "node_modules"),
      }),
    python: (file, args, env, runner = direct) => runner([interpreter(venv), resolve(PROGRAMS, file), ...args], env),
  };
}

/** Modules of Go that the programs import. */
const GO_MODULES = ["github.com/Azure/go-amqp@v1.0.1"];

/**
 * Builds the Go program of a folder in `tests/clients/programs` if it has changed: ten seconds. Returns its path; undefined on a
 * machine without Go.
 */
export async function goProgram(name: string): Promise<string | undefined> {
  if ((await ended("go", ["version"], process.env)).code !== 0) return undefined;
  const source = readFileSync(join(PROGRAMS, name, "main.go"), "utf8");
  const folder = await made(`go-${name}`, [...GO_MODULES, source], async (target) => {
    writeFileSync(join(target, "go.mod"), "module program\n\ngo 1.22\n");
    writeFileSync(join(target, "main.go"), source);
    await run("go", ["get", ...GO_MODULES], { cwd: target });
    await run("go", ["build", "-o", "program", "."], { cwd: target });
  });
  return join(folder, "program");
}

/** Azure's SDKs for Java, and a log for them: `group:artifact:version`. */
const JAVA_PACKAGES = [
  "com.microsoft.azure.sdk.iot:iot-device-client:2.5.0",
  "com.microsoft.azure.sdk.iot:iot-service-client:2.1.8",
  "com.microsoft.azure.sdk.iot.provisioning:provisioning-device-client:2.1.3",
  "org.slf4j:slf4j-nop:1.7.36",
];

/**
 * Installs Azure's SDKs for Java if missing: some seconds, once. Returns a function that completes the command line of a program in
 * `tests/clients/programs`, which trusts a store of keytool's with the password `changeit`; undefined on a machine without Java or Maven.
 */
export async function javaProgram(): Promise<
  ((name: string, trustStore: string, args: readonly string[]) => readonly string[]) | undefined
> {
  for (const program of ["javac", "mvn"]) {
    if ((await ended(program, ["-version"], process.env)).code !== 0) return undefined;
  }
  const folder = await made("java", JAVA_PACKAGES, async (target) => {
    const dependencies = JAVA_PACKAGES.map((each) => {
      const [group, artifact, version] = each.split(":");
      return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
    });
    const project = `<modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>a</artifactId><version>1</version>`;
    const pom = `<project>${project}<dependencies>${dependencies.join("")}</dependencies></project>`;
    writeFileSync(join(target, "pom.xml"), pom);
    await run("mvn", ["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"], { cwd: target });
  });
  return (name, trustStore, args) => [
    ...[
      "java",
      `-Djavax.net.ssl.trustStore=${trustStore}`,
      "-Djavax.net.ssl.trustStorePassword=changeit",
      "-cp",
      join(folder, "lib", "*"),
    ],
    ...[join(PROGRAMS, `${name}.java`), ...args],
  ];
}

/** The last az that the extension azure-iot loads in. */
const AZ_PACKAGES = ["azure-cli==2.65.0"];

/** Installs az if missing: 250 MB and some minutes, once. Returns a function that runs it. */
export async function az(): Promise<(args: readonly string[], env: NodeJS.ProcessEnv) => Promise<Ended>> {
  const venv = await azHome();
  return (args, env) => ended(interpreter(venv), ["-m", "azure.cli", ...args], env);
}

/** The folder to put on PATH for libraries that call az themselves. */
export async function azFolder(): Promise<string> {
  return dirname(interpreter(await azHome()));
}

const azHome = (): Promise<string> => made("az", AZ_PACKAGES, (folder) => virtualEnvironment(folder, AZ_PACKAGES));

/** The sign-in library of Azure's SDKs for Python. */
const IDENTITY_PACKAGES = ["azure-identity==1.27.0"];

/** Installs azure-identity for Python if missing: some seconds, once. Returns a function that runs a program. */
export async function pythonIdentity(): Promise<(file: string, env: NodeJS.ProcessEnv) => Promise<Ended>> {
  const venv = await made("python-identity", IDENTITY_PACKAGES, (folder) =>
    virtualEnvironment(folder, IDENTITY_PACKAGES),
  );
  return (file, env) => ended(interpreter(venv), [resolve(PROGRAMS, file)], env);
}

/** Azure's clients of Key Vault for Python. */
const VAULT_PACKAGES = [
  "azure-identity==1.27.0",
  "azure-keyvault-certificates==4.12.0",
  "azure-keyvault-keys==4.11.3",
  "azure-keyvault-secrets==4.12.0",
];

/** Installs Key Vault's clients for Python if missing. Returns a function that runs a program. */
export async function pythonVault(): Promise<
  (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => Promise<Ended>
> {
  const venv = await made("python-vault", VAULT_PACKAGES, (folder) => virtualEnvironment(folder, VAULT_PACKAGES));
  return (file, args, env) => ended(interpreter(venv), [resolve(PROGRAMS, file), ...args], env);
}

/** The last Azurite: Microsoft's emulator of Azure Storage. */
const AZURITE_PACKAGES = ["azurite@3.37.0"];

/** Installs Azurite if missing: 365 MB and a minute, once. Returns the path of its Blob service. */
export async function azuriteProgram(): Promise<string> {
  const folder = await made("azurite", AZURITE_PACKAGES, (target) => npmInstall(target, AZURITE_PACKAGES));
  return join(folder, "node_modules", "azurite", "dist", "src", "blob", "main.js");
}

async function npmInstall(folder: string, packages: readonly string[]): Promise<void> {
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const options = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  await run("npm", ["install", ...options, ...packages], { cwd: folder, shell: process.platform === "win32" });
}

/** Debian's software TPM, with its libraries. */
const SWTPM_PACKAGES = ["swtpm", "swtpm-libs", "libtpms0"];

/**
 * The software TPM swtpm: the system's, or else Debian's packages unpacked beside the other clients, which needs apt but no
 * privilege. Undefined on systems that have neither.
 */
export async function swtpm(): Promise<SwtpmProgram | undefined> {
  const has = (file: string): Promise<boolean> =>
    ended(file, ["--version"], process.env).then(({ code }) => code === 0);
  if (await has("swtpm")) return { file: "swtpm", libraries: [] };
  if (!(await has("apt-get"))) return undefined;
  const folder = await made("swtpm", SWTPM_PACKAGES, async (into) => {
    const download = () => run("apt-get", ["download", ...SWTPM_PACKAGES], { cwd: into });
    // A machine without package lists, as containers often are, gets them first, which takes root.
    await download().catch(() => run("apt-get", ["update", "-qq"]).then(download));
    const files = readdirSync(into).filter((name) => name.endsWith(".deb"));
    for (const file of files) await run("dpkg", ["-x", file, "root"], { cwd: into });
  });
  const libraries = readdirSync(join(folder, "root/usr/lib")).map((name) => join(folder, "root/usr/lib", name));
  return {
    file: join(folder, "root/usr/bin/swtpm"),
    libraries: libraries.flatMap((library) => [library, join(library, "swtpm")]),
  };
}

async function virtualEnvironment(folder: string, packages: readonly string[]): Promise<void> {
  await run(process.platform === "win32" ? "python" : "python3", ["-m", "venv", join(folder, "venv")]);
  const options = ["--quiet", "--disable-pip-version-check"];
  await run(interpreter(folder), ["-m", "pip", "install", ...options, ...packages]);
}

const interpreter = (folder: string): string =>
  process.platform === "win32" ? join(folder, "venv", "Scripts", "python.exe") : join(folder, "venv", "bin", "python3");
