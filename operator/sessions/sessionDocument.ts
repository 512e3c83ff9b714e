import type { OperatorRole } from "../commands/operatorCommand";
import type { StoredDocument } from "../store/operatorStore";

/** An open session in the store, under `sessions/ID`. A closed one has its transcript only. */
export interface SessionDocument extends Record<string, unknown> {
  readonly user: string;
  readonly role: OperatorRole;
  /** When the user was created, ISO 8601: a later user may have the same name. */
  readonly userCreated?: string;
  /** Address of the client. */
  readonly source: string;
  readonly instance: string;
  /** ISO 8601. */
  readonly opened: string;
}

/** A document of the store as that of a session. */
export function readSessionDocument({ value }: StoredDocument): SessionDocument {
  return value as unknown as SessionDocument;
}
