import { nameFault, nameKey } from "../../../azure/names";
import type {
  AttestationMechanism,
  EnrollmentGroupBody,
  IndividualEnrollmentBody,
} from "../../../azure/wire/dpsEnrollment";
import type { RegistrationState } from "../../../azure/wire/dpsRegistration";
import type { ProvisioningServiceRecord } from "../../kernel/directory";
import { readAttestation } from "../attestation/readAttestation";
import type { DpsDependencies } from "../dpsDependencies";
import { isObject, shown } from "../requestJson";
import { KINDS } from "./enrollmentKinds";
import type {
  Attestation,
  Enrollment,
  EnrollmentKind,
  EnrollmentSettings,
  StoredCertificate,
} from "./enrollmentRecord";
import { readSettings } from "./enrollmentSettings";

/** What a create-or-update asks for. */
export interface EnrollmentDraft {
  readonly settings: EnrollmentSettings;
  readonly attestation: Attestation;
}

/** Reads the body of a create-or-update against every rule; one 400004 names all that is wrong. */
export function readEnrollment(
  body: unknown,
  { kind, id, known }: { readonly kind: EnrollmentKind; readonly id: string; readonly known: Enrollment | undefined },
  service: ProvisioningServiceRecord,
  deps: Pick<DpsDependencies, "directory" | "clock" | "ids" | "fail">,
): EnrollmentDraft {
  const { fail } = deps;
  if (!isObject(body)) throw fail("argument", "the body is no JSON object");
  const faults: string[] = [];
  const fault = (text: string): void => {
    faults.push(text);
  };
  // The member is called as the rule is.
  const rule = KINDS[kind].id;
  const wrongName = nameFault(rule, id);
  if (wrongName) fault(wrongName);
  const given = body[rule];
  if (typeof given !== "string" || nameKey(rule, given) !== nameKey(rule, id)) {
    fault(`${rule} ${shown(given)} in the body is not ${shown(id)} of the path`);
  }
  const settings = readSettings(body, { kind, linkedHubs: service.linkedHubs, fail, fault });
  const caCertificates = deps.directory.certificates(service.key);
  const attestation = readAttestation(body.attestation, {
    kind,
    id,
    known,
    caCertificates,
    at: deps.clock.now(),
    newKey: (octets) => deps.ids.key(octets),
    fail,
    fault,
  });
  if (faults.length > 0 || !attestation)
    throw fail("argument", `Invalid enrollment: ${[...new Set(faults)].join("; ")}`);
  return { settings, attestation };
}

interface WireOptions {
  /** Individuals only. */
  readonly registrationState?: RegistrationState | undefined;
  /** Default false. */
  readonly withKeys?: boolean;
}

const told = (certificate: StoredCertificate) => ({ info: certificate.info });

/**
 * An attestation as the service API writes it: certificates by their info, never themselves. Symmetric keys come only
 * `withKeys`: in the answers to a change and to the attestation mechanism's own read, not to GET and queries.
 */
export function wireAttestation(attestation: Attestation, withKeys: boolean): AttestationMechanism {
  if (attestation.by === "symmetricKey") {
    const { primaryKey, secondaryKey } = attestation;
    return { type: "symmetricKey", ...(withKeys ? { symmetricKey: { primaryKey, secondaryKey } } : {}) };
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
  const certificates = {
    ...(primary === undefined ? {} : { primary: told(primary) }),
    ...(secondary === undefined ? {} : { secondary: told(secondary) }),
  };
  return { type: "x509", x509: { [by]: certificates } };
}

/** An enrollment as the service API writes it; see {@link wireAttestation} for what is not told. */
export function wireEnrollment(
  enrollment: Enrollment,
  { registrationState, withKeys = false }: WireOptions = {},
): EnrollmentGroupBody | IndividualEnrollmentBody {
  const { iotEdge, deviceId, ...settings } = enrollment.settings;
  const common = {
    attestation: wireAttestation(enrollment.attestation, withKeys),
    capabilities: { iotEdge },
    etag: enrollment.etag,
    ...settings,
    createdDateTimeUtc: enrollment.created,
    lastUpdatedDateTimeUtc: enrollment.updated,
  };
  if (enrollment.kind === "group") return { enrollmentGroupId: enrollment.id, ...common };
  return {
    registrationId: enrollment.id,
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(registrationState === undefined ? {} : { registrationState }),
    ...common,
  };
}
