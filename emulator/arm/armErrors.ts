import type { ErrorDetails } from "../../azure/wire/dpsCertificate";
import { errorTimestamp } from "../kernel/clock";
import { WireError } from "../kernel/operation";
import type { SharedDependencies } from "../kernel/sharedDependencies";

/** An error of ARM's own front end: `{"error":{"code","message"}}`. */
export function frontError(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): WireError {
  return new WireError(status, { error: { code, message } }, headers);
}

const STATUS_NAMES: Readonly<Record<number, string>> = Object.freeze({
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  412: "PreconditionFailed",
  429: "TooManyRequests",
  500: "InternalServerError",
});

/**
 * The numbers of the Microsoft.Devices provider that are used here. Seen on the wire: 400053 (azure-cli#5376), 400303
 * (azure-cli#10628), 400019 (DP-900T00A-Azure-Data-Fundamentals#6), 400305, 404002 (terraform-provider-azurerm#18153), 404015, 409004, 412001
 * (provider-upjet-azure#299), and in recorded traffic of the hub and the service 400016, 400059, 400089, 400131 and
 * 400309. 400004, 403002 and 409002 follow from similar codes; they were not seen. 400008, 403003 and 404002 of jobs are those of the hub's data
 * plane.
 */
export const DEVICES_CODES = Object.freeze({
  invalidArgument: 400004,
  blobContainer: 400008,
  partitionCount: 400016,
  freeHubsExceeded: 400019,
  proofOfPossessionFailed: 400053,
  hubDataResidency: 400059,
  unsupportedTlsVersion: 400089,
  endpointNotDefined: 400131,
  duplicateLinkedHub: 400303,
  invalidServiceName: 400305,
  serviceDataResidency: 400309,
  quotaExceeded: 403002,
  jobQuotaExceeded: 403003,
  hubNotFound: 404002,
  /** As above. */
  jobNotFound: 404002,
  certificateNotFound: 404015,
  keyNotFound: 404016,
  notSettled: 409002,
  nameTaken: 409004,
  staleEtag: 412001,
} as const);

/** The name of an error of the Microsoft.Devices provider. */
export type DevicesErrorName = keyof typeof DEVICES_CODES;

/** What {@link devicesError} depends on. */
export type ErrorDependencies = Pick<SharedDependencies, "clock" | "ids">;

/** An error of the Microsoft.Devices provider: numeric code, no `error` envelope (ErrorDetails in the REST reference). */
export function devicesError(code: DevicesErrorName, message: string, { clock, ids }: ErrorDependencies): WireError {
  const number = DEVICES_CODES[code];
  const status = Math.floor(number / 1000);
  const time = errorTimestamp(clock);
  const tail = `If you contact a support representative please include this correlation identifier: ${ids.guid()}, timestamp: ${time}, errorcode: IH${number}.`;
  const body: ErrorDetails = {
    code: number,
    httpStatusCode: STATUS_NAMES[status] ?? String(status),
    message: `${message} ${tail}`,
  };
  return new WireError(status, body);
}

/** A 501 that names what the local Azure does not emulate. */
export const notEmulated = (what: string): WireError =>
  frontError(501, "NotEmulated", `The local Azure does not emulate ${what}. docs/local-azure.md lists what it does.`);
