import type { Operation, Request, Response } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { badRequest } from "../controlErrors";
import { requestObject } from "../requestObject";
import { type InjectedFault, readFault } from "./faultInjector";

function set(request: Request, { faults }: ControlDependencies): Response {
  const { faults: requested } = requestObject(request);
  if (!Array.isArray(requested)) throw badRequest("The request needs 'faults': a list, empty to clear them.");
  const read = requested.map((each) => {
    const fault = readFault(each);
    return typeof fault === "string" ? fault : (faults.targetError(fault) ?? fault);
  });
  const wrong = read.find((fault): fault is string => typeof fault === "string");
  if (wrong !== undefined) throw badRequest(`${wrong}.`);
  faults.set(read as InjectedFault[]);
  return { status: 200, body: { faults: faults.list() } };
}

/** Returns the faults that are still to be injected. */
export const getFaults = (deps: ControlDependencies): Operation => ({
  name: "GetFaults",
  method: "GET",
  path: "/faults",
  handle: () => ({ status: 200, body: { faults: deps.faults.list() } }),
});

/** Replaces the faults to inject. */
export const setFaults = (deps: ControlDependencies): Operation => ({
  name: "SetFaults",
  method: "POST",
  path: "/faults",
  handle: (request) => set(request, deps),
});
