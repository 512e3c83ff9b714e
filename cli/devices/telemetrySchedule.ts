import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { DeviceClient } from "../../azure/clients/deviceClient";
import type { DeployedDevice } from "./deployedDevices";

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

/** Sends a device's messages until the schedule ends. A refused message is printed, and the next one is sent. Returns how many were accepted. */
export async function talk(
  { deviceId, hub, temperature }: DeployedDevice,
  device: Pick<DeviceClient, "sendTelemetry">,
  schedule: TelemetrySchedule,
): Promise<number> {
  const { intervalMs, count = Number.POSITIVE_INFINITY, signal, print } = schedule;
  const wait =
    schedule.wait ?? ((milliseconds: number) => pause(milliseconds, undefined, { signal }).catch(() => undefined));
  let accepted = 0;
  for (let nth = 0; nth < count && !signal.aborted; nth++) {
    if (nth > 0) await wait(intervalMs);
    if (signal.aborted) break;
    const message = { temperature: temperatureOf(temperature, nth) };
    try {
      const status = await device.sendTelemetry(hub, deviceId, message, randomUUID());
      accepted += 1;
      print(`${deviceId}  ${JSON.stringify(message)}  accepted with ${status}`);
    } catch (error) {
      print(
        `${deviceId}  ${JSON.stringify(message)}  refused: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return accepted;
}
