import type { Clock } from "../kernel/clock";
import { detailHeaders, type ErrorDetail } from "../kernel/errorDetail";
import { etagMatches } from "../kernel/etag";
import type { Ids } from "../kernel/ids";
import { WireError } from "../kernel/operation";

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

/** Makes an IoT Hub error: `Message`, `ExceptionMessage` and the `iothub-errorcode` header. */
export type HubFail = (name: HubErrorName, message: string, detail?: ErrorDetail) => WireError;

/** `01/02/2026 03:04:05` */
const stamp = (at: Date): string => {
  const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(at.toISOString()) ?? [];
  return `${month}/${day}/${year} ${time}`;
};

export function hubErrors({ ids, clock }: { readonly ids: Ids; readonly clock: Clock }): HubFail {
  return (name, message, detail = {}) => {
    const trackingId = ids.guid().replace(/-/g, "").toUpperCase();
    return new WireError(
      Math.floor(HUB_ERRORS[name] / 1000),
      {
        Message: `ErrorCode:${name};${message}`,
        ExceptionMessage: `Tracking ID:${trackingId}-G:0-TimeStamp:${stamp(clock.now())}`,
      },
      {
        "iothub-errorcode": name,
        ...detailHeaders(detail),
      },
    );
  };
}

/** Throws 412001 if If-Match is neither `*` nor the ETag of the device or its twin. */
export function checkIfMatch(ifMatch: string, etag: string, what: "Device" | "Device twin", fail: HubFail): void {
  if (etagMatches(ifMatch, etag)) return;
  const reason = `If-Match is ${ifMatch}`;
  throw fail("PreconditionFailed", `Precondition failed: ${what} version did not match`, { reason });
}
