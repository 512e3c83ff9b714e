/** What a device does, by whatever transport. */
import type { AssignedRegistration } from "./registration";

/** The transports of devices. */
export const TRANSPORTS = ["https", "mqtt", "amqp"] as const;
export type TransportName = (typeof TRANSPORTS)[number];

/** How a hub acknowledges a message: the status of HTTPS, MQTT's PUBACK, or AMQP's outcome. */
export type Acceptance = 204 | "PUBACK" | "accepted";

/** Registers, and sends single messages. Close it when done. */
export interface Device {
  /** Registers and waits for `assigned`. Throws AzureError for any other end, and for none within the time-out. */
  register(globalEndpoint: string, idScope: string, registrationId: string): Promise<AssignedRegistration>;
  /** Sends one message with its ID, as JSON; returns the hub's acknowledgement. Throws AzureError. */
  sendTelemetry(hubHost: string, deviceId: string, message: unknown, messageId: string): Promise<Acceptance>;
  close(): Promise<void>;
}

/** A device's twin as the device sees it. */
export interface DeviceTwin {
  readonly desired: Readonly<Record<string, unknown>>;
  readonly reported: Readonly<Record<string, unknown>>;
}

/** The response to a direct method. */
export interface MethodResponse {
  /** As of HTTP: 200, 404 … */
  readonly status: number;
  readonly payload: unknown;
}

/** What a device does with what its hub sends. */
export interface HubListener {
  /** A change of desired properties, with its `$version`. */
  desired(patch: Readonly<Record<string, unknown>>): void;
  /** A direct method. */
  method(name: string, payload: unknown): MethodResponse;
  /** A cloud-to-device message, which is completed when this returns. */
  message(body: Buffer, properties: Readonly<Record<string, string>>): void;
}

/** A device's connection to its hub, which stays open. */
export interface HubSession {
  /** Sends one message with its ID, as JSON. Throws AzureError. */
  send(message: unknown, messageId: string): Promise<Acceptance>;
  /** Receives what the hub sends from now on. Over HTTPS: cloud-to-device messages, which are fetched at each `send`. */
  listen(listener: HubListener): Promise<void>;
  /** The twin; undefined over HTTPS, which has none. */
  twin(): Promise<DeviceTwin | undefined>;
  /** Changes reported properties. Over HTTPS, nothing. */
  report(patch: Readonly<Record<string, unknown>>): Promise<void>;
  /** Resolves when the connection ends that `close` has not ended, with why. */
  readonly broken: Promise<Error>;
  close(): Promise<void>;
}

/** Runs `work`; throws what `explain` makes of its error. */
export async function explained<R>(explain: (error: unknown) => Error, work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    throw explain(error);
  }
}
