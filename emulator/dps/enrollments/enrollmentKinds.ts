/** How the two kinds of enrollment differ on the wire. */
export const KINDS = Object.freeze({
  group: {
    path: "/enrollmentGroups",
    /** The beginning of Azure's own names of the operations. */
    operations: "EnrollmentGroup",
    /** What a list of them is called, in bulk operations and queries. */
    list: "enrollmentGroups",
    /** What queries call one of them. */
    item: "enrollmentGroup",
    /** The member that carries the id. */
    id: "enrollmentGroupId",
  },
  individual: {
    path: "/enrollments",
    operations: "IndividualEnrollment",
    list: "enrollments",
    item: "enrollment",
    id: "registrationId",
  },
} as const);
