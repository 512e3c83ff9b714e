import type { DpsErrorBody } from "../../azure/wire/dpsRegistration";
import type { Clock } from "../kernel/clock";
import { detailHeaders, type ErrorDetail } from "../kernel/errorDetail";
import type { Ids } from "../kernel/ids";
import { WireError } from "../kernel/operation";

/** Azure's error codes of both DPS APIs; the HTTP status is the code's first three digits. */
export const DPS_ERRORS = Object.freeze({
  argument: 400004,
  unauthorized: 401002,
  /** Azure's own number is not documented. */
  quotaExceeded: 403001,
  enrollmentNotFound: 404201,
  registrationNotFound: 404202,
  enrollmentExists: 409201,
  /** Reported with HTTP 412, whatever its digits say. */
  precondition: 409203,
  throttled: 429001,
  internal: 500001,
  /** Ours, and loud: Azure does this, the local Azure does not. */
  notEmulated: 501000,
});

export type DpsErrorName = keyof typeof DPS_ERRORS;

/** Makes a DPS error with a tracking id and a time stamp. */
export type DpsFail = (name: DpsErrorName, message: string, detail?: ErrorDetail) => WireError;

/** ISO 8601 with seven fraction digits, as the device API writes times. */
export const sevenDigits = (at: Date): string => at.toISOString().replace("Z", "0000Z");

export function dpsErrors({ ids, clock }: { readonly ids: Ids; readonly clock: Clock }): DpsFail {
  return (name, message, detail = {}) => {
    const errorCode = DPS_ERRORS[name];
    const trackingId = ids.guid();
    const body: DpsErrorBody = { errorCode, trackingId, message, timestampUtc: sevenDigits(clock.now()) };
    return new WireError(name === "precondition" ? 412 : Math.floor(errorCode / 1000), body, {
      "x-ms-request-id": trackingId,
      "x-ms-error-code": String(errorCode),
      ...detailHeaders(detail),
    });
  };
}
