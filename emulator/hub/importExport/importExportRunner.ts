import { parseJson } from "../../kernel/parseJson";
import { bodyErrors, errorText } from "../../schemas/bodyErrors";
import { withSchemaNames } from "../../schemas/bodyNames";
import { applyItem, type BulkItem } from "../devices/bulkOperations";
import type { HubDependencies } from "../hubDependencies";
import { HUB_ERRORS, HubError, hubError } from "../hubErrors";
import { storageToken } from "../storage/storageToken";
import { BlobContainer, type BlobWriter, checkBlobName } from "./blobContainer";
import { exportedConfigurations, importConfiguration } from "./configurationLines";
import { exportedDevice, exportedModule } from "./exportedDevice";
import type { ImportExportJob } from "./importExportStore";

/** Devices of an export that are read at a time, and lines of an import that share a commit. */
const BATCH = 100;
/** Most characters of a line of an import: a twin of its largest size, with its device. */
const LINE_LIMIT = 256 * 1024;

/** The first line of an export without keys; Azure's words are not known. */
const NO_KEYS = "WARNING: The authentication keys of the devices are not included in this export.";

/** What to import or export, and where. */
export interface ImportExport extends Pick<ImportExportJob, "hub" | "type" | "excludesKeys"> {
  /** The URI of the container from which an import reads; it has a shared access signature. */
  readonly input?: string;
  /** The URI of the container to which an export writes devices, and an import errors. */
  readonly output: string;
  /** The name of the blob that an import reads. */
  readonly inputName: string;
  /** The name of the blob that is written. */
  readonly outputName: string;
  /** `storageAuthenticationType: identityBased`: the URIs have no signatures, and the hub's identity has a role at the containers. */
  readonly isIdentityBased: boolean;
  /** The ARM ID of the user-assigned identity. Default: the system-assigned one. */
  readonly userAssignedIdentity?: string;
  /** The name of the blob with configurations. Default: they are not imported or exported. */
  readonly configurationsName?: string;
}

/** A line of an import that was not applied. */
interface LineError {
  readonly deviceId?: string;
  readonly moduleId?: string;
  readonly configurationId?: string;
  readonly errorCode: number;
  readonly errorStatus: string;
}

const errorOf = (error: HubError): Pick<LineError, "errorCode" | "errorStatus"> => ({
  errorCode: HUB_ERRORS[error.errorName],
  errorStatus: error.text,
});

/** Reads a line of an import. Throws DeserializationError. */
function itemOf(line: string): BulkItem {
  const fail = (reason: string) =>
    hubError("DeserializationError", `Invalid device format in line: ${line.slice(0, 1024)}. ${reason}`);
  if (line.length > LINE_LIMIT) throw fail(`A line has at most ${LINE_LIMIT} characters`);
  if (line.includes("\ufffd")) throw fail("The line is not UTF-8");
  let item: BulkItem;
  try {
    [item] = withSchemaNames("hub.bulk", [parseJson(Buffer.from(line))]) as [BulkItem];
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error));
  }
  const errors = bodyErrors("hub.bulk", [item]).map((each) => ({ ...each, field: each.field.replace(/^0\.?/, "") }));
  if (errors.length > 0) throw fail(errorText(errors));
  // Every line needs it, whatever it does (measured on Azure by a public provider for Terraform).
  if (item.status === undefined) throw fail("status is required");
  return item;
}

/**
 * Imports and exports devices of hubs in the background, one job of a hub at a time. The addresses of blobs have signatures, so they
 * are not stored: a job that the end of the process interrupts has failed.
 */
export class ImportExportRunner {
  readonly #running = new Set<Promise<void>>();
  #isStopped = false;

  /** `failed` takes internal errors; `configurationsChanged` applies the configurations of a hub. */
  constructor(
    private readonly deps: HubDependencies,
    private readonly failed: (error: unknown) => void,
    private readonly configurationsChanged: (hub: string) => void,
  ) {}

  /** Ends the jobs of an earlier process. */
  start(): void {
    this.deps.database.transaction(() => this.deps.importExports.failLeft("the hub was restarted during the job"));
  }

  /** Stops without waiting for jobs in progress; they have failed at the next start. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when no job runs. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Checks the blobs of a job, and begins it. Throws BlobContainerValidationError, JobQuotaExceeded or NotEmulated. */
  async begin(given: ImportExport): Promise<ImportExportJob> {
    const { database, ids, importExports } = this.deps;
    const { hub, type, excludesKeys, configurationsName } = given;
    const output = this.#container(given.output, given, "write");
    const input = type === "import" ? this.#container(given.input ?? "", given, "read") : undefined;
    checkBlobName(given.outputName);
    if (configurationsName !== undefined) checkBlobName(configurationsName);
    const jobId = ids.guid();
    await output.checkWritable(`iothub-${jobId}`);
    if (input && !(await input.has(given.inputName))) {
      throw hubError("BlobContainerValidationError", "Failed to read devices blob from input container");
    }
    if (input && configurationsName !== undefined && !(await input.has(configurationsName))) {
      throw hubError("BlobContainerValidationError", "Failed to read configurations blob from input container");
    }
    const job = await database.groupCommit(() => {
      if (importExports.isBusy(hub)) {
        throw hubError("JobQuotaExceeded", "A job of import or export is already running");
      }
      importExports.add({ hub, jobId, type, excludesKeys });
      return importExports.find(hub, jobId) as ImportExportJob;
    });
    const work = input ? this.#import(job, input, output, given) : this.#export(job, output, given);
    const running: Promise<void> = this.#ended(job, work).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return job;
  }

  /**
   * Returns a container. A missing identity or role has the error of a container that cannot be written (measured on Azure:
   * mwalser/terraform-provider-iothub).
   */
  #container(uri: string, given: ImportExport, access: "read" | "write"): BlobContainer {
    const { hub, isIdentityBased, userAssignedIdentity } = given;
    const { sendBlobRequest } = this.deps;
    if (!isIdentityBased) return BlobContainer.of(uri, sendBlobRequest);
    const actions = access === "read" ? (["read"] as const) : (["write", "delete"] as const);
    return BlobContainer.of(uri, sendBlobRequest, (target) => {
      const outcome = storageToken(hub, userAssignedIdentity, target, actions, this.deps);
      if ("token" in outcome) return outcome.token;
      const text =
        access === "read"
          ? "Unauthorized to read from input blob container"
          : "Unauthorized to write to output blob container";
      throw hubError("BlobContainerValidationError", text, { reason: outcome.reason });
    });
  }

  async #ended(job: ImportExportJob, work: Promise<void>): Promise<void> {
    const { database, importExports } = this.deps;
    let failure: string | undefined;
    try {
      await work;
    } catch (error) {
      // After the stop the database is closed.
      if (this.#isStopped) return;
      if (!(error instanceof HubError)) this.failed(error);
      failure = error instanceof HubError ? error.text : "an internal error of the local Azure; see its log";
    }
    if (this.#isStopped) return;
    await database.groupCommit(() => importExports.end(job, failure === undefined ? "completed" : "failed", failure));
  }

  /** Records how far a job is; returns whether it goes on. */
  async #proceed(job: ImportExportJob, progress: number): Promise<boolean> {
    if (this.#isStopped) return false;
    const { database, importExports } = this.deps;
    return database.groupCommit(() => {
      importExports.proceed(job, progress);
      const present = importExports.find(job.hub, job.jobId);
      // The hub may be gone.
      return present !== undefined && present.ended === undefined;
    });
  }

  async #export(
    job: ImportExportJob,
    output: BlobContainer,
    { outputName, configurationsName }: ImportExport,
  ): Promise<void> {
    const { identities, modules, twins } = this.deps;
    const { hub, excludesKeys } = job;
    if (configurationsName !== undefined) {
      const configurations = output.writer(configurationsName);
      for (const line of await exportedConfigurations(hub, this.deps)) await configurations.add(line);
      await configurations.commit();
    }
    const writer = output.writer(outputName);
    if (excludesKeys) await writer.add(NO_KEYS);
    const { total } = identities.count(hub);
    for (let [done, after] = [0, ""]; ; ) {
      if (!(await this.#proceed(job, (100 * done) / Math.max(total, 1)))) return;
      const devices = identities.list(hub, BATCH, after);
      for (const device of devices) {
        const { deviceId } = device;
        const twin = twins.find(hub, { deviceId });
        // It may have been deleted while a block was sent.
        if (!twin) continue;
        await writer.add(JSON.stringify(exportedDevice(device, twin, excludesKeys)));
        for (const module of modules.list(hub, deviceId)) {
          const own = twins.find(hub, { deviceId, moduleId: module.moduleId });
          if (own) await writer.add(JSON.stringify(exportedModule(device, module, own, excludesKeys)));
        }
      }
      done += devices.length;
      after = devices.at(-1)?.deviceId ?? "";
      if (devices.length < BATCH) break;
    }
    await writer.commit();
  }

  async #import(job: ImportExportJob, input: BlobContainer, output: BlobContainer, given: ImportExport): Promise<void> {
    const log = output.writer(given.outputName);
    const apply = async (lines: readonly string[]): Promise<boolean> => {
      if (!(await this.#proceed(job, 0))) return false;
      const outcomes = await Promise.all(lines.map((line) => this.#apply(job.hub, line)));
      for (const error of outcomes) if (error) await log.add(JSON.stringify(error));
      return true;
    };
    let lines: string[] = [];
    let goesOn = true;
    for await (const line of input.lines(given.inputName, LINE_LIMIT)) {
      lines.push(line);
      if (lines.length < BATCH) continue;
      goesOn = await apply(lines);
      lines = [];
      if (!goesOn) break;
    }
    if (goesOn && lines.length > 0) goesOn = await apply(lines);
    const { configurationsName } = given;
    if (goesOn && configurationsName !== undefined)
      await this.#importConfigurations(job, input, configurationsName, log);
    if (!this.#isStopped) await log.commit();
  }

  async #importConfigurations(
    { hub }: ImportExportJob,
    input: BlobContainer,
    name: string,
    log: BlobWriter,
  ): Promise<void> {
    for await (const line of input.lines(name, LINE_LIMIT)) {
      if (this.#isStopped) return;
      try {
        await this.deps.database.groupCommit(() => importConfiguration(hub, line, this.deps));
      } catch (error) {
        if (!(error instanceof HubError)) throw error;
        const configurationId = /"id"\s*:\s*"([^"]{1,128})"/i.exec(line)?.[1];
        const failure: LineError = { configurationId, ...errorOf(error) };
        await log.add(JSON.stringify(failure));
      }
    }
    this.configurationsChanged(hub);
  }

  /** Applies a line of an import; returns its error. */
  async #apply(hub: string, line: string): Promise<LineError | undefined> {
    let item: BulkItem | undefined;
    try {
      const read = itemOf(line);
      item = read;
      await this.deps.database.groupCommit(() => applyItem(hub, read, this.deps));
      return undefined;
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      return { deviceId: item?.id, moduleId: item?.moduleId ?? undefined, ...errorOf(error) };
    }
  }
}
