import type { OperatorRole } from "../commands/operatorCommand";
import { OperatorError } from "../operatorError";
import type { PasswordHash } from "./operatorPassword";

/** A user of the operator endpoint, as the store has it. */
export interface OperatorUser {
  readonly role: OperatorRole;
  /** Undefined: the user signs in by key only. */
  readonly password?: PasswordHash;
  /** Lines of an authorized_keys file: type, base64, comment. */
  readonly publicKeys: readonly string[];
  /** ISO 8601. */
  readonly created: string;
  /** ISO 8601. */
  readonly passwordChanged?: string;
}

/** The form of a user's name. */
export const USER_NAME = /^[a-z][a-z0-9._-]{0,31}$/i;

/** Errors: OperatorError ParameterInvalid. */
export function userName(text: string): string {
  if (USER_NAME.test(text)) return text.toLowerCase();
  throw new OperatorError(
    "ParameterInvalid",
    "A user name has 1 to 32 letters, digits, dots, dashes and underscores, and begins with a letter.",
  );
}
