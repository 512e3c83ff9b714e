import { SetupError } from "../../bootstrap/setupError.cjs";
import type { Paths } from "../checkoutPaths";
import { type StoredEvent, storedEvents } from "../local/controlClient";
import { started } from "../local/localAzureProcess";
import { readState } from "../pulumi/stackState";
import { takeFlag, takeOption } from "./arguments";

/** One stored event as a line for people. */
export function eventLine(event: StoredEvent): string {
  const body = typeof event.body === "string" ? event.body : JSON.stringify(event.body);
  return `${event.enqueuedTimeUtc}  ${event.deviceId}  #${event.sequenceNumber}  ${body}`;
}

/** `npm run telemetry [-- --device ID] [-- --hub NAME] [-- --json]`: what the stack's hub stored, oldest first. */
export async function telemetry(paths: Paths, args: readonly string[]): Promise<number> {
  const json = takeFlag(args, "--json");
  const device = takeOption(json.rest, "--device");
  const hub = takeOption(device.rest, "--hub");
  if (hub.rest.length > 0) {
    throw new SetupError(
      "UNKNOWN_ARGUMENT",
      `Unknown argument: ${hub.rest.join(" ")}`,
      "Known: --device ID, --hub NAME, --json.",
      ["npm run telemetry"],
    );
  }
  const name = hub.value ?? readState(paths)?.outputs.hubName;
  if (typeof name !== "string") {
    throw new SetupError(
      "NO_HUB",
      "There is no IoT Hub whose telemetry could be shown.",
      "The stack has no output hubName.",
      ["npm run up", "name a hub: npm run telemetry -- --hub NAME"],
    );
  }
  const query = device.value === undefined ? {} : { deviceId: device.value };
  const events = await storedEvents(await started({ paths }), name, query);
  for (const event of events) process.stdout.write(`${json.found ? JSON.stringify(event) : eventLine(event)}\n`);
  if (events.length === 0 && !json.found) process.stdout.write(`No event has arrived at ${name}.\n`);
  return 0;
}
