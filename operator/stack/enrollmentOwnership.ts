/** Which enrollments the program owns: their status is a matter of the configuration. */
import { isObject } from "../../azure/wire/jsonObject";
import type { StackResource } from "./operatorStack";
import { dynamicResources, textOf } from "./stampInformation";

/** The two kinds of enrollment. */
export type EnrollmentKind = "group" | "individual";

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** The IDs of the enrollments of a kind that the stack has as resources. */
export function ownEnrollments(resources: readonly StackResource[], kind: EnrollmentKind): readonly string[] {
  if (kind === "group") {
    return dynamicResources(resources, "EnrollmentGroup").map(({ outputs }) => textOf(outputs, "enrollmentGroupId"));
  }
  const individuals = dynamicResources(resources, "IndividualEnrollment").map(({ outputs }) =>
    textOf(outputs, "registrationId"),
  );
  const listed = dynamicResources(resources, "EnrollmentList").flatMap(({ inputs: { enrollments } }) =>
    isObject(enrollments) ? Object.keys(enrollments) : [],
  );
  return [...individuals, ...listed];
}

/** Whether the stack has this enrollment. */
export const ownsEnrollment = (resources: readonly StackResource[], kind: EnrollmentKind, id: string): boolean =>
  ownEnrollments(resources, kind).some((own) => isSame(own, id));

/** Whether an ID is in a list; letter case has no meaning. */
export const hasId = (ids: readonly string[], id: string): boolean => ids.some((each) => isSame(each, id));
