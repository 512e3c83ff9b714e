import { nameError, nameKey } from "../../../azure/names";
import type {
  AttestationMechanism,
  EnrollmentGroupBody,
  IndividualEnrollmentBody,
} from "../../../azure/wire/dpsEnrollment";
import type { RegistrationState } from "../../../azure/wire/dpsRegistration";
import type { ProvisioningServiceRecord } from "../../kernel/directory";
import { bodyErrors, errorText } from "../../schemas/bodyErrors";
import { withSchemaNames } from "../../schemas/bodyNames";
import { readAttestation } from "../attestation/readAttestation";
import type { DpsDependencies } from "../dpsDependencies";
import { dpsError } from "../dpsErrors";
import { shown } from "../requestJson";
import type { Attestation, Enrollment, EnrollmentDraft, EnrollmentKind, StoredCertificate } from "./enrollmentRecord";
import { KINDS } from "./enrollmentRecord";
import { readSettings } from "./enrollmentSettings";

/** Reads and validates the body of a create-or-update. Throws one 400004 with all validation errors. */
export function readEnrollment(
  request: unknown,
  { kind, id, known }: { readonly kind: EnrollmentKind; readonly id: string; readonly known: Enrollment | undefined },
  service: ProvisioningServiceRecord,
  deps: Pick<DpsDependencies, "directory" | "clock" | "ids">,
): EnrollmentDraft {
  const named = withSchemaNames(KINDS[kind].schema, request);
  const wrongTypes = errorText(bodyErrors(KINDS[kind].schema, named));
  const errors: string[] = wrongTypes ? [wrongTypes] : [];
  const addError = (text: string): void => void errors.push(text);
  // The member has the name of the rule.
  const rule = KINDS[kind].id;
  const wrongName = nameError(rule, id);
  if (wrongName) addError(wrongName);
  if (wrongTypes) throw dpsError("argument", `Invalid enrollment: ${errors.join("; ")}`);
  const body = named as EnrollmentGroupBody & IndividualEnrollmentBody;
  const given = body[rule];
  if (nameKey(rule, given) !== nameKey(rule, id)) {
    addError(`${rule} ${shown(given)} in the body is not ${shown(id)} of the path`);
  }
  const settings = readSettings(body, { kind, linkedHubs: service.linkedHubs, addError });
  const caCertificates = deps.directory.certificates(service.key);
  const attestation = readAttestation(body.attestation, {
    kind,
    known,
    caCertificates,
    at: deps.clock.now(),
    newKey: (bytes) => deps.ids.key(bytes),
    addError,
  });
  if (errors.length > 0 || !attestation)
    throw dpsError("argument", `Invalid enrollment: ${[...new Set(errors)].join("; ")}`);
  return { settings, attestation };
}

const infoOf = (certificate: StoredCertificate | undefined) => certificate && { info: certificate.info };

/**
 * Returns an attestation as the service API writes it: each certificate's info, never the certificate; the
 * primary as the secondary, too, if there is no other (azure-iot-cli-extension's tests show that it is not so the other way round). Symmetric keys are included only if `withKeys`: in responses to a change and to the attestation mechanism, not in GET and queries.
 */
export function wireAttestation(attestation: Attestation, withKeys: boolean): AttestationMechanism {
  if (attestation.by === "symmetricKey") {
    const { primaryKey, secondaryKey } = attestation;
    return { type: "symmetricKey", ...(withKeys && { symmetricKey: { primaryKey, secondaryKey } }) };
  }
  if (attestation.by === "tpm") {
    const { by: _, ...tpm } = attestation;
    return { type: "tpm", tpm };
  }
  if (attestation.by === "caReferences") {
    const { by: _, ...caReferences } = attestation;
    return { type: "x509", x509: { caReferences } };
  }
  const { by, primary, secondary } = attestation;
  return {
    type: "x509",
    x509: { [by]: { primary: infoOf(primary), secondary: infoOf(secondary ?? primary) } },
  };
}

interface WireOptions {
  /** Individual enrollments only. */
  readonly registrationState?: RegistrationState;
  /** Default false. */
  readonly withKeys?: boolean;
}

/** Returns an enrollment as the service API writes it; see {@link wireAttestation} for what is left out. */
export function wireEnrollment(
  enrollment: Enrollment,
  { registrationState, withKeys = false }: WireOptions = {},
): EnrollmentGroupBody | IndividualEnrollmentBody {
  const { iotEdge, deviceId, ...settings } = enrollment.settings;
  const common = {
    attestation: wireAttestation(enrollment.attestation, withKeys),
    capabilities: iotEdge === undefined ? undefined : { iotEdge },
    etag: enrollment.etag,
    ...settings,
    createdDateTimeUtc: enrollment.created,
    lastUpdatedDateTimeUtc: enrollment.updated,
  };
  if (enrollment.kind === "group") return { enrollmentGroupId: enrollment.id, ...common };
  return {
    registrationId: enrollment.id,
    deviceId,
    registrationState,
    ...common,
  };
}
