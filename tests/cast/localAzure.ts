import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { CONTROL_TOKEN_HEADER, type Ready } from "../../emulator/contract/ready";
import { startLocalAzure } from "../../emulator/localAzure";
import { placeRsaKeys } from "./rsaKeys";

/** A local Azure on free ports and in a temporary folder. */
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
  /** All that it has logged so far. */
  log(): string;
  /** Ends it and removes the folder. */
  close(): Promise<void>;
}

/** Trusts the local Azure's CA alone: to read the public roots, too, takes curl 0.13 s of processor time in each run. */
export function environmentOf(ready: Ready): Record<string, string> {
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

/** A new folder for a local Azure, with the RSA keys that it makes otherwise. */
export async function newAzureFolder(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "local-azure-"));
  await placeRsaKeys(directory);
  return directory;
}

/**
 * Starts a local Azure in this process, which loads its modules once for all test files: one for a file, in its `before`. A test
 * that kills it, or waits for a child process synchronously, launches one as a process of its own (launchedAzure.ts).
 */
export async function startTestAzure(): Promise<TestAzure> {
  const directory = await newAzureFolder();
  let logged = "";
  const collect = (line: string): void => {
    logged += line;
  };
  const { ready, close } = await startLocalAzure(directory, pino({ base: null }, { write: collect }));
  return {
    directory,
    ready,
    env: environmentOf(ready),
    control: (method, path, body) => callControl(ready, method, path, body),
    log: () => logged,
    async close() {
      await close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
