import type { Value } from "../../plugin-protocol/propertyValue";
import { ArmError, armError } from "./armError";

/** One request to ARM. */
export interface ArmRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** Absolute, with its api-version. */
  readonly url: string;
  readonly body?: Value;
}

/** One response of ARM, whatever its status. */
export interface ArmResponse {
  readonly status: number;
  /** A header's value, by its name in any letter case. */
  header(name: string): string | undefined;
  /** Parsed JSON, the text where it is none, null where there is no body. */
  readonly body: Value;
}

/** Sends one request once, signed in; throws where the network fails. */
export type Send = (request: ArmRequest, signal: AbortSignal) => Promise<ArmResponse>;

/** Waits; rejects when the signal aborts. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** Seconds before each further try when the response names none (azure-native's own). */
const WAITS = [20, 60, 120];

/** The wait that a response asks for, in milliseconds; undefined when it names none. Seconds or an HTTP date (RFC 9110, 10.2.3). */
export function retryAfter(response: ArmResponse | undefined, now = Date.now()): number | undefined {
  const value = response?.header("retry-after");
  if (!value) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** ARM with the genuine plugin's tries, waits and registration of resource providers. */
export class ArmClient {
  constructor(
    private readonly transport: Send,
    readonly pause: Pause,
    private readonly origin: string,
    private readonly subscriptionId: string,
  ) {}

  /** The absolute address of a path at an api-version. */
  url(path: string, apiVersion: string): string {
    return `${this.origin}${path}?api-version=${apiVersion}`;
  }

  /** Sends, and tries again where that may help. Responses of 400 and above that are not in `expected` are thrown. */
  async send(request: ArmRequest, signal: AbortSignal, expected: readonly number[] = []): Promise<ArmResponse> {
    const response = await this.#tried(request, signal);
    if (response.status < 400 || expected.includes(response.status)) return response;
    const error = armError(response.status, response.body);
    if (response.status !== 409 || error.code !== "MissingSubscriptionRegistration") throw error;
    await this.#register(request.url, signal);
    const second = await this.#tried(request, signal);
    if (second.status < 400 || expected.includes(second.status)) return second;
    throw armError(second.status, second.body);
  }

  async #tried(request: ArmRequest, signal: AbortSignal): Promise<ArmResponse> {
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#once(request, signal);
      const wait = WAITS[attempt];
      if (outcome.response && (wait === undefined || !isPassing(outcome.response))) return outcome.response;
      if (outcome.failure && (wait === undefined || isFinal(outcome.failure) || signal.aborted)) throw outcome.failure;
      await this.pause(retryAfter(outcome.response) ?? (wait ?? 0) * 1000, signal);
    }
  }

  async #once(request: ArmRequest, signal: AbortSignal): Promise<{ response?: ArmResponse; failure?: Error }> {
    try {
      return { response: await this.transport(request, signal) };
    } catch (failure) {
      return { failure: failure instanceof Error ? failure : new Error(String(failure)) };
    }
  }

  async #register(url: string, signal: AbortSignal): Promise<void> {
    const namespace = /\/providers\/([^/?]+)/i.exec(url)?.[1];
    if (!namespace) throw new ArmError(409, "MissingSubscriptionRegistration", `no resource provider in ${url}`);
    const path = `/subscriptions/${this.subscriptionId}/providers/${namespace}`;
    await this.send({ method: "POST", url: this.url(`${path}/register`, "2019-05-01") }, signal);
    for (;;) {
      const response = await this.send({ method: "GET", url: this.url(path, "2019-05-01") }, signal);
      const state = (response.body as { registrationState?: string } | null)?.registrationState;
      if (state === "Registered") return;
      await this.pause(retryAfter(response) ?? 10_000, signal);
    }
  }
}

/** Whether the same request may succeed a little later. */
function isPassing(response: ArmResponse): boolean {
  if (response.status === 408 || response.status === 429 || response.status >= 500) return response.status !== 501;
  return response.status === 409 && armError(409, response.body).code === "AnotherOperationInProgress";
}

/** Errors that no further try mends are marked by who throws them. */
const isFinal = (failure: Error): boolean => "final" in failure && failure.final === true;
