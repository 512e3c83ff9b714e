import { azureHost } from "../../azure/hosts";
import { isObject } from "../../azure/wire/jsonObject";
import type { Operation, Request } from "../kernel/operation";
import type { ControlDependencies } from "./controlDependencies";
import { badRequest, requestObject } from "./controlErrors";
import { type InjectedFault, readFault } from "./faultInjector";
import { setting } from "./setting";

/** Changes settings; the others stay. */
function setSwitches(request: Request, { switches }: ControlDependencies): void {
  const requested = Object.entries(requestObject(request));
  for (const [name, value] of requested) {
    if (!Object.hasOwn(switches, name)) throw badRequest(`There is no setting '${name}'.`);
    if (typeof value !== "boolean") throw badRequest(`The setting '${name}' must be true or false.`);
  }
  Object.assign(switches, Object.fromEntries(requested));
}

/** Replaces the faults to inject. */
function setFaults(request: Request, { faults }: ControlDependencies): void {
  const { faults: requested } = requestObject(request);
  if (!Array.isArray(requested)) throw badRequest("The request needs 'faults': a list, empty to clear them.");
  const read = requested.map((each) => {
    const fault = readFault(each);
    return typeof fault === "string" ? fault : (faults.targetError(fault) ?? fault);
  });
  const wrong = read.find((fault): fault is string => typeof fault === "string");
  if (wrong !== undefined) throw badRequest(`${wrong}.`);
  faults.set(read as InjectedFault[]);
}

/** Replaces the latencies in milliseconds between devices and hubs, by the hubs' host names. */
function setLatencies(request: Request, { latencies }: ControlDependencies): void {
  const { latencies: requested } = requestObject(request);
  if (!isObject(requested)) {
    throw badRequest("The request needs 'latencies': milliseconds by the hubs' host names, empty to clear them.");
  }
  for (const [hub, milliseconds] of Object.entries(requested)) {
    if (azureHost(hub)?.service !== "hub") throw badRequest(`'${hub}' is not the host name of a hub.`);
    if (typeof milliseconds !== "number" || !Number.isFinite(milliseconds) || milliseconds < 0) {
      throw badRequest(`The latency of '${hub}' must be a number of milliseconds from 0.`);
    }
  }
  latencies.set(requested as Readonly<Record<string, number>>);
}

/** Sets the address of Azurite; null removes it. */
function setStorage({ body }: Request, { storage }: Pick<ControlDependencies, "storage">): void {
  const { azurite } = (body ?? {}) as { azurite?: unknown };
  if (azurite !== null && typeof azurite !== "string") throw badRequest("'azurite' is an address, or null for none.");
  try {
    storage.set(azurite ?? undefined);
  } catch (error) {
    if (error instanceof TypeError) throw badRequest(`${error.message}.`);
    throw error;
  }
}

/** The address of Azurite, which serves the hosts of storage accounts. */
export const storageOperations = (deps: Pick<ControlDependencies, "storage">): Operation[] =>
  setting(
    "Storage",
    "/storage",
    () => ({ azurite: deps.storage.azurite ?? null }),
    (request) => setStorage(request, deps),
  );

/** Settings, faults that are injected into the services, latencies for geo-latency allocation, and storage. */
export const settingOperations = (deps: ControlDependencies): Operation[] => [
  ...setting(
    "Settings",
    "/settings",
    () => deps.switches,
    (request) => setSwitches(request, deps),
  ),
  ...setting(
    "Faults",
    "/faults",
    () => ({ faults: deps.faults.list() }),
    (request) => setFaults(request, deps),
  ),
  ...setting(
    "Latencies",
    "/latencies",
    () => ({ latencies: deps.latencies.all() }),
    (request) => setLatencies(request, deps),
  ),
  ...storageOperations(deps),
];
