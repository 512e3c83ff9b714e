import { isObject } from "../../azure/wire/jsonObject";
import type { Value } from "../../plugin-protocol/propertyValue";
import { type ArmClient, type ArmResponse, retryAfter } from "./armClient";
import { ArmError, armError } from "./armError";

/** The request that started a long-running operation. */
export interface Operation {
  readonly method: "PUT" | "DELETE";
  /** The resource's own address, polled when a response names no other. */
  readonly resourceUrl: string;
  /** Whether a 202 to a DELETE must name a polling URL. */
  readonly deleteIsPolled?: boolean;
}

/** Milliseconds between polls when a response names none: the genuine plugin's own. */
const INTERVAL = { PUT: 10_000, DELETE: 30_000 } as const;

/**
 * Follows a long-running operation to its end: `Azure-AsyncOperation` before `Location` before the resource's own
 * `properties.provisioningState`. The first poll is sent at once; `Retry-After` is honoured on every response.
 * @throws {ArmError} when it ends as Failed or Canceled, or when a 202 names no polling URL.
 */
export async function awaitOperation(
  arm: ArmClient,
  started: ArmResponse,
  operation: Operation,
  signal: AbortSignal,
): Promise<void> {
  if (operation.method === "DELETE" && (!operation.deleteIsPolled || started.status === 204)) return;
  const poll = polling(started, operation);
  if (!poll) return;
  let response = started;
  for (let first = true; ; first = false) {
    const wait = retryAfter(response) ?? (first ? 0 : INTERVAL[operation.method]);
    if (wait > 0) await arm.pause(wait, signal);
    response = await arm.send({ method: "GET", url: poll.url }, signal, operation.method === "DELETE" ? [404] : []);
    if (poll.isDone(response)) return;
  }
}

interface Polling {
  readonly url: string;
  isDone(response: ArmResponse): boolean;
}

function polling(started: ArmResponse, operation: Operation): Polling | undefined {
  const status = started.header("azure-asyncoperation");
  if (status)
    return { url: absolute(status, operation), isDone: (response) => isDone(response, statusOf(response.body)) };
  const location = started.header("location");
  if (location && (started.status === 202 || operation.method === "PUT")) {
    return { url: absolute(location, operation), isDone: (response) => response.status !== 202 };
  }
  if (started.status === 202) throw new ArmError(202, "", "response is missing polling URL");
  if (operation.method === "DELETE" || isDone(started, provisioningState(started.body))) return undefined;
  return { url: operation.resourceUrl, isDone: (response) => isDone(response, provisioningState(response.body)) };
}

/** An address in a header may be relative; whether a token may go there is the transport's to judge. */
const absolute = (address: string, operation: Operation): string => new URL(address, operation.resourceUrl).href;

const statusOf = (body: Value): string => (isObject(body) ? String(body.status ?? "") : "");

function provisioningState(body: Value): string {
  const properties = isObject(body) ? (body.properties ?? null) : null;
  // A resource without a state of its own exists as soon as it responds.
  return isObject(properties) ? String(properties.provisioningState ?? "Succeeded") : "Succeeded";
}

function isDone(response: ArmResponse, state: string): boolean {
  if (response.status === 404) return true;
  const word = state.toLowerCase();
  if (word === "failed" || word === "canceled" || word === "cancelled") {
    const { code, detail } = armError(response.status, response.body);
    if (code === "") throw new ArmError(response.status, state, `The operation ended as ${state}.`);
    throw new ArmError(response.status, code, detail);
  }
  return word === "succeeded";
}
