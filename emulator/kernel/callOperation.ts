import type { Request, Response } from "./operation";
import { respond, type ServiceDefinition } from "./service";

/** Calls an operation of a service as over HTTPS, with the same errors. */
export type CallOperation = (operation: string, request: Request) => Promise<Response>;

/** Returns how another protocol calls the operations of a service. `failed` receives internal errors. */
export function callOperations(
  definition: ServiceDefinition,
  failed: (service: string, error: unknown) => void,
): CallOperation {
  const operations = new Map(definition.operations.map((operation) => [operation.name, operation]));
  return (name, request) => {
    const operation = operations.get(name);
    if (!operation) throw new Error(`${definition.name} has no operation ${name}`);
    return respond(definition, request, operation, (error) => failed(definition.name, error));
  };
}

/** Throws or rejects where an operation is to fail before it runs, by an injected fault; undefined: it may run now. */
export type AdmitOperation = (operation: string, request: Request) => Promise<unknown> | undefined;

/** Returns what checks that an operation of a service may run, as the service checks before each call. */
export function admitOperations({ name: service, operations, before }: ServiceDefinition): AdmitOperation {
  const known = new Map(operations.map((operation) => [operation.name, operation]));
  return (name, request) => {
    const operation = known.get(name);
    if (!operation) throw new Error(`${service} has no operation ${name}`);
    const early = before?.(request, operation);
    return early instanceof Promise ? early : undefined;
  };
}
