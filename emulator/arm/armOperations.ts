import type { Operation, Request, Response } from "../kernel/operation";
import type { ArmDependencies } from "./armDependencies";

/** Name, method, path and function of an operation. */
export type ArmOperation = readonly [
  name: string,
  method: Operation["method"],
  path: string,
  run: (request: Request, deps: ArmDependencies) => Response,
];

/** The operations of a kind of resource. Each request other than GET and HEAD runs in one transaction. */
export const armOperations = (deps: ArmDependencies, operations: readonly ArmOperation[]): Operation[] =>
  operations.map(([name, method, path, run]) => ({
    name,
    method,
    path,
    handle: (request) =>
      method === "GET" || method === "HEAD" ? run(request, deps) : deps.commit(() => run(request, deps)),
  }));
