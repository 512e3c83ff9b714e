import type { AttestationMechanism } from "../../../azure/wire/dpsEnrollment";
import type { Attestation, StoredCertificate } from "../enrollments/enrollmentRecord";

const infoOf = (certificate: StoredCertificate | undefined) => certificate && { info: certificate.info };

/**
 * Returns an attestation as the service API writes it: each certificate's info, never the certificate. Symmetric keys are
 * included only if `withKeys`: in responses to a change and to the attestation mechanism, not in GET and queries.
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
  return { type: "x509", x509: { [by]: { primary: infoOf(primary), secondary: infoOf(secondary) } } };
}
