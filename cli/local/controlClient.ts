import { request } from "node:http";
import { isObject } from "../../azure/wire/jsonObject";
import { CONTROL_TOKEN_HEADER } from "../../emulator/contract/ready";
import type { Ready } from "./readyFile";

/** A response of the control listener. `body` is parsed JSON, undefined for an empty one. */
export interface ControlResponse {
  readonly status: number;
  readonly body: unknown;
}

/**
 * One call to the control listener. It goes straight to the loopback through node:http, which knows no proxy variable.
 * Errors: those of the socket (ECONNREFUSED when nothing listens), and `ETIMEDOUT` after `timeout` milliseconds
 * (default 5000).
 */
export function control(
  ready: Pick<Ready, "controlUrl" | "controlToken">,
  method: "GET" | "POST",
  path: string,
  timeout = 5000,
  body?: object,
): Promise<ControlResponse> {
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const headers = { [CONTROL_TOKEN_HEADER]: ready.controlToken, connection: "close", ...type };
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, ready.controlUrl), { method, timeout, agent: false, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        try {
          resolve({ status: response.statusCode ?? 0, body: text === "" ? undefined : JSON.parse(text) });
        } catch {
          resolve({ status: response.statusCode ?? 0, body: text });
        }
      });
    });
    call.on("timeout", () => call.destroy(Object.assign(new Error("no response in time"), { code: "ETIMEDOUT" })));
    call.on("error", reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** A token of the identity provider outside of Azure (GitHub's, for a workflow on `main`), good for a day. */
export async function mintedIdToken(ready: Ready): Promise<string> {
  const { status, body } = await control(ready, "POST", "/id-token", 5000, { lifetimeSeconds: 86_400 });
  if (status !== 200) throw new Error(`The local Azure returned ${status} to a request for an identity token.`);
  return (body as { token: string }).token;
}

/** Whether the process that ready.json names is the local Azure that it says: guards against a reused process id or port. */
export async function isLocalAzure(ready: Ready): Promise<boolean> {
  try {
    const { status, body } = await control(ready, "GET", "/health", 2000);
    return status === 200 && isObject(body) && body.pid === ready.pid;
  } catch {
    return false;
  }
}

/** An event as a hub stored it. `body` is what the device sent, as the control listener gives it. */
export interface StoredEvent {
  readonly sequenceNumber: number;
  readonly deviceId: string;
  readonly enqueuedTimeUtc: string;
  readonly body: unknown;
}

/** The events that a hub stored, oldest first; an empty list for a hub that the local Azure does not know. */
export async function storedEvents(
  ready: Ready,
  hub: string,
  query: { readonly deviceId?: string; readonly afterSequence?: number; readonly top?: number } = {},
): Promise<readonly StoredEvent[]> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) parameters.set(name, String(value));
  const suffix = parameters.size > 0 ? `?${parameters}` : "";
  const { status, body } = await control(ready, "GET", `/hubs/${encodeURIComponent(hub)}/events${suffix}`);
  if (status === 404) return [];
  if (status !== 200) throw new Error(`The local Azure returned ${status} to a request for the events of ${hub}.`);
  return (body as { events: readonly StoredEvent[] }).events;
}
