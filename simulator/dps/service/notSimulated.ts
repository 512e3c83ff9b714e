import type { Operation } from "../../kernel/call";
import type { DpsParts } from "../parts";

/** What Azure does and the local Azure does not: an answer of its own, so that nobody takes it for done. */
export const NOT_SIMULATED = [
  { name: "IndividualEnrollment_RunBulkOperation", path: "/enrollments" },
  { name: "EnrollmentGroup_RunBulkOperation", path: "/enrollmentGroups" },
  { name: "IndividualEnrollment_GetAttestationMechanism", path: "/enrollments/:id/attestationmechanism" },
  { name: "EnrollmentGroup_GetAttestationMechanism", path: "/enrollmentGroups/:id/attestationmechanism" },
] as const;

/** The `POST` operations of {@link NOT_SIMULATED}: 501000. */
export const notSimulated = (parts: DpsParts): Operation[] =>
  NOT_SIMULATED.map(({ name, path }) => ({
    name,
    method: "POST",
    path,
    handle(): never {
      throw parts.fail("notSimulated", `${name} is not simulated by the local Azure`);
    },
  }));
