import { hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import type { ImportExport } from "./importExportRunner";
import type { ImportExportJob } from "./importExportStore";

/** The blobs' names where a request has none (Azure REST API, JobProperties). */
const DEVICES = "devices.txt";
const ERRORS = "importErrors.log";

interface JobBody {
  readonly type: string;
  readonly inputBlobContainerUri?: string | null;
  readonly outputBlobContainerUri?: string | null;
  readonly inputBlobName?: string | null;
  readonly outputBlobName?: string | null;
  readonly excludeKeysInExport?: boolean | null;
  readonly storageAuthenticationType?: string | null;
  readonly includeConfigurations?: boolean | null;
}

/** Reads the body of a new job. Throws ArgumentInvalid or NotEmulated. */
export function readImportExport(body: unknown, hub: string): ImportExport {
  const given = readBody<JobBody>(body, "hub.importExport");
  const type = given.type.toLowerCase() === "import" ? "import" : "export";
  if (given.storageAuthenticationType?.toLowerCase() === "identitybased") {
    throw hubError("NotEmulated", "imports and exports with the hub's identity (identityBased) are not emulated");
  }
  if (given.includeConfigurations) {
    throw hubError("NotEmulated", "imports and exports of configurations (includeConfigurations) are not emulated");
  }
  const { inputBlobContainerUri: input, outputBlobContainerUri: output } = given;
  if (!output) throw hubError("ArgumentInvalid", "outputBlobContainerUri is required");
  if (type === "import" && !input) throw hubError("ArgumentInvalid", "inputBlobContainerUri is required");
  return {
    hub,
    type,
    input: input ?? undefined,
    output,
    inputName: given.inputBlobName || DEVICES,
    outputName: given.outputBlobName || (type === "import" ? ERRORS : DEVICES),
    excludesKeys: given.excludeKeysInExport === true,
  };
}

/** A job as the service API writes it: the addresses of its blobs are empty, as they have signatures. */
export const wireImportExport = ({
  jobId,
  type,
  status,
  progress,
  excludesKeys,
  created,
  ended,
  failure,
}: ImportExportJob) => ({
  jobId,
  startTimeUtc: new Date(created).toISOString(),
  endTimeUtc: ended === undefined ? undefined : new Date(ended).toISOString(),
  type,
  status,
  progress,
  ...(type === "import" ? { inputBlobContainerUri: "" } : {}),
  outputBlobContainerUri: "",
  excludeKeysInExport: excludesKeys,
  failureReason: failure ?? null,
});
