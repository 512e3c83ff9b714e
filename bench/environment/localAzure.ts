import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { SCOPES } from "../../azure/apiVersions";
import { ARM_HOST, LOGIN_HOST } from "../../azure/hosts";
import { HOOK, hasEnded, ROOT, withFolder } from "./processes";

/** What ready.json says, as far as measurements need it. */
interface Facts {
  readonly pid: number;
  readonly metadataHost: string;
  readonly caFile: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly objectId: string;
  readonly controlUrl: string;
  readonly controlToken: string;
}

/** One request to a host of the local Azure, at its direct TLS listener. */
export interface Request {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Response {
  readonly status: number;
  readonly text: string;
}

/** A local Azure of its own for a measurement, with its state in a folder that is thrown away. */
export class LocalAzure {
  #armToken: string | undefined;

  private constructor(
    private readonly child: ChildProcess,
    readonly facts: Facts,
    readonly port: number,
    readonly ca: string,
  ) {}

  static async start(folder: string): Promise<LocalAzure> {
    const args = ["-r", HOOK, join(ROOT, "emulator", "main.ts"), "--dir", folder];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: "ignore" });
    const file = join(folder, "ready.json");
    while (!existsSync(file)) {
      if (hasEnded(child)) throw new Error(`the local Azure ended with ${child.exitCode ?? child.signalCode}`);
      await pause(20);
    }
    const facts = JSON.parse(readFileSync(file, "utf8")) as Facts;
    return new LocalAzure(child, facts, Number(facts.metadataHost.split(":")[1]), readFileSync(facts.caFile, "utf8"));
  }

  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    if (!hasEnded(this.child)) await once(this.child, "exit");
  }

  /** Whether operations take as long as on Azure: a registration returns `Retry-After: 3`. */
  async realDelays(realDelays: boolean): Promise<void> {
    const { controlUrl, controlToken } = this.facts;
    const response = await fetch(`${controlUrl}/settings`, {
      method: "POST",
      headers: { "x-local-azure-token": controlToken, "content-type": "application/json" },
      body: JSON.stringify({ realDelays }),
    });
    if (!response.ok) throw new Error(`POST /settings: ${response.status} ${await response.text()}`);
  }

  /** Resident memory of the process, MB. Linux only. */
  memory(): number {
    const status = readFileSync(`/proc/${this.facts.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  }

  /** A connection pool of one connection to `host`; give a device's certificate and key for mTLS. */
  agent(host: string, identity: { cert?: string; key?: string } = {}): Agent {
    return new Agent({ keepAlive: true, maxSockets: 1, ca: this.ca, servername: host, ...identity });
  }

  async ask(ask: Request, agent: Agent = this.agent(ask.host)): Promise<Response> {
    const reply = await send(this.port, ask, agent);
    if (reply.status >= 400) throw new Error(`${ask.method} ${ask.path}: ${reply.status} ${reply.text}`);
    return reply;
  }

  /** An Entra token for a scope. */
  async token(scope: string): Promise<string> {
    const { tenantId, clientId, clientSecret } = this.facts;
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      scope,
    });
    const { text } = await this.ask({
      host: LOGIN_HOST,
      method: "POST",
      path: `/${tenantId}/oauth2/v2.0/token`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
    });
    return (JSON.parse(text) as { access_token: string }).access_token;
  }

  /** A JSON call to ARM below the subscription. */
  async arm<T>(method: string, path: string, body?: unknown): Promise<T> {
    this.#armToken ??= await this.token(SCOPES.arm);
    const { text } = await this.ask({
      host: ARM_HOST,
      method,
      path: `/subscriptions/${this.facts.subscriptionId}${path}`,
      headers: { authorization: `Bearer ${this.#armToken}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }
}

/** Runs `work` with a local Azure, which is stopped at the end, and a folder that is gone afterwards. */
export function withLocalAzure<T>(work: (azure: LocalAzure, folder: string) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    const azure = await LocalAzure.start(join(folder, "azure"));
    try {
      return await work(azure, folder);
    } finally {
      await azure.stop();
    }
  });
}

/** Sends one request to a port of this machine. */
export function send(port: number, { host, method, path, headers, body }: Request, agent: Agent): Promise<Response> {
  return new Promise((done, fail) => {
    const length = { "content-length": String(Buffer.byteLength(body ?? "")) };
    const sent = request(
      { host: "127.0.0.1", port, method, path, agent, headers: { host, ...length, ...headers } },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.once("end", () => done({ status: response.statusCode ?? 0, text }));
      },
    );
    sent.once("error", fail);
    sent.end(body);
  });
}
