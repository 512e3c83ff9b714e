import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { copySources } from "../../bench/environment/processes";
import { PROJECT, pathsOf, STACK } from "../../cli/checkoutPaths";
import type { Ready } from "../../cli/local/readyFile";
import { parseState, type StackState, stateFile } from "../../cli/pulumi/stackState";
import { AttachedProviders } from "./attachedProviders";
import { callControl } from "./localAzure";
import { placeRsaKeys } from "./rsaKeys";
import type { SecretsVault } from "./secretsVault";
import { StackFile } from "./stackFile";

const ROOT = resolve(__dirname, "..", "..");

/** Variables that a shell pointed at another checkout's local Azure, or at a cloud, would pass on. */
const NOT_OURS =
  /^(https?_proxy|no_proxy|mqtt_proxy|NODE_.*|SSL_CERT_FILE|.*_CA_BUNDLE|PULUMI_.*|INIT_CWD|ARM_.*|AZURE_.*|ZERO_TOUCH_.*)$/i;

/** Folders of the project that no command of a clone reads: two fifths of its files. */
const UNUSED = ["docs", "tests"];

/** Writes the state at the end of a run only, for clones in which none is killed: 0.1 s of the processor less. */
export const UNCHECKED = { PULUMI_SKIP_CHECKPOINTS: "true" } as const;

/** How a command ended. */
export interface CommandEnd {
  /** 128 + the signal's number where a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandEnd>;
}

/** A process of this machine. */
export interface Listed {
  readonly pid: number;
  readonly args: string;
}

/** A clone of the project in a folder of its own, with the project's installed packages, driven by its real commands. */
export class Checkout {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "checkout-e2e-")));
  readonly paths = pathsOf(this.folder);
  /** Merged over the environment of every command. */
  environment: Readonly<Record<string, string>> = {};

  /** Whether commands attach to the providers that `attachProviders` has started, in place of starting their own. */
  isAttached = false;
  #providers: AttachedProviders | undefined;

  /** With `secrets`, the clone has the empty stack `dev` with that secrets provider in place of the passphrase. */
  constructor(secrets?: SecretsVault) {
    copySources(this.folder, UNUSED);
    if (secrets !== undefined) this.#createStack(secrets);
    this.#installPackages();
    this.#git("init", "--quiet");
    writeFileSync(join(this.folder, ".git", "info", "exclude"), "node_modules\n");
    // Git compresses and writes only the objects that the project's own repository does not have.
    const objects = execFileSync("git", ["rev-parse", "--git-path", "objects"], { cwd: ROOT, encoding: "utf8" });
    writeFileSync(join(this.folder, ".git", "objects", "info", "alternates"), resolve(ROOT, objects.trim()));
    this.#git("add", "--all");
    this.#git("-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "clone");
  }

  #createStack(secrets: SecretsVault): void {
    const file = join(this.folder, `Pulumi.${STACK}.yaml`);
    const { encryptionsalt: _, ...settings } = parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    writeFileSync(file, stringify({ ...secrets.settings, ...settings }));
    this.environment = secrets.variables;
    new StackFile(this.paths.state, PROJECT, STACK).create();
  }

  /** Link by link, with the mark of a finished install: so `npm ci` can never be let loose on the project's own. */
  #installPackages(): void {
    const modules = join(this.folder, "node_modules");
    mkdirSync(modules);
    for (const name of readdirSync(join(ROOT, "node_modules"))) {
      if (name !== ".zero-touch-lock") symlinkSync(join(ROOT, "node_modules", name), join(modules, name), "junction");
    }
    const lock = readFileSync(join(this.folder, "package-lock.json"));
    writeFileSync(join(modules, ".zero-touch-lock"), createHash("sha256").update(lock).digest("hex"));
  }

  #git(...args: string[]): string {
    return execFileSync("git", args, { cwd: this.folder, encoding: "utf8" });
  }

  /** Gives the local Azure that the next command starts the RSA keys that a new one makes otherwise. */
  async placeKeys(): Promise<void> {
    mkdirSync(this.paths.azure, { recursive: true, mode: 0o700 });
    await placeRsaKeys(this.paths.azure);
  }

  /** What `git status` has to say: nothing for a clean clone. */
  gitStatus(): string {
    return this.#git("status", "--porcelain");
  }

  #spawn(command: string, args: readonly string[], variables: NodeJS.ProcessEnv = {}): RunningCommand {
    const own = Object.entries(process.env).filter(([name]) => !NOT_OURS.test(name));
    const attached = this.isAttached ? { PULUMI_DEBUG_PROVIDERS: this.#providers?.addresses } : {};
    const env = { ...Object.fromEntries(own), ...this.environment, ...attached, ...variables };
    const child = spawn(command, args, { cwd: this.folder, env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const ended = new Promise<CommandEnd>((done) => {
      child.once("close", (code) => done({ code: code ?? 128, stdout, stderr }));
    });
    return { child, ended };
  }

  /** Starts `npm run NAME -- ARGS` without npm before it. */
  begin(...args: string[]): RunningCommand {
    return this.#spawn(process.execPath, [join(this.folder, "cli", "zero-touch.cjs"), ...args]);
  }

  /** The same, to its end. */
  zero(...args: string[]): Promise<CommandEnd> {
    return this.begin(...args).ended;
  }

  /** Lets the next commands attach to providers that are started now. `environment` has the lines of `npm run -s env`. */
  async attachProviders(environment: string): Promise<void> {
    const { stdout } = await this.shell("env -0", environment);
    const variables = stdout.split("\0").map((line) => {
      const [name = ""] = line.split("=", 1);
      return [name, line.slice(name.length + 1)];
    });
    const log = join(this.paths.local, "providers.log");
    this.#providers = await AttachedProviders.start(this.folder, Object.fromEntries(variables), log);
    this.isAttached = true;
  }

  /** Ends the attached providers. */
  async endProviders(): Promise<void> {
    this.isAttached = false;
    await this.#providers?.end();
    this.#providers = undefined;
  }

  /** A line of a shell that has taken `npm run -s env`; its secrets are not among the arguments, which every process can list. */
  async shell(line: string, environment: string): Promise<CommandEnd> {
    const script = `eval "$SHELL_ENVIRONMENT"\nunset SHELL_ENVIRONMENT\n${line}`;
    return this.#spawn("/bin/sh", ["-c", script], { SHELL_ENVIRONMENT: environment }).ended;
  }

  /** The lines that `npm run -s env` prints. Starts the local Azure where it is not running. */
  async env(): Promise<string> {
    const { code, stdout, stderr } = await this.zero("env");
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  /** The local Azure's ready.json. */
  get ready(): Ready {
    return JSON.parse(readFileSync(join(this.paths.azure, "ready.json"), "utf8"));
  }

  /** One call to the control listener, with the token. */
  control(method: "GET" | "POST", path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    return callControl(this.ready, method, path, body);
  }

  /** Lets one request of the operation wait for `delayMs` before it is looked at. */
  async hold(service: string, operation: string, delayMs: number): Promise<void> {
    const { status, body } = await this.control("POST", "/faults", { faults: [{ service, operation, delayMs }] });
    if (status !== 200) throw new Error(JSON.stringify(body));
  }

  /** Until the request that `hold` waits for has come; fails when the command ends without it. */
  async held(command: RunningCommand): Promise<void> {
    let over = false;
    void command.ended.then(() => {
      over = true;
    });
    while (!over) {
      // A local Azure that was stopped by the command cannot be asked.
      const { body } = await this.control("GET", "/faults").catch(() => ({ body: undefined }));
      if ((body as { faults: unknown[] } | undefined)?.faults.length === 0) return;
      // Each question takes both processes 1 ms; the request waits.
      await pause(200);
    }
    const { stdout, stderr } = await command.ended;
    throw new Error(`ended before the request came:\n${stdout}${stderr}`);
  }

  /** The stack's state, undefined when there is no stack. */
  get state(): StackState | undefined {
    try {
      return parseState(readFileSync(stateFile(this.paths), "utf8"));
    } catch {
      return undefined;
    }
  }

  /** The processes of this checkout: those whose arguments name it, and (on Linux) those that work in it. */
  processes(): readonly Listed[] {
    return listing().filter(({ pid, args }) => args.includes(this.folder) || workingFolder(pid) === this.folder);
  }

  /** Stops what runs, whatever state it is in, and removes the folder. */
  async remove(): Promise<void> {
    await this.endProviders();
    if (existsSync(this.paths.local)) await this.zero("down", "--force");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** All processes of this machine with their arguments. */
export function listing(): readonly Listed[] {
  const text = execFileSync("ps", ["-axww", "-o", "pid=,args="], { encoding: "utf8", maxBuffer: 64_000_000 });
  return text.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s(.*)$/.exec(line);
    return match === null ? [] : [{ pid: Number(match[1]), args: match[2] ?? "" }];
  });
}

function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
