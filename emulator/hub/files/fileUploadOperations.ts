import { blobNameError } from "../../../azure/blobSas";
import { sevenDigits } from "../../kernel/clock";
import type { HubRecord } from "../../kernel/directory";
import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import { authenticateDevice } from "../devices/authenticateDevice";
import type { HubDependencies } from "../hubDependencies";
import { hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import type { FileUpload } from "./fileUploadStore";
import { type BlobFacts, blobAccess, blobFacts, uploadStorageOf } from "./uploadStorage";

/** Most uploads of a device at the same time (Azure documentation, "IoT Hub quotas and throttling"). */
const ACTIVE_LIMIT = 10;

/** Authenticates the device of a request, and returns its hub. Throws the hub's 401 or 404. */
function hubOfDevice(request: Request, deps: HubDependencies): HubRecord {
  return authenticateDevice(request, { deviceId: request.params.deviceId ?? "" }, deps).hub;
}

/** The name of a device's blob. Throws ArgumentInvalid for one that no blob has; the code is a guess. */
function blobOf(deviceId: string, given: string): string {
  const blob = `${deviceId}/${given}`;
  const error = blobNameError(blob);
  if (error) throw hubError("ArgumentInvalid", `the name of the blob, with the device's ID, is not valid: ${error}`);
  return blob;
}

/** As in Microsoft's example: Base64 of the time, a GUID, the file and a version. */
function newCorrelationId(given: string, { clock, ids }: HubDependencies): string {
  const minute = clock.now().toISOString().replace(/\D/g, "").slice(0, 12);
  return Buffer.from(`${minute}_${ids.guid()}_${given}_ver2.0`).toString("base64");
}

/** Begins an upload: where the device puts its blob, and by which signature. */
async function createSasUri(request: Request, deps: HubDependencies): Promise<Response> {
  const hub = hubOfDevice(request, deps);
  const { deviceId = "" } = request.params;
  const { blobName } = readBody<{ blobName: string }>(request.body, "hub.fileUpload");
  const blob = blobOf(deviceId, blobName);
  const storage = uploadStorageOf(hub, deps);
  const expires = new Date(deps.clock.now().getTime() + storage.sasTtlMs);
  const correlationId = newCorrelationId(blobName, deps);
  const access = await blobAccess(storage, blob, expires);
  await deps.database.groupCommit(() => {
    if (deps.fileUploads.countActive(hub.key, deviceId) >= ACTIVE_LIMIT) {
      const text = `Number of active file upload requests cannot exceed ${ACTIVE_LIMIT}`;
      throw hubError("DeviceMaximumActiveFileUploadLimitExceeded", text);
    }
    deps.identities.heard(hub.key, deviceId);
    deps.fileUploads.add({ hub: hub.key, deviceId, correlationId, blob, expires });
  });
  return ok({ correlationId, ...access });
}

interface UploadStatus {
  readonly correlationId?: string | null;
  readonly isSuccess: boolean;
}

/** Returns the upload of a correlation ID. Throws InvalidFileUploadCorrelationId or ExpiredFileUploadCorrelationId. */
function existingUpload(
  key: Pick<FileUpload, "hub" | "deviceId" | "correlationId">,
  deps: HubDependencies,
): FileUpload {
  const upload = deps.fileUploads.find(key);
  if (!upload) throw hubError("InvalidFileUploadCorrelationId", "BadRequest", { reason: "no upload has this ID" });
  if (upload.expires > deps.clock.now()) return upload;
  throw hubError("ExpiredFileUploadCorrelationId", "BadRequest", { reason: "the upload's signature has expired" });
}

/** Ends an upload, and notifies the service of one that has succeeded, where the hub is set to. */
function end(hub: HubRecord, upload: FileUpload, facts: BlobFacts | undefined, deps: HubDependencies): void {
  // Another request may have ended it meanwhile.
  deps.fileUploads.remove(existingUpload(upload, deps));
  deps.identities.heard(hub.key, upload.deviceId);
  if (!facts || !hub.fileUpload.notifies) return;
  const notification = {
    deviceId: upload.deviceId,
    blobUri: facts.uri,
    blobName: upload.blob,
    lastUpdatedTime: `${facts.lastModified.toISOString().slice(0, 19)}+00:00`,
    blobSizeInBytes: facts.size,
    enqueuedTimeUtc: sevenDigits(deps.clock.now()),
  };
  deps.fileNotifications.add(hub.key, notification, hub.fileUpload.notifications);
}

/**
 * Ends an upload. One that the device calls successful is checked at the storage. The hub sends no
 * notification of a failed one (azure-iot-sdk-c#1443).
 */
async function updateStatus(request: Request, deps: HubDependencies): Promise<Response> {
  const hub = hubOfDevice(request, deps);
  const { deviceId = "", correlationId: inPath } = request.params;
  const { correlationId, isSuccess } = readBody<UploadStatus>(request.body, "hub.fileUploadStatus");
  const upload = existingUpload({ hub: hub.key, deviceId, correlationId: inPath ?? correlationId ?? "" }, deps);
  const facts = isSuccess ? await blobFacts(uploadStorageOf(hub, deps), upload.blob, deps) : undefined;
  await deps.database.groupCommit(() => end(hub, upload, facts, deps));
  return { status: 204 };
}

/** The operations by which devices upload files (Azure REST API "Device", 2021-04-12). */
export function fileUploadOperations(deps: HubDependencies): Operation[] {
  const path = "/devices/:deviceId/files";
  const update = (request: Request) => updateStatus(request, deps);
  return [
    {
      name: "Device_CreateFileUploadSasUri",
      method: "POST",
      path,
      handle: (request) => createSasUri(request, deps),
    },
    { name: "Device_UpdateFileUploadStatus", method: "POST", path: `${path}/notifications`, handle: update },
    // azure-iot-device for Node has the correlation ID in the path, and not in the body.
    {
      name: "Device_UpdateFileUploadStatusByCorrelationId",
      method: "POST",
      path: `${path}/notifications/:correlationId`,
      handle: update,
    },
  ];
}
