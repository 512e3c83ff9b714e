import { createHash, timingSafeEqual } from "node:crypto";
import { azureHost } from "../../azure/hosts";
import type { LatencyStore } from "../dps/allocation/latencyStore";
import type { EventReader } from "../hub/hubService";
import type { ShiftableClock } from "../kernel/clock";
import { type Operation, type Request, type Response, WireError } from "../kernel/operation";
import type { ServiceDefinition } from "../kernel/service";
import type { Services, Switches } from "../kernel/services";
import { type Fault, type Faults, readFault } from "./faults/faultInjector";

/** The header that carries the control token. */
export const CONTROL_TOKEN_HEADER = "x-local-azure-token";

/** What the control listener stands on. */
export interface ControlDependencies extends Pick<Services, "switches"> {
  readonly clock: ShiftableClock;
  readonly faults: Faults;
  readonly events: EventReader;
  /** What the allocation policy geoLatency goes by. */
  readonly latencies: Pick<LatencyStore, "all" | "set">;
  readonly token: string;
  readonly version: string;
  /** Empties the store and every cache over it. */
  reset(): void;
  /** Starts the end of the process; the answer is sent first. */
  shutdown(): void;
  /** Operations of single services, behind the same guard. */
  readonly more?: readonly Operation[];
}

const refusal = (status: number, code: string, message: string): WireError =>
  new WireError(status, { error: { code, message } });

const badRequest = (message: string): WireError => refusal(400, "BadRequest", message);

function sameToken(given: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/**
 * Who may speak here. A page of any web site can make a browser on this machine send requests to 127.0.0.1, so: the Host
 * must be our address (else it is a rebound DNS name), no page may call at all (Origin), and changes need the token.
 */
function checkCaller(request: Request, token: string): void {
  if (!["127.0.0.1", "localhost", "[::1]"].includes(request.host)) {
    throw refusal(
      403,
      "HostRefused",
      `The control listener answers at 127.0.0.1, not at ${request.host || "no host"}.`,
    );
  }
  if (request.headers.origin !== undefined) {
    throw refusal(403, "OriginRefused", "The control listener answers no web page.");
  }
  if (request.method === "GET") return;
  const given = request.headers[CONTROL_TOKEN_HEADER];
  if (typeof given === "string" && sameToken(given, token)) return;
  const message = `The header ${CONTROL_TOKEN_HEADER} must carry the controlToken of ready.json.`;
  throw refusal(401, "ControlTokenMissing", message);
}

const bodyOf = (request: Request): Readonly<Record<string, unknown>> => {
  if (typeof request.body === "object" && request.body !== null) return request.body as Record<string, unknown>;
  throw badRequest("The request needs a JSON object.");
};

function setSwitches(request: Request, switches: Switches): Response {
  const asked = Object.entries(bodyOf(request));
  for (const [name, value] of asked) {
    if (!Object.hasOwn(switches, name)) throw badRequest(`There is no setting '${name}'.`);
    if (typeof value !== "boolean") throw badRequest(`The setting '${name}' must be true or false.`);
  }
  Object.assign(switches, Object.fromEntries(asked));
  return { status: 200, body: { ...switches } };
}

function setFaults(request: Request, faults: Faults): Response {
  const { faults: asked } = bodyOf(request);
  if (!Array.isArray(asked)) throw badRequest("The request needs 'faults': a list, empty to clear them.");
  const read = asked.map((each) => {
    const fault = readFault(each);
    return typeof fault === "string" ? fault : (faults.missOf(fault) ?? fault);
  });
  const wrong = read.find((fault): fault is string => typeof fault === "string");
  if (wrong !== undefined) throw badRequest(`${wrong}.`);
  faults.set(read as Fault[]);
  return { status: 200, body: { faults: faults.list() } };
}

function setLatencies(request: Request, latencies: ControlDependencies["latencies"]): Response {
  const { latencies: asked } = bodyOf(request);
  if (typeof asked !== "object" || asked === null || Array.isArray(asked)) {
    throw badRequest("The request needs 'latencies': milliseconds by the hubs' host names, empty to clear them.");
  }
  for (const [hub, milliseconds] of Object.entries(asked)) {
    if (azureHost(hub)?.service !== "hub") throw badRequest(`'${hub}' is no hub's host name.`);
    if (typeof milliseconds !== "number" || !Number.isFinite(milliseconds) || milliseconds < 0) {
      throw badRequest(`The latency of '${hub}' must be a number of milliseconds from 0.`);
    }
  }
  latencies.set(asked as Readonly<Record<string, number>>);
  return { status: 200, body: { latencies: latencies.all() } };
}

function shiftClock(request: Request, clock: ShiftableClock): Response {
  const { offsetSeconds } = bodyOf(request);
  if (typeof offsetSeconds !== "number" || !Number.isFinite(offsetSeconds) || Math.abs(offsetSeconds) > 1e10) {
    throw badRequest("'offsetSeconds' must be a number of seconds, negative for the past.");
  }
  clock.shift(offsetSeconds);
  return { status: 200, body: { offsetSeconds, now: clock.now().toISOString() } };
}

function readEvents(request: Request, { events }: ControlDependencies): Response {
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
  const query = {
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(afterSequence === undefined ? {} : { afterSequence }),
    ...(top === undefined ? {} : { top }),
  };
  const read = events.read(name, query);
  if (!read) throw refusal(404, "HubNotFound", `There is no hub '${name}'.`);
  return { status: 200, body: { events: read } };
}

/** The control listener: what no cloud has. It stands apart from Azure's hosts, so that it never mixes with their API. */
export function controlService(deps: ControlDependencies): ServiceDefinition {
  const operation = (
    name: string,
    method: "GET" | "POST",
    path: string,
    handle: (request: Request) => Response,
  ): Operation => ({ name, method, path, handle });
  return {
    name: "control",
    operations: [
      operation("Health", "GET", "/health", () => ({
        status: 200,
        body: { status: "ok", pid: process.pid, version: deps.version },
      })),
      operation("ListEvents", "GET", "/hubs/:hub/events", (request) => readEvents(request, deps)),
      operation("GetSettings", "GET", "/settings", () => ({ status: 200, body: { ...deps.switches } })),
      operation("SetSettings", "POST", "/settings", (request) => setSwitches(request, deps.switches)),
      operation("GetFaults", "GET", "/faults", () => ({ status: 200, body: { faults: deps.faults.list() } })),
      operation("SetFaults", "POST", "/faults", (request) => setFaults(request, deps.faults)),
      operation("GetLatencies", "GET", "/latencies", () => ({
        status: 200,
        body: { latencies: deps.latencies.all() },
      })),
      operation("SetLatencies", "POST", "/latencies", (request) => setLatencies(request, deps.latencies)),
      operation("ShiftClock", "POST", "/clock", (request) => shiftClock(request, deps.clock)),
      operation("Reset", "POST", "/reset", () => {
        deps.reset();
        return { status: 204 };
      }),
      operation("Shutdown", "POST", "/shutdown", () => {
        deps.shutdown();
        return { status: 202 };
      }),
      ...(deps.more ?? []),
    ],
    headers: () => ({ "cache-control": "no-store", "x-content-type-options": "nosniff" }),
    before(request) {
      checkCaller(request, deps.token);
      return undefined;
    },
    notFound: (request) => refusal(404, "NotFound", `The control listener has no ${request.method} ${request.path}.`),
    badBody: () => badRequest("The request is not JSON."),
    badPath: () => badRequest("The path is not percent-encoded as it should be."),
    internal: () => refusal(500, "InternalServerError", "The local Azure failed. Its log says why."),
  };
}
