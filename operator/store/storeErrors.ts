import { OperatorError } from "../operatorError";

/** How long a store may take for a request, in milliseconds: an operator waits for it, and a lease lasts 20 seconds. */
export const STORE_WAIT_MS = 12_000;

/** The document or log is not as the caller believes it to be. */
export function storeConflict(name: string, cause?: unknown): OperatorError {
  const remedy = "run the command again: it reads the present state first";
  return new OperatorError("StoreConflict", `Another instance has changed ${name}.`, remedy, { cause });
}

/** Another instance holds the lease. */
export function leaseHeld(log: string, cause?: unknown): OperatorError {
  const remedy = "wait a minute: the lease of an instance that has ended expires by then";
  return new OperatorError("LeaseHeld", `Another instance holds the lease of ${log}.`, remedy, { cause });
}

/** The store cannot be reached, or cannot write. `what` is a sentence. */
export function storeUnavailable(what: string, remedy: string, cause?: unknown): OperatorError {
  return new OperatorError("StoreUnavailable", what, remedy, { cause });
}
