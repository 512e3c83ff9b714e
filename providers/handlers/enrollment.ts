/** What group and individual enrollments share: their inputs, the wire form, and reading drift back into inputs. */
import { createHash } from "node:crypto";
import type {
  AllocationPolicy,
  CertificateWithInfo,
  EnrollmentGroupBody,
  IndividualEnrollmentBody,
  InitialTwin,
  ProvisioningStatus,
  ReprovisionPolicy,
} from "../../azure/wire/enrollment";
import { canonical, isSame } from "./canonical";
import { type Fields, oneOf, pickFields } from "./fields";
import type { Props } from "./handler";

/** Inputs of both kinds. Defaults are the service's own. */
export const SHARED_FIELDS: Fields = {
  serviceEndpoint: { isRequired: true, onChange: "replace" },
  provisioningStatus: { default: "enabled", fault: oneOf("enabled", "disabled") },
  allocationPolicy: { fault: oneOf("hashed", "geoLatency", "static") },
  iotHubs: { fault: (value) => (Array.isArray(value) ? undefined : "must be a list of hub host names") },
  reprovisionPolicy: { default: { updateHubAssignment: true, migrateDeviceData: true } },
  initialTwin: {},
  iotEdge: { default: false },
};

/** The two bodies without what tells them apart. */
type SharedBody = Omit<EnrollmentGroupBody, "enrollmentGroupId" | "attestation">;

/** The shared inputs as the wire has them. The inputs were checked. */
export function sharedBody(inputs: Props): SharedBody {
  return {
    provisioningStatus: (inputs.provisioningStatus ?? "enabled") as ProvisioningStatus,
    reprovisionPolicy: (inputs.reprovisionPolicy ?? SHARED_FIELDS.reprovisionPolicy?.default) as ReprovisionPolicy,
    capabilities: { iotEdge: inputs.iotEdge === true },
    ...(inputs.allocationPolicy === undefined ? {} : { allocationPolicy: inputs.allocationPolicy as AllocationPolicy }),
    ...(inputs.iotHubs === undefined ? {} : { iotHubs: inputs.iotHubs as readonly string[] }),
    ...(inputs.initialTwin === undefined ? {} : { initialTwin: inputs.initialTwin as InitialTwin }),
  };
}

/**
 * The shared inputs as the service has them now. What says the same as our own input keeps our spelling; what we left to
 * the service stays left to it.
 */
export function readShared(
  props: Props,
  body: EnrollmentGroupBody | IndividualEnrollmentBody,
): Record<string, unknown> {
  const seen: Record<string, unknown> = {
    provisioningStatus: body.provisioningStatus ?? "enabled",
    reprovisionPolicy: body.reprovisionPolicy ?? SHARED_FIELDS.reprovisionPolicy?.default,
    iotEdge: body.capabilities?.iotEdge ?? false,
    allocationPolicy: body.allocationPolicy ?? undefined,
    iotHubs: body.iotHubs ?? undefined,
    initialTwin: withoutMetadata(body.initialTwin),
  };
  // The service spells out what was not asked for: an allocation policy, every hub, an empty twin.
  for (const name of ["allocationPolicy", "iotHubs", "initialTwin"]) {
    if (props[name] === undefined || isSame(seen[name], withoutMetadata(props[name]))) seen[name] = props[name];
  }
  return seen;
}

/** Twin collections are read back with the service's own marks (`$metadata`, `$version`, `version`, `count`, `metadata`). */
function withoutMetadata(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMetadata);
  if (typeof value !== "object" || value === null) return value ?? undefined;
  const entries = Object.entries(value)
    .filter(([key]) => !key.startsWith("$") && !["metadata", "version", "count"].includes(key))
    .map(([key, member]) => [key, withoutMetadata(member)] as const)
    .filter(([, member]) => !isSame(member, {}));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/**
 * A certificate input as the service has it: our own text when the thumbprints agree (or the service tells none), else a
 * note that the next diff sees as a change.
 */
export function readCertificate(ours: string | undefined, theirs: CertificateWithInfo | undefined): string | undefined {
  if (!theirs) return undefined;
  const seen = theirs.info?.sha256Thumbprint;
  if (seen === undefined) return ours;
  const pki = require("./pki") as typeof import("./pki");
  const isOurs = ours?.includes("-----BEGIN") === true && pki.facts(ours).sha256Thumbprint === seen.toUpperCase();
  return isOurs ? ours : `another certificate: ${theirs.info?.sha1Thumbprint ?? seen}`;
}

/**
 * The outputs: the inputs, the service's ETag and times, and `revision`, a digest of the inputs that changes when and
 * only when what the enrollment says changes, for resources that follow it.
 */
export function outputsOf(
  fields: Fields,
  inputs: Props,
  body: EnrollmentGroupBody | IndividualEnrollmentBody,
): Record<string, unknown> {
  const picked = pickFields(fields, inputs);
  return {
    ...picked,
    etag: body.etag ?? "*",
    createdDateTimeUtc: body.createdDateTimeUtc ?? "",
    lastUpdatedDateTimeUtc: body.lastUpdatedDateTimeUtc ?? "",
    revision: createHash("sha256").update(canonical(picked)).digest("hex").slice(0, 16),
  };
}
