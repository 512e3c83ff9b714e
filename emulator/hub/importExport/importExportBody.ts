import { hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import type { ImportExport } from "./importExportRunner";
import type { ImportExportJob } from "./importExportStore";

/** The blobs' names where a request has none (Azure REST API, JobProperties). */
const DEVICES = "devices.txt";
const ERRORS = "importErrors.log";
const CONFIGURATIONS = "configurations.txt";

interface JobBody {
  readonly type: "import" | "export";
  readonly inputBlobContainerUri?: string | null;
  readonly outputBlobContainerUri?: string | null;
  readonly inputBlobName?: string | null;
  readonly outputBlobName?: string | null;
  readonly excludeKeysInExport?: boolean | null;
  readonly storageAuthenticationType?: string | null;
  readonly identity?: { readonly userAssignedIdentity?: string | null } | null;
  readonly includeConfigurations?: boolean | null;
  readonly configurationsBlobName?: string | null;
}

/** Reads the body of a new job. Throws ArgumentInvalid. */
export function readImportExport(body: unknown, hub: string): ImportExport {
  const given = readBody<JobBody>(body, "hub.importExport");
  const { type, inputBlobContainerUri: input, outputBlobContainerUri: output } = given;
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
    isIdentityBased: given.storageAuthenticationType?.toLowerCase() === "identitybased",
    userAssignedIdentity: given.identity?.userAssignedIdentity || undefined,
    configurationsName: given.includeConfigurations ? given.configurationsBlobName || CONFIGURATIONS : undefined,
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
