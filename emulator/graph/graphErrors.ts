import { type Request, WireError } from "../kernel/operation";
import type { SharedDependencies } from "../kernel/sharedDependencies";

/** What {@link graphError} depends on. */
export type GraphErrorDependencies = Pick<SharedDependencies, "clock" | "ids">;

const header = (request: Request, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

/**
 * An error response of Microsoft Graph ("Microsoft Graph error responses and resource types"). `innerError` repeats the
 * IDs of the request, for support.
 */
export function graphError(
  request: Request,
  { clock, ids }: GraphErrorDependencies,
  status: number,
  code: string,
  message: string,
): WireError {
  const requestId = ids.guid();
  const client = header(request, "client-request-id") ?? requestId;
  // Seconds without a zone, as Graph writes it.
  const date = clock.now().toISOString().slice(0, 19);
  const innerError = { date, "request-id": requestId, "client-request-id": client };
  return new WireError(
    status,
    { error: { code, message, innerError } },
    { "request-id": requestId, "client-request-id": client },
  );
}

/** A 501 that names what the local Azure does not emulate of Graph. */
export const notEmulated = (request: Request, deps: GraphErrorDependencies, what: string): WireError =>
  graphError(
    request,
    deps,
    501,
    "NotEmulated",
    `The local Azure does not emulate ${what} of Microsoft Graph. It serves what az reads of service principals and applications: docs/local-azure.md.`,
  );
