import type { Operation } from "../../kernel/operation";
import type { DpsDependencies } from "../dpsDependencies";
import { createOrUpdateEnrollment } from "./createOrUpdateEnrollment";
import { deleteEnrollment } from "./deleteEnrollment";
import type { EnrollmentKind } from "./enrollmentRecord";
import { getAttestationMechanism } from "./getAttestationMechanism";
import { getEnrollment } from "./getEnrollment";
import { queryEnrollments } from "./queryEnrollments";
import { runBulkOperation } from "./runBulkOperation";

/** The service API's operations on individual enrollments or enrollment groups. */
export const enrollmentOperations = (kind: EnrollmentKind, deps: DpsDependencies): Operation[] =>
  [
    getEnrollment,
    createOrUpdateEnrollment,
    deleteEnrollment,
    queryEnrollments,
    runBulkOperation,
    getAttestationMechanism,
  ].map((operation) => operation(kind, deps));
