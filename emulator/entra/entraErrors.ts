import { errorTimestamp } from "../kernel/clock";
import { WireError } from "../kernel/operation";
import type { SharedDependencies } from "../kernel/sharedDependencies";

/** What {@link entraError} depends on. */
export type EntraErrorDependencies = Pick<SharedDependencies, "clock" | "ids">;

/** Entra's errors: OAuth's name (RFC 6749, 5.2) and Entra's own number ("Microsoft Entra authentication error codes"). */
export const ENTRA_ERRORS = Object.freeze({
  unknownTenant: [400, "invalid_request", 90002],
  unknownTenantOfDiscovery: [400, "invalid_tenant", 90002],
  missingParameter: [400, "invalid_request", 900144],
  badGrant: [400, "unsupported_grant_type", 70003],
  badScope: [400, "invalid_scope", 1002012],
  noScope: [400, "invalid_request", 90014],
  unknownResource: [400, "invalid_resource", 500011],
  unknownClient: [400, "unauthorized_client", 700016],
  badSecret: [401, "invalid_client", 7000215],
  noCredential: [401, "invalid_client", 7000216],
  // Assertions: codes and messages as users quote them in public threads, where Microsoft's list has none.
  malformedJwt: [400, "invalid_request", 50027],
  noThumbprint: [401, "invalid_client", 5002730],
  assertionClient: [401, "invalid_client", 700021],
  assertionAudience: [401, "invalid_client", 700023],
  assertionTime: [401, "invalid_client", 700024],
  unknownCertificate: [401, "invalid_client", 700027],
  certificateExpired: [401, "invalid_client", 1000502],
  unknownIssuer: [401, "invalid_client", 700211],
  unknownAudience: [401, "invalid_client", 700212],
  unknownSubject: [401, "invalid_client", 700213],
  subjectCase: [401, "invalid_client", 7002138],
  unknownIssuerKey: [401, "invalid_client", 7000272],
  notEmulated: [501, "not_emulated", 0],
} as const);

/** Headers of tokens and of errors (recorded). */
export const NOT_CACHED = Object.freeze({ "cache-control": "no-store, no-cache", pragma: "no-cache" });

export type EntraErrorName = keyof typeof ENTRA_ERRORS;

/** An error of Entra; `message` follows the number, as in `AADSTS7000215: Invalid client secret …`. */
export function entraError(name: EntraErrorName, message: string, { clock, ids }: EntraErrorDependencies): WireError {
  const [status, error, number] = ENTRA_ERRORS[name];
  const trace = ids.guid();
  const correlation = ids.guid();
  const timestamp = errorTimestamp(clock);
  const head = number === 0 ? "NotEmulated" : `AADSTS${number}`;
  const body = {
    error,
    error_description: `${head}: ${message} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
    error_codes: [number],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
    ...(number === 0 ? {} : { error_uri: `https://login.microsoftonline.com/error?code=${number}` }),
  };
  return new WireError(status, body, NOT_CACHED);
}
