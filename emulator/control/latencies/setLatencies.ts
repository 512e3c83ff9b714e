import { azureHost } from "../../../azure/hosts";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { badRequest } from "../controlErrors";
import { requestObject } from "../requestObject";

function set(request: Request, { latencies }: ControlDependencies): Response {
  const { latencies: requested } = requestObject(request);
  if (typeof requested !== "object" || requested === null || Array.isArray(requested)) {
    throw badRequest("The request needs 'latencies': milliseconds by the hubs' host names, empty to clear them.");
  }
  for (const [hub, milliseconds] of Object.entries(requested)) {
    if (azureHost(hub)?.service !== "hub") throw badRequest(`'${hub}' is not the host name of a hub.`);
    if (typeof milliseconds !== "number" || !Number.isFinite(milliseconds) || milliseconds < 0) {
      throw badRequest(`The latency of '${hub}' must be a number of milliseconds from 0.`);
    }
  }
  latencies.set(requested as Readonly<Record<string, number>>);
  return { status: 200, body: { latencies: latencies.all() } };
}

/** Returns the latencies in milliseconds, by the hubs' host names. */
export const getLatencies = (deps: ControlDependencies): Operation => ({
  name: "GetLatencies",
  method: "GET",
  path: "/latencies",
  handle: () => ({ status: 200, body: { latencies: deps.latencies.all() } }),
});

/** Replaces the latencies. */
export const setLatencies = (deps: ControlDependencies): Operation => ({
  name: "SetLatencies",
  method: "POST",
  path: "/latencies",
  handle: (request) => set(request, deps),
});
