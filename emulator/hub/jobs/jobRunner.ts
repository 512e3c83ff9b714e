import type { InitialTwin } from "../../../azure/wire/dpsEnrollment";
import type { HubDependencies } from "../hubDependencies";
import { HUB_ERRORS, HubError } from "../hubErrors";
import type { Expression } from "../queries/queryTree";
import { matchingDocuments } from "../queries/runQuery";
import { checkTwin, readSections } from "../twins/twinSections";
import { jobCondition } from "./jobBody";
import type { DeviceJob, Job } from "./jobStore";

/** Devices of which a job changes the twins with one commit. */
const TWIN_BATCH = 100;
/** Devices that a job calls at the same time. */
const METHOD_BATCH = 10;
/** The longest time between two looks at the clock, which the control listener can move. */
const LOOK_MS = 1000;

const DEFAULT_RESPONSE_SECONDS = 30;

type Dependencies = Pick<
  HubDependencies,
  "database" | "clock" | "jobs" | "configurations" | "identities" | "modules" | "twins" | "methods"
>;

function errorOf(error: unknown): NonNullable<DeviceJob["error"]> {
  if (!(error instanceof HubError)) throw error;
  return { code: String(HUB_ERRORS[error.errorName]), description: error.text };
}

/**
 * Runs the jobs of all hubs in the background: what is due, on the devices that meet the condition when it begins. A job goes on
 * after a restart; a call of a method that was in progress has failed then.
 */
export class JobRunner {
  readonly #running = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** `failed` takes internal errors. */
  constructor(
    private readonly deps: Dependencies,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Goes on with the jobs of an earlier process, and looks for due ones from now on. */
  start(): void {
    for (const job of this.deps.jobs.due()) {
      const interrupted = {
        code: String(HUB_ERRORS.ServerError),
        description: "the hub was restarted during the call",
      };
      for (const deviceId of this.deps.jobs.devicesOf(job, "running", Number.MAX_SAFE_INTEGER)) {
        this.deps.jobs.record(job, deviceId, { status: "failed", error: interrupted });
      }
    }
    this.#look();
  }

  /** Stops without waiting for calls in progress; jobs go on at the next start. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** Runs what is due now. */
  wake(): void {
    if (this.#isStopped) return;
    for (const job of this.deps.jobs.due()) {
      const key = `${job.hub} ${job.jobId}`;
      if (this.#running.has(key)) continue;
      const run = this.#run(job)
        .catch((error: unknown) => {
          // After the stop the database is closed.
          if (!this.#isStopped) this.failed(error);
        })
        .finally(() => this.#running.delete(key));
      this.#running.set(key, run);
    }
  }

  /** Resolves when no job runs. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  #look(): void {
    if (this.#isStopped) return;
    this.wake();
    this.#timer = setTimeout(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  async #run(job: Job): Promise<void> {
    const { database, jobs } = this.deps;
    if (job.status === "queued") await this.#begin(job);
    const size = job.type === "scheduleUpdateTwin" ? TWIN_BATCH : METHOD_BATCH;
    while (!this.#isStopped) {
      if (jobs.find(job.hub, job.jobId)?.status !== "running") return;
      if (this.#now() > job.starts + job.request.maxExecutionTimeInSeconds * 1000) {
        database.transaction(() => this.#timeOut(job));
        return;
      }
      const deviceIds = jobs.devicesOf(job, "pending", size);
      if (deviceIds.length === 0) break;
      await Promise.all(deviceIds.map((deviceId) => this.#onDevice(job, deviceId)));
    }
    if (!this.#isStopped) database.transaction(() => this.#complete(job));
  }

  /** Fixes the devices of a job. One with an invalid condition fails when it begins (measured: mwalser/terraform-provider-iothub). */
  async #begin(job: Job): Promise<void> {
    const { database, jobs } = this.deps;
    let where: Expression | undefined;
    try {
      where = jobCondition(job.request.queryCondition);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      database.transaction(() => jobs.end(job, "failed", error.text));
      return;
    }
    const deviceIds: string[] = [];
    for await (const { position } of matchingDocuments(job.hub, { from: "devices", where }, this.deps)) {
      deviceIds.push(position[0]);
    }
    database.transaction(() => {
      // It may have been cancelled meanwhile.
      if (jobs.find(job.hub, job.jobId)?.status === "queued") jobs.begin(job, deviceIds);
    });
  }

  #timeOut(job: Job): void {
    const description = "the job's maxExecutionTimeInSeconds has passed";
    this.deps.jobs.endOpen(job, "failed", { code: String(HUB_ERRORS.GatewayTimeout), description });
    this.deps.jobs.end(job, "failed", description);
  }

  #complete(job: Job): void {
    const { jobs } = this.deps;
    if (jobs.find(job.hub, job.jobId)?.status !== "running") return;
    const { failed } = jobs.counts(job);
    // Completed also where it failed on every device (measured).
    jobs.end(job, "completed", failed > 0 ? `the job failed on ${failed} devices` : undefined);
  }

  #onDevice(job: Job, deviceId: string): Promise<void> {
    return job.type === "scheduleUpdateTwin" ? this.#updateTwin(job, deviceId) : this.#callMethod(job, deviceId);
  }

  /** Changes a twin and records it in one transaction. */
  async #updateTwin(job: Job, deviceId: string): Promise<void> {
    const { database, jobs, twins } = this.deps;
    try {
      await database.groupCommit(() => {
        const twin = twins.patch(job.hub, { deviceId }, readSections((job.request.updateTwin ?? {}) as InitialTwin));
        if (!twin) throw deviceGone();
        checkTwin(twin);
        jobs.record(job, deviceId, { status: "completed", outcome: { deviceMethodResponse: null } });
      });
    } catch (error) {
      const reason = errorOf(error);
      await database.groupCommit(() => jobs.record(job, deviceId, { status: "failed", error: reason }));
    }
  }

  async #callMethod(job: Job, deviceId: string): Promise<void> {
    const { database, jobs, identities, methods } = this.deps;
    const { cloudToDeviceMethod: method } = job.request;
    if (!method) return;
    await database.groupCommit(() => jobs.record(job, deviceId, { status: "running" }));
    let result: Pick<DeviceJob, "status" | "outcome" | "error">;
    try {
      if (!identities.find(job.hub, deviceId)) throw deviceGone();
      const deviceMethodResponse = await methods.invoke(
        { hub: job.hub, deviceId },
        {
          name: method.methodName,
          payload: method.payload,
          connectTimeoutMs: Number(method.connectTimeoutInSeconds ?? 0) * 1000,
          responseTimeoutMs: Number(method.responseTimeoutInSeconds || DEFAULT_RESPONSE_SECONDS) * 1000,
        },
      );
      result = { status: "completed", outcome: { deviceMethodResponse } };
    } catch (error) {
      result = { status: "failed", error: errorOf(error) };
    }
    await database.groupCommit(() => jobs.record(job, deviceId, result));
  }

  #now(): number {
    return this.deps.clock.now().getTime();
  }
}

const deviceGone = (): HubError => new HubError("DeviceNotFound", "the device was deleted", {});
