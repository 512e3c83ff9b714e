import type { Operation, Request, Response } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { badRequest, controlError } from "../controlErrors";

function list(request: Request, { events }: ControlDependencies): Response {
  const name = request.params.hub ?? "";
  const number = (key: string, least: number): number | undefined => {
    const text = request.query.get(key.toLowerCase());
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isInteger(value) || value < least) throw badRequest(`'${key}' must be a whole number from ${least}.`);
    return value;
  };
  const deviceId = request.query.get("deviceid");
  const afterSequence = number("afterSequence", 0);
  const top = number("top", 1);
  const read = events.read(name, { deviceId, afterSequence, top });
  if (!read) throw controlError(404, "HubNotFound", `There is no hub '${name}'.`);
  return { status: 200, body: { events: read } };
}

/** The telemetry of a hub. */
export const listEvents = (deps: ControlDependencies): Operation => ({
  name: "ListEvents",
  method: "GET",
  path: "/hubs/:hub/events",
  handle: (request) => list(request, deps),
});
