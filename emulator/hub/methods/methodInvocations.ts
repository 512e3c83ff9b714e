import type { Ids } from "../../kernel/ids";
import { type ClientKey, clientPath } from "../connections/clientKey";
import type { Connection, ConnectionRegistry } from "../connections/connectionRegistry";
import { hubError } from "../hubErrors";

/** Most calls that wait for one client: each holds a payload of up to 128 KB. */
const PENDING_LIMIT = 100;

/** A call of a direct method. */
export interface MethodCall {
  readonly name: string;
  /** Any JSON; undefined for none. */
  readonly payload: unknown;
  /** How long the client may take to connect. 0: it must be connected. */
  readonly connectTimeoutMs: number;
  /** How long the client may take to respond. */
  readonly responseTimeoutMs: number;
}

/** A client's response to a call. */
export interface MethodResponse {
  /** The client's own status. */
  readonly status: number;
  readonly payload: unknown;
}

/** Runs work after milliseconds; returns what cancels it. */
export type Schedule = (ms: number, work: () => void) => () => void;

const onTimer: Schedule = (ms, work) => {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
};

interface PendingCall {
  readonly respond: (response: MethodResponse) => void;
  readonly fail: (error: Error) => void;
}

/**
 * Calls of direct methods: in memory, from the service to a connected client and back. A transport sets `receiveMethods` of its
 * connection, and passes the client's response to {@link MethodInvocations.respond}. Source: Azure documentation "Understand
 * and invoke direct methods".
 */
export class MethodInvocations {
  /** By connection and request ID. */
  readonly #pending = new Map<Connection, Map<string, PendingCall>>();
  /** Calls that wait for a client, by its hub and path. */
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(
    private readonly deps: { readonly ids: Ids; readonly connections: ConnectionRegistry },
    private readonly schedule: Schedule = onTimer,
  ) {
    deps.connections.onMethods((client) => {
      for (const ready of this.#waiting.get(keyOf(client)) ?? []) ready();
    });
    deps.connections.onClosed((connection) => {
      for (const { fail } of this.#pending.get(connection)?.values() ?? []) fail(offline("Device unavailable.", 0));
    });
  }

  /**
   * Calls a method. The caller knows that the client exists. Throws DeviceNotOnline if the client is not connected and does not
   * connect in time, or disconnects; GatewayTimeout if it does not respond in time; ThrottlingException if too many calls wait.
   */
  async invoke(client: ClientKey, call: MethodCall): Promise<MethodResponse> {
    const connection = await this.#connected(client, call.connectTimeoutMs);
    const calls = this.#pending.get(connection) ?? new Map<string, PendingCall>();
    if (calls.size >= PENDING_LIMIT)
      throw hubError("ThrottlingException", `${PENDING_LIMIT} calls wait for the device`);
    this.#pending.set(connection, calls);
    const requestId = this.deps.ids.guid();
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        cancel();
        calls.delete(requestId);
        if (calls.size === 0) this.#pending.delete(connection);
        settle();
      };
      const cancel = this.schedule(call.responseTimeoutMs, () => {
        const { responseTimeoutMs } = call;
        const message = "Timed out waiting for the response from device.";
        end(() => reject(hubError("GatewayTimeout", message, { info: { timeout: timeSpan(responseTimeoutMs) } })));
      });
      calls.set(requestId, {
        respond: (response) => end(() => resolve(response)),
        fail: (error) => end(() => reject(error)),
      });
      connection.receiveMethods?.({ requestId, name: call.name, payload: call.payload });
    });
  }

  /** Passes a client's response to the caller; returns false for a call that is unknown, of another client or has timed out. */
  respond(connection: Connection, requestId: string, response: MethodResponse): boolean {
    const call = this.#pending.get(connection)?.get(requestId);
    call?.respond(response);
    return call !== undefined;
  }

  /** Fails a call whose response is not JSON. */
  refuse(connection: Connection, requestId: string): void {
    const error = hubError("BadDeviceResponse", "the response of the device is not JSON");
    this.#pending.get(connection)?.get(requestId)?.fail(error);
  }

  async #connected(client: ClientKey, timeoutMs: number): Promise<Connection> {
    const now = this.#ready(client);
    if (now) return now;
    const key = keyOf(client);
    const calls = this.#waiting.get(key) ?? new Set();
    if (timeoutMs > 0 && calls.size < PENDING_LIMIT) {
      this.#waiting.set(key, calls);
      await new Promise<void>((done) => {
        const end = (): void => {
          cancel();
          calls.delete(end);
          if (calls.size === 0) this.#waiting.delete(key);
          done();
        };
        calls.add(end);
        const cancel = this.schedule(timeoutMs, end);
      });
    }
    const later = this.#ready(client);
    if (!later) throw offline("Timed out waiting for device to connect.", timeoutMs);
    return later;
  }

  #ready(client: ClientKey): Connection | undefined {
    const connection = this.deps.connections.find(client);
    return connection?.receiveMethods && connection;
  }
}

const keyOf = (client: ClientKey): string => `${client.hub} ${clientPath(client)}`;

const offline = (message: string, timeoutMs: number) =>
  hubError("DeviceNotOnline", message, { info: { timeout: timeSpan(timeoutMs) } });

/** Milliseconds as .NET writes a duration: `00:01:00`. */
function timeSpan(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [Math.trunc(seconds / 3600), Math.trunc(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}
