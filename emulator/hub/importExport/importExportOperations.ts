import { type Operation, ok, type Request } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { hubError } from "../hubErrors";
import { readImportExport, wireImportExport } from "./importExportBody";
import type { ImportExportRunner } from "./importExportRunner";
import type { ImportExportJob } from "./importExportStore";

/** Imports and exports of devices (Azure REST API "Jobs – Create Import Export Job" and others). */
export function importExportOperations(deps: HubDependencies, runner: ImportExportRunner): Operation[] {
  const existing = (hub: string, { params }: Request): ImportExportJob => {
    const { jobId = "" } = params;
    const job = deps.importExports.find(hub, jobId);
    if (!job) throw hubError("JobNotFound", jobId);
    return job;
  };
  const create = async (request: Request) => {
    const hub = authorizeService(request, "write", deps);
    return ok(wireImportExport(await runner.begin(readImportExport(request.body, hub.key))));
  };
  const list = (request: Request) => {
    const hub = authorizeService(request, "read", deps);
    return ok(deps.importExports.list(hub.key).map(wireImportExport));
  };
  const get = (request: Request) => {
    const hub = authorizeService(request, "read", deps);
    return ok(wireImportExport(existing(hub.key, request)));
  };
  /** What a job has done stays; a job that has ended does, too. */
  const cancel = (request: Request) => {
    const hub = authorizeService(request, "write", deps);
    deps.database.transaction(() => deps.importExports.end(existing(hub.key, request), "cancelled"));
    return { status: 204 };
  };
  return [
    { name: "Jobs_CreateImportExportJob", method: "POST", path: "/jobs/create", handle: create },
    { name: "Jobs_GetImportExportJobs", method: "GET", path: "/jobs", handle: list },
    { name: "Jobs_GetImportExportJob", method: "GET", path: "/jobs/:jobId", handle: get },
    { name: "Jobs_CancelImportExportJob", method: "DELETE", path: "/jobs/:jobId", handle: cancel },
  ];
}
