/**
 * What a device does: register with DPS over plain HTTPS, poll as Retry-After says, send telemetry to its hub.
 * Sources: Azure REST API "Runtime Registration", 2021-06-01; "IoT Hub – Send Device Event", 2020-03-13.
 */

import { setTimeout as pause } from "node:timers/promises";
import { API_VERSIONS } from "../apiVersions";
import type { RegistrationOperation, RegistrationState } from "../wire/dpsRegistration";
import { isObject } from "../wire/jsonObject";
import { AzureError, readFailure, UnreachableError } from "./azureError";
import type { DeviceRequest, DeviceResponse, DeviceTransport } from "./mutualTls";

/** Time as the client sees it: milliseconds since 1970, and waiting. */
export interface DeviceClock {
  now(): number;
  wait(milliseconds: number): Promise<void>;
}

const REAL_CLOCK: DeviceClock = {
  now: () => Date.now(),
  wait: (milliseconds) => pause(milliseconds),
};

/** How the client waits. */
export interface DeviceClientOptions {
  readonly clock?: DeviceClock;
  /** Longest time from the first request to `assigned` in milliseconds; default 120,000. */
  readonly timeoutMs?: number;
}

/** A registration that ended well: which hub, under which ID. */
export type AssignedRegistration = RegistrationState & { readonly assignedHub: string; readonly deviceId: string };

/** Speaks for one device through a transport that shows its certificate. */
export class DeviceClient {
  readonly #transport: DeviceTransport;
  readonly #clock: DeviceClock;
  readonly #timeoutMs: number;

  constructor(transport: DeviceTransport, options: DeviceClientOptions = {}) {
    this.#transport = transport;
    this.#clock = options.clock ?? REAL_CLOCK;
    this.#timeoutMs = options.timeoutMs ?? 120_000;
  }

  /** Registers and waits for `assigned`. Throws AzureError for any other end, and for none within the time-out. */
  async register(globalEndpoint: string, idScope: string, registrationId: string): Promise<AssignedRegistration> {
    const operation = `register device "${registrationId}"`;
    const base = `https://${globalEndpoint}/${encodeURIComponent(idScope)}/registrations/${encodeURIComponent(registrationId)}`;
    const query = `?api-version=${API_VERSIONS.dpsDevice}`;
    const deadline = this.#clock.now() + this.#timeoutMs;
    const body = JSON.stringify({ registrationId });
    let response = await this.#send("dpsDevice", operation, deadline, {
      method: "PUT",
      url: `${base}/register${query}`,
      body,
    });
    for (;;) {
      const state = parse(response, operation);
      if (state.status !== "assigning") return assigned(state, response.status, operation);
      await this.#wait(response, deadline, operation);
      const url = `${base}/operations/${encodeURIComponent(state.operationId)}${query}`;
      response = await this.#send("dpsDevice", operation, deadline, { method: "GET", url });
    }
  }

  /** Sends one message with its ID; returns 204, Azure's only success, or throws AzureError. */
  async sendTelemetry(hubHost: string, deviceId: string, message: unknown, messageId: string): Promise<204> {
    const operation = `send telemetry of device "${deviceId}"`;
    const url = `https://${hubHost}/devices/${encodeURIComponent(deviceId)}/messages/events?api-version=${API_VERSIONS.hubDevice}`;
    const deadline = this.#clock.now() + this.#timeoutMs;
    const headers = { "iothub-messageid": messageId };
    const call = { method: "POST", url, headers, body: JSON.stringify(message) } as const;
    const response = await this.#send("hub", operation, deadline, call);
    if (response.status !== 204) throw new AzureError("hub", operation, { status: response.status });
    return 204;
  }

  /** Sends, repeating while the service throttles or fails on its side and time is left. */
  async #send(
    service: "dpsDevice" | "hub",
    operation: string,
    deadline: number,
    call: DeviceRequest,
  ): Promise<DeviceResponse> {
    for (;;) {
      const response = await this.#transport.send(call).catch((cause: unknown) => {
        throw new UnreachableError(operation, new URL(call.url).host, cause);
      });
      if (response.status < 300) return response;
      const failure = readFailure(response.status, response.text, response.headers["iothub-errorcode"]);
      const isPassing = response.status === 429 || response.status >= 500;
      const delay = retryAfterMs(response);
      if (!isPassing || this.#clock.now() + delay > deadline) throw new AzureError(service, operation, failure);
      await this.#clock.wait(delay);
    }
  }

  async #wait(response: DeviceResponse, deadline: number, operation: string): Promise<void> {
    const delay = retryAfterMs(response);
    if (this.#clock.now() + delay > deadline) {
      const said = `still "assigning" after ${Math.round(this.#timeoutMs / 1000)} seconds`;
      throw new AzureError("dpsDevice", operation, { status: 504, code: "RegistrationTimeout", said });
    }
    await this.#clock.wait(delay);
  }
}

/**
 * Retry-After in milliseconds; 2 seconds if the response has none, as in Azure's SDKs. At most 30 seconds, and a tenth
 * of one at least: a service that always says 0 is not to be asked without end in one breath.
 */
function retryAfterMs(response: DeviceResponse): number {
  const said = response.headers["retry-after"] ?? "";
  return /^\d+$/.test(said) ? Math.max(Math.min(Number(said), 30) * 1000, 100) : 2000;
}

/** The response to a registration. Anything else, such as a captive portal's page, is not quoted: its content is unknown. */
function parse(response: DeviceResponse, operation: string): RegistrationOperation {
  try {
    const body: unknown = JSON.parse(response.text);
    if (isObject(body) && "status" in body) return body as unknown as RegistrationOperation;
  } catch {
    // Not JSON: reported below.
  }
  throw new AzureError("dpsDevice", operation, { status: response.status, said: "the response is not a registration" });
}

function assigned(result: RegistrationOperation, status: number, operation: string): AssignedRegistration {
  const state = result.registrationState;
  const { assignedHub, deviceId } = state ?? {};
  if (result.status === "assigned" && state && assignedHub && deviceId) return { ...state, assignedHub, deviceId };
  const code = state?.errorCode === undefined ? result.status : String(state.errorCode);
  const said = state?.errorMessage ?? `the registration ended as "${result.status}"`;
  // The service's own access to the hub, and not the device's to the service.
  const innerCode = code === "401002" ? "IotHubUnauthorizedAccess" : undefined;
  throw new AzureError("dpsDevice", operation, { status, code, innerCode, said });
}
