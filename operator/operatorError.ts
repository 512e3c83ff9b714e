/** Every code that an {@link OperatorError} can carry. Codes are stable: scripts on the operator's machine may switch on them. */
export type OperatorErrorCode =
  // The line.
  | "ScriptsNotAllowed" // a pipe, variable, loop, redirection, script block, or several commands on a line
  | "CommandNotFound" // not in the list of commands
  | "ParameterNotFound" // the command has no parameter of that name
  | "ParameterMissing" // a mandatory parameter without a value, where nothing can be prompted for
  | "ParameterInvalid" // a value of a wrong type, form or range
  // The user.
  | "AuthenticationFailed" // unknown user, wrong password or key; a client sees no code, the endpoint's log has it
  | "AccountLocked" // too many wrong passwords; likewise
  | "AccessDenied" // the user's role does not have the command, or the session is not unlocked
  | "WeakPassword"
  | "LastAdministrator" // the change would leave no administrator
  | "UserNotFound"
  | "UserExists"
  // The record.
  | "TranscriptUnavailable" // an entry cannot be written, so nothing runs and nothing is shown
  | "TranscriptAltered" // an entry is changed, missing, or signed by another key of its session
  | "InstanceUnknown" // the instance that signed is not among the known ones
  | "TranscriptMissing" // a transcript of the index is neither in the store nor uploaded
  | "TranscriptUnsealed" // the end of a transcript is missing
  | "UploadFailed" // a transcript is not confirmed at its destination, and is kept
  // The store and its sessions.
  | "StoreUnavailable"
  | "StoreConflict" // another instance changed it first
  | "LeaseHeld" // another instance, or another operator, is at work on it
  | "SessionNotFound"
  | "SessionClosed"
  // Support sessions.
  | "TokenMalformed" // altered, cut off, or no token
  | "TokenForeign" // of another session, or enveloped to another key
  | "TokenExpired"
  | "TokenReplayed" // used before
  // The stack.
  | "RotationIncomplete" // devices have not registered since the rotation started
  | "NotFound" // no such device, enrollment, certificate or resource
  | "StackBusy" // an update of the stack is running
  | "StackFailed" // Pulumi or Azure refused
  | "Cancelled"; // the client disconnected or pressed Ctrl+C

/** The one error of operator/. Its message never holds a secret. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
  readonly code: OperatorErrorCode;
  /** How to go on, without the label `To fix:`. */
  readonly remedy?: string;

  constructor(code: OperatorErrorCode, message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }

  /** `CODE: message`, and a line `To fix: …`. */
  describe(): string {
    return `${this.code}: ${this.message}${this.remedy === undefined ? "" : `\nTo fix: ${this.remedy}`}`;
  }
}

/** Codes of a line that is to be corrected, whether its words show it or the command finds it. */
const LINE_CODES: ReadonlySet<OperatorErrorCode> = new Set([
  "ScriptsNotAllowed",
  "CommandNotFound",
  "ParameterNotFound",
  "ParameterMissing",
  "ParameterInvalid",
  "AccessDenied",
]);

/** The exit code of a line that ended with an error: 2 for a wrong line, 130 for a cancelled command, otherwise 1. */
export function exitCodeOf(code: OperatorErrorCode): number {
  if (code === "Cancelled") return 130;
  return LINE_CODES.has(code) ? 2 : 1;
}
