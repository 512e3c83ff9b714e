import type { Database, Row } from "../../kernel/database";

const TABLE = "arm_role_assignments";
const SCHEMA = `
CREATE TABLE IF NOT EXISTS ${TABLE} (
  name TEXT NOT NULL,
  scope_key TEXT NOT NULL,
  principal TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (scope_key, name)
);
CREATE INDEX IF NOT EXISTS arm_role_assignments_principal ON arm_role_assignments (principal);
`;

/** Assigns a role to a principal at a scope and everything below it. */
export interface RoleAssignment {
  /** A GUID, lower case. */
  readonly name: string;
  /** The ARM ID of a subscription, a group, a resource, or an object in a vault, in the letter case of the request. */
  readonly scope: string;
  /** The role's GUID, lower case. */
  readonly roleId: string;
  /** An object ID, lower case. */
  readonly principalId: string;
  readonly principalType: string;
  readonly description?: string;
  readonly condition?: string;
  readonly conditionVersion?: string;
  /** Milliseconds since 1970 from which it takes effect: later than its creation with real delays. Default: at once. */
  readonly actsFrom?: number;
  /** ISO 8601. */
  readonly createdOn: string;
  readonly updatedOn: string;
  /** Object IDs. */
  readonly createdBy: string;
  readonly updatedBy: string;
}

const read = (row: Row): RoleAssignment => JSON.parse(String(row.data)) as RoleAssignment;

/** Whether a scope is another one or lies above it. */
export function isAtOrAbove(scope: string, other: string): boolean {
  const [upper, lower] = [scope.toLowerCase(), other.toLowerCase()];
  return lower === upper || lower.startsWith(`${upper}/`);
}

/** The role assignments. */
export class RoleAssignmentStore {
  constructor(private readonly database: Database) {
    database.define(SCHEMA);
  }

  named(scope: string, name: string): RoleAssignment | undefined {
    const row = this.database.find(TABLE, { scope_key: scope.toLowerCase(), name: name.toLowerCase() });
    return row && read(row);
  }

  list(): RoleAssignment[] {
    return this.database.all("SELECT data FROM arm_role_assignments ORDER BY scope_key, name").map(read);
  }

  ofPrincipal(principalId: string): RoleAssignment[] {
    const sql = "SELECT data FROM arm_role_assignments WHERE principal = ?";
    return this.database.all(sql, principalId.toLowerCase()).map(read);
  }

  put(assignment: RoleAssignment): void {
    const { name, scope, principalId: principal } = assignment;
    const data = JSON.stringify(assignment);
    this.database.put(TABLE, { name, scope_key: scope.toLowerCase(), principal, data });
  }

  remove(scope: string, name: string): void {
    this.database.remove(TABLE, { scope_key: scope.toLowerCase(), name: name.toLowerCase() });
  }

  /** Removes the assignments at a scope and below it, when the resource there is removed. */
  removeBelow(scope: string): void {
    for (const each of this.list()) if (isAtOrAbove(scope, each.scope)) this.remove(each.scope, each.name);
  }
}
