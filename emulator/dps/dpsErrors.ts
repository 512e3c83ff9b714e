import { type Clock, sevenDigits } from "../kernel/clock";
import type { Ids } from "../kernel/ids";
import { detailHeaders, type ErrorDetail, WireError } from "../kernel/operation";

/** Azure's error codes of both DPS APIs; the HTTP status is the code's first three digits. */
export const DPS_ERRORS = Object.freeze({
  argument: 400004,
  unauthorized: 401002,
  /** Azure's own number is not documented. */
  quotaExceeded: 403001,
  enrollmentNotFound: 404201,
  registrationNotFound: 404202,
  enrollmentExists: 409201,
  groupExists: 409202,
  /** Reported with HTTP 412, whatever its digits say. */
  precondition: 409203,
  throttled: 429001,
  internal: 500001,
  /** Ours, and loud: Azure does this, the local Azure does not. */
  notEmulated: 501000,
});

export type DpsErrorName = keyof typeof DPS_ERRORS;

/** An error of DPS, without tracking ID and time stamp: {@link completeDpsError} adds them. */
export class DpsError extends WireError {}

/** Makes a DPS error. `more`: further members of the body. */
export function dpsError(name: DpsErrorName, message: string, detail: ErrorDetail = {}, more: object = {}): DpsError {
  const errorCode = DPS_ERRORS[name];
  const status = name === "precondition" ? 412 : Math.floor(errorCode / 1000);
  const headers = { "x-ms-error-code": String(errorCode), ...detailHeaders(detail) };
  return new DpsError(status, { errorCode, message, ...more }, headers);
}

/** Makes the error for a caller without a valid certificate, token or signature. Azure does not return the reason. */
export const unauthorized = (reason: string, more?: object): DpsError =>
  dpsError("unauthorized", "Unauthorized", { reason }, more);

/** Makes the error for a device or an ID without an enrollment. Azure does not return the reason. */
export const noEnrollment = (reason?: string): DpsError =>
  dpsError("enrollmentNotFound", "Enrollment not found.", { reason });

/** Adds tracking ID and time stamp to an error of DPS; returns any other unchanged. */
export function completeDpsError(error: WireError, { ids, clock }: { readonly ids: Ids; readonly clock: Clock }) {
  if (!(error instanceof DpsError)) return error;
  const trackingId = ids.guid();
  const body = { ...(error.body as object), trackingId, timestampUtc: sevenDigits(clock.now()) };
  return new WireError(error.status, body, { "x-ms-request-id": trackingId, ...error.headers });
}
