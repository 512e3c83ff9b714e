import type { ArmDependencies } from "../../arm/armDependencies";
import { devicesError, notEmulated } from "../../arm/armErrors";
import { existingResource, readDevicesBody } from "../../arm/armRequest";
import { deviceServicePath } from "../../arm/microsoftDevices/deviceServiceKind";
import { HUB, HUB_TYPE } from "../../arm/microsoftDevices/iotHub";
import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import { HubError, type HubErrorName } from "../hubErrors";
import { readImportExport } from "./importExportBody";
import type { ImportExport, ImportExportRunner } from "./importExportRunner";
import type { ImportExportJob, ImportExportStore } from "./importExportStore";

const httpTime = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toUTCString();

/** A job as ARM writes it (REST API, JobResponse). */
const wireJob = ({ jobId, type, status, created, ended, failure }: ImportExportJob) => ({
  jobId,
  startTimeUtc: httpTime(created),
  endTimeUtc: httpTime(ended),
  type,
  status,
  failureReason: failure,
  statusMessage: failure,
});

const CODES: Readonly<Partial<Record<HubErrorName, "invalidArgument" | "blobContainer" | "jobQuotaExceeded">>> = {
  ArgumentInvalid: "invalidArgument",
  BlobContainerValidationError: "blobContainer",
  JobQuotaExceeded: "jobQuotaExceeded",
};

/** ARM's operations on imports and exports of devices (Azure REST API "Iot Hub Resource – Export Devices" and others). */
export function importExportManagement(
  arm: ArmDependencies,
  { importExports, runner }: { readonly importExports: ImportExportStore; readonly runner: ImportExportRunner },
): Operation[] {
  const path = deviceServicePath(HUB);
  const begin = async (read: () => ImportExport): Promise<Response> => {
    try {
      return ok(wireJob(await runner.begin(read())));
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      const code = CODES[error.errorName];
      throw code === undefined ? notEmulated(error.text) : devicesError(code, `${error.text}.`, arm);
    }
  };
  const exportDevices = (request: Request): Promise<Response> => {
    const { key } = existingResource(request, HUB_TYPE, arm);
    const body = readDevicesBody(request, "iotHub.exportDevices", arm);
    const { exportBlobContainerUri, excludeKeys, exportBlobName, authenticationType } = body;
    const { identity, includeConfigurations, configurationsBlobName } = body;
    return begin(() =>
      readImportExport(
        {
          type: "export",
          outputBlobContainerUri: exportBlobContainerUri,
          excludeKeysInExport: excludeKeys,
          outputBlobName: exportBlobName,
          storageAuthenticationType: authenticationType,
          identity,
          includeConfigurations,
          configurationsBlobName,
        },
        key,
      ),
    );
  };
  const importDevices = (request: Request): Promise<Response> => {
    const { key } = existingResource(request, HUB_TYPE, arm);
    const { authenticationType, ...body } = readDevicesBody(request, "iotHub.importDevices", arm);
    return begin(() =>
      readImportExport({ ...body, type: "import", storageAuthenticationType: authenticationType }, key),
    );
  };
  const list = (request: Request): Response => {
    const { key } = existingResource(request, HUB_TYPE, arm);
    return ok({ value: importExports.list(key).map(wireJob) });
  };
  const get = (request: Request): Response => {
    const { key } = existingResource(request, HUB_TYPE, arm);
    const job = importExports.find(key, request.params.jobId ?? "");
    if (job) return ok(wireJob(job));
    throw devicesError("jobNotFound", `The job '${request.params.jobId ?? ""}' does not exist.`, arm);
  };
  return [
    { name: "IotHubResource_ExportDevices", method: "POST", path: `${path}/exportDevices`, handle: exportDevices },
    { name: "IotHubResource_ImportDevices", method: "POST", path: `${path}/importDevices`, handle: importDevices },
    { name: "IotHubResource_ListJobs", method: "GET", path: `${path}/jobs`, handle: list },
    { name: "IotHubResource_GetJob", method: "GET", path: `${path}/jobs/:jobId`, handle: get },
  ];
}
