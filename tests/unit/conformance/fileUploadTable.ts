import { createSas } from "../../../azure/sas";
import { HUB_HOST, keyOf } from "../../cast/dataPlane";
import type { ConformanceRequest, ConformanceRow } from "./conformanceRow";

const apiVersion = "2021-04-12";
const CODES = "Azure documentation, Troubleshoot Azure IoT Hub error codes";
const NOTIFICATIONS = "/messages/serviceBound/filenotifications";

const DEVICE: ConformanceRequest = {
  method: "PUT",
  path: "/devices/dev-1",
  apiVersion,
  body: {
    deviceId: "dev-1",
    authentication: {
      type: "sas",
      symmetricKey: { primaryKey: keyOf("device"), secondaryKey: keyOf("device-2") },
    },
  },
};
const asDevice = (path: string, body: object, version = apiVersion): ConformanceRequest => ({
  method: "POST",
  path: `/devices/dev-1/files${path}`,
  apiVersion: version,
  headers: { authorization: createSas(`${HUB_HOST}/devices/dev-1`, keyOf("device"), 4_102_444_800) },
  body,
});

/** Uploads of files of devices, at a hub without storage. */
export const FILE_UPLOAD_ROWS: readonly ConformanceRow[] = [
  {
    name: "an upload at a hub without storage",
    source: `${CODES}: 400014`,
    before: [DEVICE],
    request: asDevice("", { blobName: "a.txt" }),
    status: 400,
    properties: { Message: /^\{"errorCode":400014,/, ExceptionMessage: { is: "" } },
    headers: { "iothub-errorcode": /^DefaultStorageEndpointNotConfigured$/ },
    differs:
      "The number is documented; azure-iot-sdk-csharp#2936 shows 400022 with the message BadRequest, and not how the hub was configured.",
  },
  {
    name: "an upload with an api-version before errors were JSON",
    source: "azure-iot-sdk-python#1032",
    before: [DEVICE],
    request: asDevice("", { blobName: "a.txt" }, "2019-10-01"),
    status: 400,
    properties: { Message: /^ErrorCode:DefaultStorageEndpointNotConfigured;/, ExceptionMessage: /^Tracking ID:/ },
  },
  {
    name: "the end of an upload that does not exist",
    source: `${CODES}: 400015`,
    before: [DEVICE],
    request: asDevice("/notifications", { correlationId: "none", isSuccess: true, statusCode: 200 }),
    status: 400,
    properties: { Message: /^\{"errorCode":400015,/ },
    headers: { "iothub-errorcode": /^InvalidFileUploadCorrelationId$/ },
  },
  {
    name: "an upload without a name",
    source: "guess",
    before: [DEVICE],
    request: asDevice("", {}),
    status: 400,
    headers: { "iothub-errorcode": /^ArgumentInvalid$/ },
    differs: "No response of Azure is on record.",
  },
  {
    name: "an upload to a name with a part ..",
    source: "guess",
    before: [DEVICE],
    request: asDevice("", { blobName: "../dev-2/a.txt" }),
    status: 400,
    headers: { "iothub-errorcode": /^ArgumentInvalid$/ },
    differs:
      "Azure Storage advises against such names, whose signatures are of no use to clients; what the hub returns is not on record.",
  },
  {
    name: "notifications of uploaded files, without any",
    source: "Azure REST API, as those of feedback",
    request: { method: "GET", path: NOTIFICATIONS, apiVersion },
    status: 204,
    differs: "Azure documents the endpoint for AMQP; over HTTPS it is as that of feedback here.",
  },
  {
    name: "a notification whose lock does not exist",
    source: `${CODES}: 412002`,
    request: { method: "DELETE", path: `${NOTIFICATIONS}/none`, apiVersion },
    status: 412,
    headers: { "iothub-errorcode": /^DeviceMessageLockLost$/ },
  },
];
