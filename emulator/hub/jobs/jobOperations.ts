import { pageOf, positionOf, queryResponse } from "../../kernel/continuation";
import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { hubError } from "../hubErrors";
import { readCount } from "../readCount";
import { readJob, wireJob } from "./jobBody";
import type { Job } from "./jobStore";

const PAGE_SIZE = 100;
const PAGE_LIMIT = 1000;
/** Narrower than documented: measured on Azure (mwalser/terraform-provider-iothub, CONCEPT.md, Appendix D), as what a comment here calls measured. */
const JOB_ID = /^[a-z0-9\-']{1,64}$/;

function existingJob(hub: string, jobId: string, { jobs }: HubDependencies): Job {
  const job = jobs.find(hub, jobId);
  if (!job) throw hubError("JobNotFound", jobId);
  return job;
}

const bodyOf = (job: Job, { jobs, clock }: HubDependencies): object =>
  wireJob(job, jobs.counts(job), clock.now().getTime());

function create(request: Request, deps: HubDependencies, wake: () => void): Response {
  const hub = authorizeService(request, "write", deps);
  const { jobId = "" } = request.params;
  if (!JOB_ID.test(jobId)) throw hubError("ArgumentInvalid", `the job ID ${JSON.stringify(jobId)} is invalid`);
  const draft = readJob(request.body, jobId, deps.clock.now().getTime());
  const body = deps.database.transaction(() => {
    if (deps.jobs.find(hub.key, jobId)) throw hubError("JobAlreadyExists", `A job with ID '${jobId}' exists already.`);
    if (deps.jobs.countActive(hub.key) >= hub.activeJobLimit) {
      throw hubError(
        "ThrottlingMaxActiveJobCountExceeded",
        `The hub's tier has at most ${hub.activeJobLimit} active jobs at the same time.`,
      );
    }
    deps.jobs.add({ ...draft, hub: hub.key });
    return bodyOf(existingJob(hub.key, jobId, deps), deps);
  });
  // It begins after the response, which calls it queued whenever it starts (azure-iot-sdk-node, e2etests/test/job_client.js).
  wake();
  return ok({ ...body, status: "queued" });
}

/** Cancels a job that has not begun. Throws OperationNotAllowedInCurrentState for one that runs or has ended (measured). */
function cancel(request: Request, deps: HubDependencies): Response {
  const hub = authorizeService(request, "write", deps);
  const { jobId = "" } = request.params;
  deps.database.transaction(() => {
    const job = existingJob(hub.key, jobId, deps);
    if (job.status !== "queued") {
      throw hubError(
        "OperationNotAllowedInCurrentState",
        `The job '${jobId}' is ${job.status} and cannot be cancelled.`,
      );
    }
    deps.jobs.end(job, "cancelled");
  });
  return ok(bodyOf(existingJob(hub.key, jobId, deps), deps));
}

const isLike = (wanted: string | undefined, value: unknown): boolean =>
  !wanted || String(value).toLowerCase() === wanted.toLowerCase();

/** Lists jobs by type and status, page by page. */
function query(request: Request, deps: HubDependencies): Response {
  const hub = authorizeService(request, "read", deps);
  const size = readCount(request.headers["x-ms-max-item-count"], "x-ms-max-item-count", {
    fallback: PAGE_SIZE,
    limit: PAGE_LIMIT,
  });
  const after = positionOf(request.headers["x-ms-continuation"]);
  if (after === undefined) {
    throw hubError("ArgumentInvalid", "x-ms-continuation is not one that a query has returned");
  }
  const [type, status] = [request.query.get("jobtype"), request.query.get("jobstatus")];
  const found: { jobId: string; body: object }[] = [];
  for (let last = after; found.length <= size; ) {
    const batch = deps.jobs.list(hub.key, PAGE_LIMIT, last);
    for (const job of batch) {
      const body = bodyOf(job, deps) as { status: string };
      if (isLike(type, job.type) && isLike(status, body.status)) found.push({ jobId: job.jobId, body });
    }
    if (batch.length < PAGE_LIMIT) break;
    last = batch.at(-1)?.jobId ?? "";
  }
  const { items, continuation } = pageOf(found, size, ({ jobId }) => jobId);
  return queryResponse(
    "JobResponse",
    size,
    continuation,
    items.map(({ body }) => body),
  );
}

/** Jobs on many devices (Azure REST API "Jobs"). `wake` runs those that are due. */
export function jobOperations(deps: HubDependencies, wake: () => void): Operation[] {
  const path = "/jobs/v2/:jobId";
  const get = (request: Request): Response => {
    const hub = authorizeService(request, "read", deps);
    wake();
    const job = deps.jobs.find(hub.key, request.params.jobId ?? "");
    // Not 404 (measured).
    return ok(job ? bodyOf(job, deps) : { type: "unknown", status: "unknown" });
  };
  return [
    {
      name: "Jobs_QueryScheduledJobs",
      method: "GET",
      path: "/jobs/v2/query",
      handle: (request) => query(request, deps),
    },
    { name: "Jobs_GetScheduledJob", method: "GET", path, handle: get },
    { name: "Jobs_CreateScheduledJob", method: "PUT", path, handle: (request) => create(request, deps, wake) },
    {
      name: "Jobs_CancelScheduledJob",
      method: "POST",
      path: `${path}/cancel`,
      handle: (request) => cancel(request, deps),
    },
  ];
}
