import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { HubSession } from "../../azure/devices/device";
import { acceptedWords } from "../upSummary";
import type { DeployedDevice } from "./deployedDevices";
import { behave, type DeviceState } from "./deviceBehavior";

/** How devices talk. */
export interface TelemetrySchedule {
  /** Milliseconds between two messages of a device. */
  readonly intervalMs: number;
  /** Messages of each device; undefined for as many as there is time for. */
  readonly count: number | undefined;
  /** Ends the schedule. */
  readonly signal: AbortSignal;
  print(line: string): void;
  /** Default: real time. */
  wait?(milliseconds: number): Promise<void>;
}

/** Degrees that the temperature moves up and down. */
const SWING = 3;
/** Messages from one peak to the next. */
const PERIOD = 12;

/** The temperature of the nth message: the device's own one, and a slow wave around it, rounded to a tenth. */
export const temperatureOf = (base: number, nth: number): number =>
  Math.round((base + SWING * Math.sin((2 * Math.PI * nth) / PERIOD)) * 10) / 10;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Connects a device, lets it respond to its hub, and sends its messages until the schedule ends. A refused message is printed, and
 * the next one is sent, over a new connection if the last one has ended. Returns how many were accepted.
 */
export async function talk(
  { deviceId, temperature }: DeployedDevice,
  connect: () => Promise<HubSession>,
  schedule: TelemetrySchedule,
): Promise<number> {
  const { count = Number.POSITIVE_INFINITY, signal } = schedule;
  const wait =
    schedule.wait ?? ((milliseconds: number) => pause(milliseconds, undefined, { signal }).catch(() => undefined));
  const print = (line: string): void => schedule.print(`${deviceId}  ${line}`);
  const state: DeviceState = { intervalMs: schedule.intervalMs, print };
  let session: HubSession | undefined;
  const open = async (): Promise<HubSession> => {
    const opened = await connect();
    session = opened;
    void opened.broken.then((reason) => {
      if (session !== opened) return;
      session = undefined;
      print(`disconnected: ${reasonOf(reason)}`);
    });
    try {
      await behave(opened, state);
      return opened;
    } catch (error) {
      await close();
      throw error;
    }
  };
  const close = async (): Promise<void> => {
    const last = session;
    session = undefined;
    await last?.close();
  };
  // What is under way ends with the connection.
  const ended = (): void => void close();
  signal.addEventListener("abort", ended, { once: true });
  let accepted = 0;
  for (let nth = 0; nth < count && !signal.aborted; nth++) {
    if (nth > 0) await wait(state.intervalMs);
    if (signal.aborted) break;
    const message = { temperature: temperatureOf(temperature, nth) };
    try {
      const acceptance = await (session ?? (await open())).send(message, randomUUID());
      accepted += 1;
      print(`${JSON.stringify(message)}  ${acceptedWords(acceptance)}`);
    } catch (error) {
      if (!signal.aborted) print(`${JSON.stringify(message)}  refused: ${reasonOf(error)}`);
    }
  }
  signal.removeEventListener("abort", ended);
  await close();
  return accepted;
}
