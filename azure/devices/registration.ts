/** The registration of a device, which is the same over every transport: register, and poll as Retry-After says. */
import { setTimeout as pause } from "node:timers/promises";
import { AzureError, readFailure } from "../clients/azureError";
import type { RegistrationOperation, RegistrationState } from "../wire/dpsRegistration";
import { isObject } from "../wire/jsonObject";

/** Time as a device sees it: milliseconds since 1970, and waiting. */
export interface DeviceClock {
  now(): number;
  wait(milliseconds: number): Promise<void>;
}

/** How a device waits. */
export interface DeviceOptions {
  readonly clock?: DeviceClock;
  /** Longest time from the first request to the last response in milliseconds; default 120,000. */
  readonly timeoutMs?: number;
}

const REAL_CLOCK: DeviceClock = {
  now: () => Date.now(),
  wait: (milliseconds) => pause(milliseconds),
};

/** A response, over whatever transport; header names are in lower case. */
export interface DeviceResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The two requests of a registration. */
export interface RegistrationRequests {
  register(): Promise<DeviceResponse>;
  /** The state of the operation that `register` began. */
  status(operationId: string): Promise<DeviceResponse>;
}

/** A registration that ended well: which hub, under which ID. */
export type AssignedRegistration = RegistrationState & { readonly assignedHub: string; readonly deviceId: string };

/** One task of a device, with the time that it has. */
export class DeviceTask {
  readonly #clock: DeviceClock;
  readonly #timeoutMs: number;
  readonly #deadline: number;

  /** `operation` is a phrase in the infinitive, for example `register device "sensor-01"`. */
  constructor(
    private readonly service: "dpsDevice" | "hub",
    readonly operation: string,
    { clock = REAL_CLOCK, timeoutMs = 120_000 }: DeviceOptions,
  ) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#deadline = clock.now() + timeoutMs;
  }

  /** Sends, repeating while the service throttles or fails on its side and time is left. Throws AzureError. */
  async send(request: () => Promise<DeviceResponse>): Promise<DeviceResponse> {
    for (;;) {
      const response = await request();
      if (response.status < 300) return response;
      const failure = readFailure(response.status, response.text, response.headers["iothub-errorcode"]);
      const isPassing = response.status === 429 || response.status >= 500;
      const delay = retryAfterMs(response);
      if (!isPassing || this.#clock.now() + delay > this.#deadline) {
        throw new AzureError(this.service, this.operation, failure);
      }
      await this.#clock.wait(delay);
    }
  }

  /** Registers and waits for `assigned`. Throws AzureError for any other end, and for none within the time-out. */
  async register(requests: RegistrationRequests): Promise<AssignedRegistration> {
    let response = await this.send(() => requests.register());
    for (;;) {
      const state = parse(response, this.operation);
      if (state.status !== "assigning") return assigned(state, response.status, this.operation);
      await this.#wait(response);
      response = await this.send(() => requests.status(state.operationId));
    }
  }

  async #wait(response: DeviceResponse): Promise<void> {
    const delay = retryAfterMs(response);
    if (this.#clock.now() + delay > this.#deadline) {
      const said = `still "assigning" after ${Math.round(this.#timeoutMs / 1000)} seconds`;
      throw new AzureError("dpsDevice", this.operation, { status: 504, code: "RegistrationTimeout", said });
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
