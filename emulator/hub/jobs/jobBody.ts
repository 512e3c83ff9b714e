import { isObject } from "../../../azure/wire/jsonObject";
import { hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import type { Expression } from "../queries/queryTree";
import { readCondition } from "../queries/readQuery";
import { readSections } from "../twins/twinSections";
import type { DeviceJob, DeviceJobStatus, Job, JobRequest, JobType } from "./jobStore";

/** The default of az and the SDKs. */
const EXECUTION_SECONDS = 3600;
/** How far ahead a job can start (measured on Azure: mwalser/terraform-provider-iothub). */
const AHEAD_HOURS = 168;

const time = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

/** A job as the service API writes it. */
export function wireJob(job: Job, counts: Readonly<Record<DeviceJobStatus, number>>, now: number): object {
  const { jobId, type, request, status, created, starts, ended, statusMessage } = job;
  return {
    jobId,
    queryCondition: request.queryCondition,
    createdTime: time(created),
    startTime: time(starts),
    endTime: time(ended),
    maxExecutionTimeInSeconds: request.maxExecutionTimeInSeconds,
    type,
    cloudToDeviceMethod: request.cloudToDeviceMethod,
    updateTwin: request.updateTwin,
    status: status === "queued" && starts > now ? "scheduled" : status,
    failureReason: status === "failed" ? statusMessage : undefined,
    statusMessage,
    deviceJobStatistics: {
      deviceCount: Object.values(counts).reduce((sum, count) => sum + count, 0),
      failedCount: counts.failed,
      succeededCount: counts.completed,
      runningCount: counts.running,
      pendingCount: counts.pending,
    },
  };
}

/** A job on one device as a query of `devices.jobs` returns it. */
export const wireDeviceJob = (job: DeviceJob): Readonly<Record<string, unknown>> => ({
  deviceId: job.deviceId,
  jobId: job.jobId,
  jobType: job.type,
  status: job.status,
  startTimeUtc: time(job.started),
  endTimeUtc: time(job.ended),
  createdDateTimeUtc: time(job.created),
  lastUpdatedDateTimeUtc: time(job.updated),
  outcome: job.outcome,
  error: job.error,
});

interface JobBody extends Partial<JobRequest> {
  readonly jobId?: string | null;
  readonly type: JobType;
  readonly startTime?: string | null;
}

/** Returns the condition of a job; undefined for `*`, every device. Throws ArgumentInvalid. */
export const jobCondition = (text: string): Expression | undefined =>
  text.trim() === "*" ? undefined : readCondition(text);

function checkTwinUpdate(updateTwin: unknown): void {
  if (!isObject(updateTwin)) throw hubError("ArgumentInvalid", "updateTwin is required");
  const { etag } = updateTwin;
  if (etag !== undefined && etag !== null && etag !== "*") {
    throw hubError("ArgumentInvalid", "updateTwin.etag must be *: a job changes twins regardless of their ETags");
  }
  readSections(updateTwin);
}

/** Reads a time, in UTC where it names no zone. Throws ArgumentInvalid. */
function readTime(text: string | null | undefined, now: number): number {
  if (!text) return now;
  const at = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
  if (Number.isNaN(at)) throw hubError("ArgumentInvalid", "startTime is no time");
  if (at > now + AHEAD_HOURS * 3_600_000) {
    throw hubError("ArgumentInvalid", `startTime must be within ${AHEAD_HOURS} hours`);
  }
  return at;
}

/** Reads the body of a new job. Throws ArgumentInvalid. */
export function readJob(body: unknown, jobId: string, now: number): Pick<Job, "jobId" | "type" | "request" | "starts"> {
  const { type, startTime, ...given } = readBody<JobBody>(body, "hub.job");
  if (given.jobId && given.jobId !== jobId)
    throw hubError("ArgumentInvalid", "jobId in the body is not that of the path");
  const { queryCondition, maxExecutionTimeInSeconds, updateTwin, cloudToDeviceMethod } = given;
  if (!queryCondition) throw hubError("ArgumentInvalid", "queryCondition is required");
  if (type === "scheduleUpdateTwin") checkTwinUpdate(updateTwin);
  else if (!cloudToDeviceMethod) throw hubError("ArgumentInvalid", "cloudToDeviceMethod is required");
  return {
    jobId,
    type,
    starts: readTime(startTime, now),
    request: {
      queryCondition,
      maxExecutionTimeInSeconds: maxExecutionTimeInSeconds || EXECUTION_SECONDS,
      ...(type === "scheduleUpdateTwin" ? { updateTwin } : { cloudToDeviceMethod }),
    },
  };
}
