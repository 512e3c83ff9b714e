/** How the two kinds of enrollment differ on the wire. */
export const KINDS = Object.freeze({
  group: {
    path: "/enrollmentGroups",
    /** Prefix of Azure's operation names. */
    operations: "EnrollmentGroup",
    /** Name of a list, in bulk operations and queries. */
    list: "enrollmentGroups",
    /** Name of an item, in queries. */
    item: "enrollmentGroup",
    /** Member with the ID. */
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
