import type { Clock } from "../kernel/clock";
import { etagMatches } from "../kernel/etag";
import type { Ids } from "../kernel/ids";
import { detailHeaders, type ErrorDetail, WireError } from "../kernel/operation";

/** Azure's error names of IoT Hub with their numbers; the HTTP status is the number's first three digits. */
export const HUB_ERRORS = Object.freeze({
  InvalidProtocolVersion: 400001,
  ArgumentInvalid: 400004,
  IotHubFormatError: 400006,
  IotHubNotFound: 401001,
  IotHubUnauthorizedAccess: 401002,
  DeviceNotFound: 404001,
  DeviceAlreadyExists: 409001,
  PreconditionFailed: 412001,
  MessageTooLarge: 413001,
  ThrottlingException: 429001,
  ServerError: 500001,
  /** Ours, and loud: Azure does this, the local Azure does not. */
  NotEmulated: 501000,
});

export type HubErrorName = keyof typeof HUB_ERRORS;

/** An error of IoT Hub, without tracking ID and time stamp: {@link completeHubError} adds them. */
export class HubError extends WireError {}

/** Makes an IoT Hub error: `Message`, and the `iothub-errorcode` header. */
export const hubError = (name: HubErrorName, message: string, detail: ErrorDetail = {}): HubError =>
  new HubError(
    Math.floor(HUB_ERRORS[name] / 1000),
    { Message: `ErrorCode:${name};${message}` },
    { "iothub-errorcode": name, ...detailHeaders(detail) },
  );

/** Adds `ExceptionMessage`, with a tracking ID and a time stamp, to an error of IoT Hub; returns any other unchanged. */
export function completeHubError(error: WireError, { ids, clock }: { readonly ids: Ids; readonly clock: Clock }) {
  if (!(error instanceof HubError)) return error;
  const trackingId = ids.guid().replace(/-/g, "").toUpperCase();
  // `01/02/2026 03:04:05`
  const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(clock.now().toISOString()) ?? [];
  const ExceptionMessage = `Tracking ID:${trackingId}-G:0-TimeStamp:${month}/${day}/${year} ${time}`;
  return new WireError(error.status, { ...(error.body as object), ExceptionMessage }, error.headers);
}

/** Throws 412001 if If-Match is neither `*` nor the ETag of the device or its twin. */
export function checkIfMatch(ifMatch: string, etag: string, what: "Device" | "Device twin"): void {
  if (etagMatches(ifMatch, etag)) return;
  const reason = `If-Match is ${ifMatch}`;
  throw hubError("PreconditionFailed", `Precondition failed: ${what} version did not match`, { reason });
}
