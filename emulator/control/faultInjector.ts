import { validateHeaderName, validateHeaderValue } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { isObject } from "../../azure/wire/jsonObject";
import type { InjectedFault } from "../contract/injectedFault";
import { type Operation, type Request, type Response, WireError } from "../kernel/operation";
import type { ServiceDefinition } from "../kernel/service";

export type { InjectedFault };

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isWhole = (value: unknown, least: number, most: number): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;

/** Reads one fault of a request; returns an error message for a malformed one. */
export function readFault(value: unknown): InjectedFault | string {
  if (!isObject(value)) return "a fault must be an object";
  const { service, operation, status, headers, times, delayMs } = value;
  if (!isText(service)) return "a fault needs 'service', for example \"arm\"";
  if (operation !== undefined && !isText(operation)) return "'operation' must be an operation's name";
  if (status !== undefined && !isWhole(status, 200, 599)) return "'status' must be an HTTP status from 200 to 599";
  if (times !== undefined && !isWhole(times, 1, 1_000_000)) return "'times' must be a whole number from 1 to 1000000";
  if (delayMs !== undefined && !isWhole(delayMs, 0, 600_000)) return "'delayMs' must be from 0 to 600000";
  if (status === undefined && delayMs === undefined) return "a fault needs 'status', 'delayMs' or both";
  const wrong = headers === undefined ? undefined : headersError(headers);
  return wrong ?? (value as unknown as InjectedFault);
}

/** An error message for invalid HTTP headers: they would break the response that they are injected into. */
function headersError(headers: unknown): string | undefined {
  if (!isObject(headers) || !Object.values(headers).every((text) => typeof text === "string")) {
    return "'headers' must be an object of texts";
  }
  try {
    for (const [name, text] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, text as string);
    }
    return undefined;
  } catch (error) {
    return `'headers' must be valid HTTP headers: ${(error as Error).message}`;
  }
}

/** Injects faults into guarded services: in the order in which they were set, each `times` times. */
export class FaultInjector {
  #waiting: { readonly fault: InjectedFault; left: number }[] = [];
  /** The operations of the guarded services, by the services' names. */
  readonly #guarded = new Map<string, ReadonlySet<string>>();

  /** The remaining faults, with the remaining `times`. */
  list(): InjectedFault[] {
    return this.#waiting.map(({ fault, left }) => ({ ...fault, times: left }));
  }

  /** An error message when no guarded service or operation matches the fault; undefined otherwise, and before any service is guarded. */
  targetError({ service, operation }: InjectedFault): string | undefined {
    const operations = this.#guarded.get(service);
    if (this.#guarded.size === 0) return undefined;
    if (!operations)
      return `there is no service '${service}'; the services are ${[...this.#guarded.keys()].sort().join(", ")}`;
    return operation === undefined || operations.has(operation)
      ? undefined
      : `the service '${service}' has no operation '${operation}' (docs/local-azure.md lists them)`;
  }

  /** Replaces all remaining faults. */
  set(faults: readonly InjectedFault[]): void {
    this.#waiting = faults.map((fault) => ({ fault, left: fault.times ?? 1 }));
  }

  #take(service: string, operation: string): InjectedFault | undefined {
    const hit = this.#waiting.find(
      ({ fault }) => fault.service === service && (fault.operation === undefined || fault.operation === operation),
    );
    if (!hit) return undefined;
    hit.left -= 1;
    if (hit.left === 0) this.#waiting = this.#waiting.filter((entry) => entry !== hit);
    return hit.fault;
  }

  async #inject(service: string, operation: Operation): Promise<Response | undefined> {
    const fault = this.#take(service, operation.name);
    if (!fault) return undefined;
    if (fault.delayMs) await pause(fault.delayMs);
    if (fault.status === undefined) return undefined;
    throw new WireError(fault.status, fault.body, fault.headers ?? {});
  }

  /** Returns the service with faults injected before anything else is checked. */
  guard(definition: ServiceDefinition): ServiceDefinition {
    this.#guarded.set(definition.name, new Set(definition.operations.map(({ name }) => name)));
    return {
      ...definition,
      headers: () => definition.headers(),
      before: (request: Request, operation: Operation) =>
        this.#waiting.length === 0
          ? definition.before?.(request, operation)
          : this.#inject(definition.name, operation).then((early) => early ?? definition.before?.(request, operation)),
    };
  }
}
