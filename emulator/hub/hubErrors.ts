import { type Clock, sevenDigits } from "../kernel/clock";
import { etagMatches } from "../kernel/etag";
import type { Ids } from "../kernel/ids";
import { detailHeaders, type ErrorDetail, type Request, WireError } from "../kernel/operation";

/**
 * Azure's error names of IoT Hub with their numbers; the HTTP status is the number's first three digits. Source: Azure
 * documentation, "Troubleshoot Azure IoT Hub error codes".
 */
export const HUB_ERRORS = Object.freeze({
  InvalidProtocolVersion: 400001,
  ArgumentInvalid: 400004,
  IotHubFormatError: 400006,
  BlobContainerValidationError: 400008,
  DeviceDefinedMultipleTimes: 400011,
  DeserializationError: 400012,
  DefaultStorageEndpointNotConfigured: 400014,
  InvalidFileUploadCorrelationId: 400015,
  ExpiredFileUploadCorrelationId: 400016,
  InvalidStorageEndpointOrBlob: 400020,
  InvalidStorageEndpointProperty: 400022,
  InvalidDeviceScope: 400028,
  CannotRegisterModuleToModule: 400301,
  InvalidConfigurationTargetCondition: 400401,
  InvalidConfigurationContent: 400402,
  InvalidConfigurationCustomMetricsQuery: 400404,
  IotHubNotFound: 401001,
  IotHubUnauthorizedAccess: 401002,
  SystemModuleModifyUnauthorizedAccess: 401100,
  JobQuotaExceeded: 403003,
  DeviceMaximumQueueDepthExceeded: 403004,
  DeviceMaximumActiveFileUploadLimitExceeded: 403006,
  DeviceNotFound: 404001,
  JobNotFound: 404002,
  ModuleNotFound: 404010,
  DeviceNotOnline: 404103,
  ConfigurationNotFound: 404301,
  /** The number is a guess; name and status were measured. */
  OperationNotAllowedInCurrentState: 405001,
  DeviceAlreadyExists: 409001,
  JobAlreadyExists: 409104,
  ModuleAlreadyExistsOnDevice: 409301,
  ConfigurationAlreadyExists: 409401,
  PreconditionFailed: 412001,
  DeviceMessageLockLost: 412002,
  MessageTooLarge: 413001,
  TooManyDevices: 413002,
  TooManyModulesOnDevice: 413003,
  ConfigurationCountLimitExceeded: 413101,
  ThrottlingException: 429001,
  ThrottlingMaxActiveJobCountExceeded: 429004,
  ServerError: 500001,
  /** Ours, and loud: Azure does this, the local Azure does not. */
  NotEmulated: 501000,
  /** The number is a guess; azure-iothub names the status BadDeviceResponseError. */
  BadDeviceResponse: 502001,
  GatewayTimeout: 504101,
});

export type HubErrorName = keyof typeof HUB_ERRORS;

/** Optional details of an error of IoT Hub. */
export interface HubErrorDetail extends ErrorDetail {
  /** Facts that the JSON form of the error has, such as the time-out that has passed. */
  readonly info?: Readonly<Record<string, unknown>>;
}

/** An error as JSON: for direct methods, and for protocols without headers. */
export interface HubErrorBody {
  readonly status: number;
  readonly body: {
    readonly errorCode: number;
    readonly trackingId: string;
    readonly message: string;
    readonly info?: Readonly<Record<string, unknown>>;
    /** ISO 8601. */
    readonly timestampUtc: string;
  };
}

/** An error of IoT Hub, without tracking ID and time stamp: {@link completeHubError} adds them. */
export class HubError extends WireError {
  constructor(
    readonly errorName: HubErrorName,
    readonly text: string,
    readonly detail: HubErrorDetail,
  ) {
    const status = Math.floor(HUB_ERRORS[errorName] / 1000);
    const headers = { "iothub-errorcode": errorName, ...detailHeaders(detail) };
    super(status, { Message: `ErrorCode:${errorName};${text}` }, headers);
  }
}

/** Makes an IoT Hub error: `Message`, and the `iothub-errorcode` header. */
export const hubError = (name: HubErrorName, message: string, detail: HubErrorDetail = {}): HubError =>
  new HubError(name, message, detail);

/**
 * Operations that have errors as JSON since an API version (seen in public reports). Direct methods: azure-iot-cli-extension#54,
 * iotedge#98. Uploads of files: azure-iot-sdk-csharp#2936; before them azure-iot-sdk-python#1032 has text.
 */
const JSON_ERRORS: readonly (readonly [path: RegExp, apiVersion: string])[] = [
  [/^\/twins\/.*\/methods\/?$/i, "2018"],
  [/^\/devices\/[^/]*\/files(?:\/|$)/i, "2020-09"],
];

const hasJsonErrors = ({ path, query }: Request): boolean =>
  JSON_ERRORS.some(([pattern, since]) => pattern.test(path) && (query.get("api-version") ?? "") >= since);

interface Stamps {
  readonly ids: Ids;
  readonly clock: Clock;
}

/** `0123…-G:0-TimeStamp:01/02/2026 03:04:05` */
function trackingIdOf(guid: string, at: Date): string {
  const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(at.toISOString()) ?? [];
  return `${guid.replace(/-/g, "")}-G:0-TimeStamp:${month}/${day}/${year} ${time}`;
}

/** Returns an error as JSON. */
export function hubErrorBody({ status, errorName, text: message, detail }: HubError, stamps: Stamps): HubErrorBody {
  const now = stamps.clock.now();
  const trackingId = trackingIdOf(stamps.ids.guid(), now);
  const timestampUtc = sevenDigits(now);
  return { status, body: { errorCode: HUB_ERRORS[errorName], trackingId, message, info: detail.info, timestampUtc } };
}

/**
 * Adds a tracking ID and a time stamp to an error of IoT Hub, in one of its two forms: the text `ErrorCode:NAME;…` with an
 * `ExceptionMessage`, or a text with JSON. Returns any other error unchanged.
 */
export function completeHubError(error: WireError, stamps: Stamps, request?: Request): WireError {
  if (!(error instanceof HubError)) return error;
  const { status, headers } = error;
  if (request && hasJsonErrors(request)) {
    return new WireError(
      status,
      { Message: JSON.stringify(hubErrorBody(error, stamps).body), ExceptionMessage: "" },
      headers,
    );
  }
  const ExceptionMessage = `Tracking ID:${trackingIdOf(stamps.ids.guid().toUpperCase(), stamps.clock.now())}`;
  return new WireError(status, { ...(error.body as object), ExceptionMessage }, headers);
}

/** Returns the If-Match header of a delete. Throws PreconditionFailed without one (measured: mwalser/terraform-provider-iothub). */
export function requiredIfMatch({ headers }: Request): string {
  const ifMatch = headers["if-match"];
  if (ifMatch === undefined) throw hubError("PreconditionFailed", "Precondition failed: Etag missing");
  return ifMatch;
}

/** Throws 412001 if If-Match is neither `*` nor the ETag. */
export function checkIfMatch(
  ifMatch: string,
  etag: string,
  what: "Device" | "Device twin" | "Module" | "Module twin" | "Configuration",
): void {
  if (etagMatches(ifMatch, etag)) return;
  const reason = `If-Match is ${ifMatch}`;
  throw hubError("PreconditionFailed", `Precondition failed: ${what} version did not match`, { reason });
}
