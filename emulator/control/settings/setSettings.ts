import type { Operation, Request, Response } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { badRequest } from "../controlErrors";
import { requestObject } from "../requestObject";

function set(request: Request, { switches }: ControlDependencies): Response {
  const requested = Object.entries(requestObject(request));
  for (const [name, value] of requested) {
    if (!Object.hasOwn(switches, name)) throw badRequest(`There is no setting '${name}'.`);
    if (typeof value !== "boolean") throw badRequest(`The setting '${name}' must be true or false.`);
  }
  Object.assign(switches, Object.fromEntries(requested));
  return { status: 200, body: { ...switches } };
}

/** Returns the switches. */
export const getSettings = (deps: ControlDependencies): Operation => ({
  name: "GetSettings",
  method: "GET",
  path: "/settings",
  handle: () => ({ status: 200, body: { ...deps.switches } }),
});

/** Sets switches; the others stay. */
export const setSettings = (deps: ControlDependencies): Operation => ({
  name: "SetSettings",
  method: "POST",
  path: "/settings",
  handle: (request) => set(request, deps),
});
