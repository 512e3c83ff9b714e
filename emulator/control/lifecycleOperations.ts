import type { Operation, Request, Response } from "../kernel/operation";
import type { ControlDependencies } from "./controlDependencies";
import { badRequest, controlError, requestObject } from "./controlErrors";

/** The telemetry of a hub. */
function listEvents(request: Request, { events }: ControlDependencies): Response {
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

/** Sets the offset of the clock from the machine's, in seconds. */
function shiftClock(request: Request, { clock }: ControlDependencies): Response {
  const { offsetSeconds } = requestObject(request);
  if (typeof offsetSeconds !== "number" || !Number.isFinite(offsetSeconds) || Math.abs(offsetSeconds) > 1e10) {
    throw badRequest("'offsetSeconds' must be a number of seconds, negative for the past.");
  }
  clock.shift(offsetSeconds);
  return { status: 200, body: { offsetSeconds, now: clock.now().toISOString() } };
}

/** Health, certificate, reset and end of the local Azure, its clock, and the telemetry that its hubs have received. */
export const lifecycleOperations = (deps: ControlDependencies): Operation[] => [
  {
    name: "Health",
    method: "GET",
    path: "/health",
    handle: () => ({ status: 200, body: { status: "ok", pid: process.pid, version: deps.version } }),
  },
  {
    name: "GetCertificate",
    method: "GET",
    path: "/ca.pem",
    handle: () => ({
      status: 200,
      headers: { "content-type": "application/x-pem-file" },
      body: deps.caCertificate,
    }),
  },
  {
    name: "Reset",
    method: "POST",
    path: "/reset",
    handle() {
      deps.reset();
      return { status: 204 };
    },
  },
  {
    name: "Shutdown",
    method: "POST",
    path: "/shutdown",
    handle() {
      deps.shutdown();
      return { status: 202 };
    },
  },
  { name: "ListEvents", method: "GET", path: "/hubs/:hub/events", handle: (request) => listEvents(request, deps) },
  { name: "ShiftClock", method: "POST", path: "/clock", handle: (request) => shiftClock(request, deps) },
];
