import { SetupError } from "../../bootstrap/setupError.cjs";
import type { Paths } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { type StoredEvent, storedEvents } from "../local/controlClient";
import { started } from "../local/localAzureProcess";
import { readState } from "../pulumi/stackState";

/** One stored event as a line for people. */
export function eventLine(event: StoredEvent): string {
  const body = typeof event.body === "string" ? event.body : JSON.stringify(event.body);
  return `${event.enqueuedTimeUtc}  ${event.deviceId}  #${event.sequenceNumber}  ${body}`;
}

/** `npm run telemetry [-- --device ID] [-- --hub NAME] [-- --json]`: what the stack's hub stored, oldest first. */
export async function telemetry(paths: Paths, args: Arguments): Promise<number> {
  const [json, deviceId] = [args.has("json"), args.text("device")];
  const name = args.text("hub") ?? readState(paths)?.outputs.hubName;
  if (typeof name !== "string") {
    throw new SetupError("NO_HUB", "There is no IoT hub to show telemetry of.", "The stack has no output hubName.", [
      "npm run up",
      "name a hub: npm run telemetry -- --hub NAME",
    ]);
  }
  const events = await storedEvents(await started({ paths }), name, deviceId === undefined ? {} : { deviceId });
  for (const event of events) process.stdout.write(`${json ? JSON.stringify(event) : eventLine(event)}\n`);
  if (events.length === 0 && !json) process.stdout.write(`The hub ${name} has received no message.\n`);
  return 0;
}
