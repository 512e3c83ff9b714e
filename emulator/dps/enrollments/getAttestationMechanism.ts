import type { Operation } from "../../kernel/operation";
import { wireAttestation } from "../attestation/wireAttestation";
import { authorize } from "../dpsAuthorization";
import type { DpsDependencies } from "../dpsDependencies";
import { KINDS } from "./enrollmentKinds";
import type { EnrollmentKind } from "./enrollmentRecord";

/** `POST …/attestationmechanism`: how the devices attest, symmetric keys included. */
export const getAttestationMechanism = (kind: EnrollmentKind, deps: DpsDependencies): Operation => ({
  name: `${KINDS[kind].operations}_GetAttestationMechanism`,
  method: "POST",
  path: `${KINDS[kind].path}/:id/attestationmechanism`,
  handle(request) {
    const service = authorize(request, "readEnrollment", deps);
    const enrollment = deps.enrollments.find(service.key, kind, request.params.id ?? "");
    if (!enrollment) throw deps.fail("enrollmentNotFound", "Enrollment not found.");
    return {
      status: 200,
      headers: { etag: enrollment.etag },
      body: wireAttestation(enrollment.attestation, true),
    };
  },
});
