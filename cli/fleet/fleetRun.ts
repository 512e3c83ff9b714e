import type { DeviceClient } from "../../azure/clients/deviceClient";
import type { DeviceCredentials, DeviceTransport } from "../../azure/clients/mutualTls";
import type { DeviceClock } from "../../azure/devices/registration";
import { temperatureOf } from "../devices/telemetrySchedule";
import { type DeviceProgress, isDone } from "./deviceProgress";
import type { DeviceFailed, JournalEntry } from "./fleetJournal";
import type { FleetDevice } from "./fleetManifest";
import { failureOf, isTransient, retryDelay } from "./retries";
import { Semaphore } from "./semaphore";

/** Thrown in a device's work when the run is to stop. */
class Stopped extends Error {}

/** What a run of a fleet depends on. */
export interface FleetRunOptions {
  readonly devices: Iterable<FleetDevice>;
  readonly idScope: string;
  /** Host name of DPS for devices. */
  readonly endpoint: string;
  /** Messages of each device. */
  readonly messages: number;
  /** Milliseconds between two messages of a device. */
  readonly intervalMs: number;
  /** Devices with a request in flight. */
  readonly concurrency: number;
  readonly clock: DeviceClock;
  /** A number from 0 to 1. */
  random(): number;
  /** Stops the run: requests in flight end, and no others begin. */
  readonly signal: AbortSignal;
  /** What earlier runs did. */
  progressOf(index: number): DeviceProgress | undefined;
  record(entry: JournalEntry): void;
  credentials(registrationId: string): Promise<DeviceCredentials>;
  transport(credentials: DeviceCredentials): DeviceTransport;
  client(transport: DeviceTransport, clock: DeviceClock): Pick<DeviceClient, "register" | "sendTelemetry">;
}

/** Devices that register for each permitted request: a device keeps its connection while it waits for its assignment. */
const REGISTERING_PER_REQUEST = 4;
/** Attempts to register a device, or to send a message. */
const ATTEMPTS = 6;
/** The share of a wait that is added at random, so that devices that were refused together do not come back together. */
const JITTER = 0.2;
/** Milliseconds for which DPS is left alone after a 429 without Retry-After. */
const DEFAULT_THROTTLE_MS = 2000;

/**
 * Registers devices and sends their messages. At most `concurrency` devices have a request in flight; a device that waits (for
 * its assignment, for a retry, for its next message) lets others go on. After a 429 no device begins before its Retry-After.
 */
export class FleetRun {
  readonly #requests: Semaphore;
  readonly #registering: Semaphore;
  #throttledUntil = 0;

  constructor(private readonly options: FleetRunOptions) {
    this.#requests = new Semaphore(options.concurrency);
    this.#registering = new Semaphore(options.concurrency * REGISTERING_PER_REQUEST);
  }

  /** Runs the devices that are not done. Rejects if an entry cannot be recorded. */
  async run(): Promise<void> {
    const { devices, messages, signal } = this.options;
    const inProgress = new Set<Promise<void>>();
    let failure: { readonly error: unknown } | undefined;
    for (const device of devices) {
      const progress = this.options.progressOf(device.index) ?? { sent: 0 };
      if (progress.failure === undefined && isDone(progress, messages)) continue;
      if (progress.assigned === undefined) await this.#registering.acquire();
      if (progress.assigned === undefined) await this.#throttled();
      if (signal.aborted || failure !== undefined) break;
      const work = this.#drive(device, progress)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => inProgress.delete(work));
      inProgress.add(work);
    }
    await Promise.all(inProgress);
    if (failure !== undefined) throw failure.error;
  }

  async #throttled(): Promise<void> {
    const { clock, random, signal } = this.options;
    for (;;) {
      const left = this.#throttledUntil - clock.now();
      if (left <= 0 || signal.aborted) return;
      await clock.wait(left * (1 + JITTER * random()));
    }
  }

  async #drive(device: FleetDevice, progress: DeviceProgress): Promise<void> {
    const { record, clock } = this.options;
    let step: DeviceFailed["step"] = "register";
    try {
      const assigned = progress.assigned ?? (await this.#register(device).finally(() => this.#registering.release()));
      step = "telemetry";
      await this.#talk(device, assigned, progress.sent);
    } catch (error) {
      if (error instanceof Stopped) return;
      record({ event: "failed", ...device, step, ...failureOf(error), at: clock.now() });
    }
  }

  async #register(device: FleetDevice): Promise<{ readonly hub: string; readonly deviceId: string }> {
    const { idScope, endpoint, clock, record } = this.options;
    const { registrationId } = device;
    const start = clock.now();
    const attempt = () =>
      this.#exchange(registrationId, this.#lettingOthersGoOn(), (client) =>
        client.register(endpoint, idScope, registrationId),
      );
    const { result, attempts } = await this.#retried(attempt);
    const { assignedHub: hub, deviceId } = result;
    const at = clock.now();
    record({ event: "registered", ...device, deviceId, hub, ms: at - start, attempts, at });
    return { hub, deviceId };
  }

  /** Sends the messages that are left. What was accepted is recorded however it ends. */
  async #talk(
    { index, registrationId }: FleetDevice,
    { hub, deviceId }: { readonly hub: string; readonly deviceId: string },
    before: number,
  ): Promise<void> {
    const { messages, intervalMs, clock, record } = this.options;
    let sent = before;
    try {
      while (sent < messages) {
        if (sent > before) await this.#wait(intervalMs);
        const message = { temperature: temperatureOf(20 + (index % 10), sent), sequence: sent + 1 };
        // The same for a message that is sent again after a kill, so that whoever reads it can leave it out.
        const messageId = `${registrationId}-${message.sequence}`;
        const attempt = () =>
          this.#exchange(registrationId, clock, (client) => client.sendTelemetry(hub, deviceId, message, messageId));
        await this.#retried(attempt);
        sent += 1;
      }
    } finally {
      if (sent > before) record({ event: "sent", index, messages: sent, at: clock.now() });
    }
  }

  /** Repeats what fails for a reason that passes. */
  async #retried<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly attempts: number }> {
    for (let attempts = 1; ; attempts += 1) {
      try {
        return { result: await work(), attempts };
      } catch (error) {
        if (attempts >= ATTEMPTS || !isTransient(error)) throw error;
        await this.#wait(retryDelay(attempts, this.options.random()));
      }
    }
  }

  /** One connection of a device, with a permit for its requests. */
  async #exchange<T>(
    registrationId: string,
    clock: DeviceClock,
    work: (client: Pick<DeviceClient, "register" | "sendTelemetry">) => Promise<T>,
  ): Promise<T> {
    await this.#requests.acquire();
    try {
      if (this.options.signal.aborted) throw new Stopped();
      const transport = this.options.transport(await this.options.credentials(registrationId));
      try {
        return await work(this.options.client(this.#watched(transport), clock));
      } finally {
        await transport.close();
      }
    } finally {
      this.#requests.release();
    }
  }

  /** Notes for how long the service asks to be left alone. */
  #watched(transport: DeviceTransport): DeviceTransport {
    return {
      send: async (call) => {
        const response = await transport.send(call);
        if (response.status === 429) {
          const seconds = Number(response.headers["retry-after"]);
          const wait = seconds > 0 ? seconds * 1000 : DEFAULT_THROTTLE_MS;
          this.#throttledUntil = Math.max(this.#throttledUntil, this.options.clock.now() + wait);
        }
        return response;
      },
      close: () => transport.close(),
    };
  }

  /** The clock of a device that registers: while it waits, another one has its permit. */
  #lettingOthersGoOn(): DeviceClock {
    const { clock, random } = this.options;
    return {
      now: () => clock.now(),
      wait: async (milliseconds) => {
        this.#requests.release();
        try {
          await this.#wait(milliseconds * (1 + JITTER * random()));
        } finally {
          await this.#requests.acquire();
        }
      },
    };
  }

  /** Waits. Throws {@link Stopped} when the run is to stop. */
  async #wait(milliseconds: number): Promise<void> {
    const { clock, signal } = this.options;
    if (!signal.aborted) await clock.wait(milliseconds);
    if (signal.aborted) throw new Stopped();
  }
}
