/** What group and individual enrollments share: their inputs, the wire form, and reading drift back into inputs. */

import { createHash } from "node:crypto";
import type {
  AllocationPolicy,
  EnrollmentGroupBody,
  IndividualEnrollmentBody,
  InitialTwin,
  ProvisioningStatus,
  ReprovisionPolicy,
} from "../../../azure/wire/dpsEnrollment";
import { isObject } from "../../../azure/wire/jsonObject";
import { ADOPT } from "../resource/adoptInput";
import { canonical, isSame } from "../resource/canonicalJson";
import { checkFields, type Fields, oneOf, pemCertificates, pickFields, UNKNOWN } from "../resource/fields";
import type { CheckFailure, CheckResult, Props } from "../resource/handler";
import { STORE, storeErrors } from "../vault/storedKeys";
import { ALLOCATION, allocationErrors, webhookBody } from "./allocation";
import { attestationBody, attestationFindings, readAttestation } from "./attestation";
import { initialTwinError, readTwin } from "./initialTwin";

const boolean = (value: unknown): string | undefined =>
  typeof value === "boolean" ? undefined : "must be true or false";

function reprovisionError(value: unknown): string | undefined {
  const given = isObject(value) ? value : {};
  const names = ["updateHubAssignment", "migrateDeviceData"];
  const isWhole = names.every((name) => typeof given[name] === "boolean" || given[name] === UNKNOWN);
  const isAlone = Object.keys(given).every((name) => names.includes(name));
  return isWhole && isAlone
    ? undefined
    : "must be an object with updateHubAssignment and migrateDeviceData, true or false";
}

/** Inputs of both kinds. Defaults are the service's own. */
export const SHARED_FIELDS: Fields = {
  serviceEndpoint: { isRequired: true, onChange: "replaceWithParent" },
  provisioningStatus: { default: "enabled", validate: oneOf("enabled", "disabled") },
  ...ALLOCATION,
  reprovisionPolicy: { default: { updateHubAssignment: true, migrateDeviceData: true }, validate: reprovisionError },
  initialTwin: { validate: initialTwinError },
  iotEdge: { default: false, validate: boolean },
  adopt: ADOPT,
  // For the preview's eyes: it is no part of the enrollment.
  trustedCertificates: { onChange: "ignore", validate: pemCertificates },
};

/** The result of a check, with warnings. */
export interface EnrollmentCheck extends CheckResult {
  readonly warnings: readonly CheckFailure[];
}

/** Checks the inputs of either kind: one by one, and together. */
export function checkEnrollment(fields: Fields, attestation: Fields, news: Props, now: Date): EnrollmentCheck {
  const { inputs, failures } = checkFields(fields, news);
  const invalid = new Set(failures.map(({ property }) => property));
  const found = attestationFindings(attestation, inputs, now);
  const together = [...found.failures, ...allocationErrors(inputs), ...storeErrors(inputs)];
  return {
    inputs,
    failures: [...failures, ...together.filter(({ property }) => !invalid.has(property))],
    warnings: found.warnings,
  };
}

/** The fields that both bodies share. */
type SharedBody = Omit<EnrollmentGroupBody, "enrollmentGroupId">;

/** The shared inputs as the wire has them. The inputs were checked. */
export function sharedBody(inputs: Props): SharedBody {
  const webhook = webhookBody(inputs);
  return {
    attestation: attestationBody(inputs),
    provisioningStatus: (inputs.provisioningStatus ?? "enabled") as ProvisioningStatus,
    reprovisionPolicy: (inputs.reprovisionPolicy ?? SHARED_FIELDS.reprovisionPolicy?.default) as ReprovisionPolicy,
    capabilities: { iotEdge: inputs.iotEdge === true },
    ...(inputs.allocationPolicy === undefined ? {} : { allocationPolicy: inputs.allocationPolicy as AllocationPolicy }),
    ...(inputs.iotHubs === undefined ? {} : { iotHubs: inputs.iotHubs as readonly string[] }),
    ...(inputs.initialTwin === undefined ? {} : { initialTwin: inputs.initialTwin as InitialTwin }),
    ...(webhook === undefined ? {} : { customAllocationDefinition: webhook }),
  };
}

const sorted = (value: unknown): unknown =>
  Array.isArray(value) ? value.map((host) => String(host).toLowerCase()).sort() : value;

/**
 * The shared inputs as the service has them now. What says the same as our own input keeps our spelling; what we left to
 * the service stays left to it.
 */
export function readShared(
  props: Props,
  body: EnrollmentGroupBody | IndividualEnrollmentBody,
): Record<string, unknown> {
  const seen: Record<string, unknown> = {
    ...readAttestation(props, body.attestation),
    provisioningStatus: body.provisioningStatus ?? "enabled",
    reprovisionPolicy: body.reprovisionPolicy ?? SHARED_FIELDS.reprovisionPolicy?.default,
    iotEdge: body.capabilities?.iotEdge ?? false,
    allocationPolicy: body.allocationPolicy ?? undefined,
    iotHubs: body.iotHubs ?? undefined,
    initialTwin: readTwin(props.initialTwin, body.initialTwin),
    customAllocation: body.customAllocationDefinition ?? undefined,
  };
  // The service returns defaults that were not requested: an allocation policy, and every hub.
  if (props.allocationPolicy === undefined && seen.allocationPolicy !== "custom") seen.allocationPolicy = undefined;
  if (props.iotHubs === undefined || isSame(sorted(seen.iotHubs), sorted(props.iotHubs))) seen.iotHubs = props.iotHubs;
  if (isSame(seen.customAllocation, webhookBody(props))) seen.customAllocation = props.customAllocation;
  return seen;
}

/** Secret inputs, and those that are no part of the enrollment: not in the revision. */
const NOT_IN_REVISION = ["symmetricKey", "customAllocation", "adopt", "trustedCertificates", ...Object.keys(STORE)];

/**
 * The outputs: the inputs, the service's ETag and times, the symmetric keys where there are any, and `revision`, a digest
 * of the inputs without the secret ones that changes when and only when what the enrollment says changes, for resources
 * that follow it.
 */
export function outputsOf(
  fields: Fields,
  inputs: Props,
  body: EnrollmentGroupBody | IndividualEnrollmentBody,
): Record<string, unknown> {
  const keys = body.attestation.symmetricKey;
  const said = canonical(pickFields(fields, inputs, NOT_IN_REVISION));
  return {
    ...pickFields(fields, inputs),
    etag: body.etag ?? "*",
    createdDateTimeUtc: body.createdDateTimeUtc ?? "",
    lastUpdatedDateTimeUtc: body.lastUpdatedDateTimeUtc ?? "",
    ...(keys?.primaryKey === undefined ? {} : { primaryKey: keys.primaryKey, secondaryKey: keys.secondaryKey }),
    revision: createHash("sha256").update(said).digest("hex").slice(0, 16),
  };
}
