import { createHash, timingSafeEqual } from "node:crypto";
import { azureHost } from "../../azure/hosts";
import type { LatencyStore } from "../dps/latencies";
import type { EventReader } from "../hub/hub";
import { type Answer, type Call, type Operation, WireError } from "../kernel/call";
import type { ShiftableClock } from "../kernel/clock";
import type { ServiceFace } from "../kernel/service";
import type { Services, Switches } from "../kernel/services";
import { type Fault, type Faults, readFault } from "./faults";

/** The header that carries the control token. */
export const CONTROL_TOKEN_HEADER = "x-local-azure-token";

/** What the control listener stands on. */
export interface ControlParts extends Pick<Services, "switches"> {
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
function checkCaller(call: Call, token: string): void {
  if (!["127.0.0.1", "localhost", "[::1]"].includes(call.host)) {
    throw refusal(403, "HostRefused", `The control listener answers at 127.0.0.1, not at ${call.host || "no host"}.`);
  }
  if (call.headers.origin !== undefined) {
    throw refusal(403, "OriginRefused", "The control listener answers no web page.");
  }
  if (call.method === "GET") return;
  const given = call.headers[CONTROL_TOKEN_HEADER];
  if (typeof given === "string" && sameToken(given, token)) return;
  const message = `The header ${CONTROL_TOKEN_HEADER} must carry the controlToken of ready.json.`;
  throw refusal(401, "ControlTokenMissing", message);
}

const bodyOf = (call: Call): Readonly<Record<string, unknown>> => {
  if (typeof call.body === "object" && call.body !== null) return call.body as Record<string, unknown>;
  throw badRequest("The request needs a JSON object.");
};

function setSwitches(call: Call, switches: Switches): Answer {
  const asked = Object.entries(bodyOf(call));
  for (const [name, value] of asked) {
    if (!Object.hasOwn(switches, name)) throw badRequest(`There is no setting '${name}'.`);
    if (typeof value !== "boolean") throw badRequest(`The setting '${name}' must be true or false.`);
  }
  Object.assign(switches, Object.fromEntries(asked));
  return { status: 200, body: { ...switches } };
}

function setFaults(call: Call, faults: Faults): Answer {
  const { faults: asked } = bodyOf(call);
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

function setLatencies(call: Call, latencies: ControlParts["latencies"]): Answer {
  const { latencies: asked } = bodyOf(call);
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

function shiftClock(call: Call, clock: ShiftableClock): Answer {
  const { offsetSeconds } = bodyOf(call);
  if (typeof offsetSeconds !== "number" || !Number.isFinite(offsetSeconds) || Math.abs(offsetSeconds) > 1e10) {
    throw badRequest("'offsetSeconds' must be a number of seconds, negative for the past.");
  }
  clock.shift(offsetSeconds);
  return { status: 200, body: { offsetSeconds, now: clock.now().toISOString() } };
}

function readEvents(call: Call, { events }: ControlParts): Answer {
  const name = call.params.hub ?? "";
  const number = (key: string, least: number): number | undefined => {
    const text = call.query.get(key.toLowerCase());
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isInteger(value) || value < least) throw badRequest(`'${key}' must be a whole number from ${least}.`);
    return value;
  };
  const deviceId = call.query.get("deviceid");
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
export function controlFace(parts: ControlParts): ServiceFace {
  const operation = (
    name: string,
    method: "GET" | "POST",
    path: string,
    handle: (call: Call) => Answer,
  ): Operation => ({ name, method, path, handle });
  return {
    name: "control",
    operations: [
      operation("Health", "GET", "/health", () => ({
        status: 200,
        body: { status: "ok", pid: process.pid, version: parts.version },
      })),
      operation("ListEvents", "GET", "/hubs/:hub/events", (call) => readEvents(call, parts)),
      operation("GetSettings", "GET", "/settings", () => ({ status: 200, body: { ...parts.switches } })),
      operation("SetSettings", "POST", "/settings", (call) => setSwitches(call, parts.switches)),
      operation("GetFaults", "GET", "/faults", () => ({ status: 200, body: { faults: parts.faults.list() } })),
      operation("SetFaults", "POST", "/faults", (call) => setFaults(call, parts.faults)),
      operation("GetLatencies", "GET", "/latencies", () => ({
        status: 200,
        body: { latencies: parts.latencies.all() },
      })),
      operation("SetLatencies", "POST", "/latencies", (call) => setLatencies(call, parts.latencies)),
      operation("ShiftClock", "POST", "/clock", (call) => shiftClock(call, parts.clock)),
      operation("Reset", "POST", "/reset", () => {
        parts.reset();
        return { status: 204 };
      }),
      operation("Shutdown", "POST", "/shutdown", () => {
        parts.shutdown();
        return { status: 202 };
      }),
      ...(parts.more ?? []),
    ],
    headers: () => ({ "cache-control": "no-store", "x-content-type-options": "nosniff" }),
    before(call) {
      checkCaller(call, parts.token);
      return undefined;
    },
    notFound: (call) => refusal(404, "NotFound", `The control listener has no ${call.method} ${call.path}.`),
    badBody: () => badRequest("The request is not JSON."),
    badPath: () => badRequest("The path is not percent-encoded as it should be."),
    internal: () => refusal(500, "InternalServerError", "The local Azure failed. Its log says why."),
  };
}
