import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONTROL_TOKEN_HEADER, type Ready } from "../../emulator/contract/ready";
import { placeRsaKeys } from "./rsaKeys";

/** A local Azure as a process of its own, on free ports and in a temporary folder. */
export interface TestAzure {
  readonly directory: string;
  readonly ready: Ready;
  /**
   * The environment of a client that is pointed at it: proxy, CA bundle and credentials in all their spellings, over
   * this process's own environment.
   */
  readonly env: Readonly<Record<string, string>>;
  /** One call to the control listener, with the token. */
  control(method: "GET" | "POST", path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  /** Ends it at once, as `kill -9` does; `restart` then continues with its folder. */
  kill(): Promise<void>;
  /** Waits until its process has ended. */
  ended(): Promise<void>;
  /** Starts it again on the same folder: same ports, a new control token. */
  restart(): Promise<void>;
  /** All that it has printed so far. */
  log(): string;
  /** Waits until its output matches: a log line can follow the response that it belongs to. */
  printed(pattern: RegExp): Promise<void>;
  /** Ends it and removes the folder. */
  close(): Promise<void>;
}

const ROOT = join(__dirname, "..", "..");
/** Milliseconds until a start counts as failed. */
const TIMEOUT_MS = 120_000;

interface Running {
  readonly ready: Ready;
  readonly log: () => string;
  readonly printed: (pattern: RegExp) => Promise<void>;
  readonly exited: Promise<void>;
  end(signal: NodeJS.Signals): Promise<void>;
}

function launch(directory: string): Promise<Running> {
  const main = ["-r", join(ROOT, "bootstrap", "typescript.cjs"), join(ROOT, "emulator", "main.ts"), "--dir", directory];
  const child = spawn(process.execPath, main, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  const waiting = new Set<() => void>();
  const exited = new Promise<void>((done) => child.once("close", () => done()));
  const seen = (pattern: RegExp): Promise<void> =>
    new Promise((done) => {
      const look = (): void => {
        if (!pattern.test(printed)) return;
        waiting.delete(look);
        done();
      };
      waiting.add(look);
      look();
    });
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`the local Azure did not start: ${why}\n${printed}`));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      fail("no sign of life in time");
    }, TIMEOUT_MS);
    let started = false;
    const collect = (chunk: Buffer): void => {
      printed += chunk.toString("utf8");
      for (const look of waiting) look();
      if (started || !printed.includes("the local Azure listens")) return;
      started = true;
      clearTimeout(timer);
      const ready: Ready = JSON.parse(readFileSync(join(directory, "ready.json"), "utf8"));
      const end = (signal: NodeJS.Signals): Promise<void> => {
        child.kill(signal);
        return exited;
      };
      resolve({ ready, log: () => printed, printed: seen, exited, end });
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    void exited.then(() => {
      clearTimeout(timer);
      fail(`it ended with code ${child.exitCode}`);
    });
  });
}

/** Trusts the local Azure's CA alone: to read the public roots, too, takes curl 0.13 s of processor time in each run. */
function environment(ready: Ready): Record<string, string> {
  const own = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return {
    ...own,
    HTTPS_PROXY: ready.proxyUrl,
    https_proxy: ready.proxyUrl,
    NO_PROXY: "127.0.0.1,localhost",
    no_proxy: "127.0.0.1,localhost",
    NODE_EXTRA_CA_CERTS: ready.caFile,
    SSL_CERT_FILE: ready.caFile,
    REQUESTS_CA_BUNDLE: ready.caFile,
    CURL_CA_BUNDLE: ready.caFile,
    AZURE_TENANT_ID: ready.tenantId,
    AZURE_CLIENT_ID: ready.clientId,
    AZURE_CLIENT_SECRET: ready.clientSecret,
    AZURE_SUBSCRIPTION_ID: ready.subscriptionId,
    ARM_TENANT_ID: ready.tenantId,
    ARM_CLIENT_ID: ready.clientId,
    ARM_CLIENT_SECRET: ready.clientSecret,
    ARM_SUBSCRIPTION_ID: ready.subscriptionId,
    ZERO_TOUCH_CLOUD: "local",
    ZERO_TOUCH_LOCAL_CONTROL: ready.controlUrl,
  };
}

/** One call to a control listener, with its token. */
export function callControl(
  ready: Pick<Ready, "controlUrl" | "controlToken">,
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; body: unknown }> {
  const headers = {
    [CONTROL_TOKEN_HEADER]: ready.controlToken,
    "content-type": "application/json",
    connection: "close",
  };
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, ready.controlUrl), { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, body: text === "" ? undefined : JSON.parse(text) });
      });
    });
    call.on("error", reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Starts a whole local Azure for a test. Takes about three seconds: one for a test file, in its `before`. */
export async function startTestAzure(): Promise<TestAzure> {
  const directory = mkdtempSync(join(tmpdir(), "local-azure-"));
  await placeRsaKeys(directory);
  let running = await launch(directory);
  return {
    directory,
    get ready() {
      return running.ready;
    },
    get env() {
      return environment(running.ready);
    },
    control: (method, path, body) => callControl(running.ready, method, path, body),
    kill: () => running.end("SIGKILL"),
    ended: () => running.exited,
    async restart() {
      running = await launch(directory);
    },
    log: () => running.log(),
    printed: (pattern) => running.printed(pattern),
    async close() {
      await running.end("SIGTERM");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
