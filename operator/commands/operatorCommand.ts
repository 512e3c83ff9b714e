import type { Clock } from "../../certs/clock";
import type { OperatorStore } from "../store/operatorStore";
import type { TranscriptRecorder } from "../transcript/transcriptEntry";

/** Types of parameters. A `SecureString` and the password of a `Credential` are prompted for without echo and recorded as `***`. */
export type ParameterType = "String" | "String[]" | "Int32" | "DateTime" | "Switch" | "SecureString" | "Credential";

/** A user name and password, or the name of an account and its key. */
export interface Credential {
  readonly userName: string;
  readonly password: string;
}

export type ParameterValue = string | readonly string[] | number | Date | boolean | Credential;
export type ParameterValues = Readonly<Record<string, ParameterValue | undefined>>;

/** A parameter of a command. */
export interface CommandParameter {
  /** In Pascal case, without the dash. */
  readonly name: string;
  readonly type: ParameterType;
  /** One sentence, with unit, form and default. */
  readonly about: string;
  /** A shell prompts for it where it is missing. */
  readonly isMandatory?: boolean;
  /** A SecureString that a terminal prompts for twice, because it sets a new secret. */
  readonly isConfirmed?: boolean;
  /** Place among the values that are given without a name, from 0. */
  readonly position?: number;
  /** The only values, in any letter case. */
  readonly choices?: readonly string[];
  /** The form of a String. */
  readonly pattern?: RegExp;
  /** Bounds of an Int32, or of the length of a String. */
  readonly from?: number;
  readonly to?: number;
  /** Values for tab completion. */
  complete?(context: CommandContext): Promise<readonly string[]>;
}

/** Who may run a command: every operator, or administrators only. */
export type OperatorRole = "operator" | "administrator";

/** The session that a command runs in. */
export interface SessionInformation {
  /** Random, 128 bits, hexadecimal. */
  readonly id: string;
  readonly user: string;
  readonly role: OperatorRole;
  /** The client's address. */
  readonly source: string;
  /** Name of the instance that serves the session. */
  readonly instance: string;
  /** Until when the session is unlocked; undefined where it is locked. */
  readonly unlockedUntil?: Date;
}

/** What a command works with. */
export interface CommandContext {
  readonly session: SessionInformation;
  readonly store: OperatorStore;
  readonly recorder: TranscriptRecorder;
  readonly clock: Clock;
  /** Aborts when the client disconnects or presses Ctrl+C. */
  readonly signal: AbortSignal;
  /** Records a line of progress, then shows it. */
  progress(line: string): Promise<void>;
}

/** What a command returns: a JSON value, which `--json` prints, and its text where a table or list of the value is not enough. */
export interface CommandOutput {
  readonly value: unknown;
  readonly text?: string;
  /** The session ends after this output, as by `Exit`. */
  readonly endsSession?: boolean;
  /**
   * Runs once the session is closed, after `endsSession`. What it returns is shown in place of this output, which is recorded
   * only: nothing can be recorded any more then.
   */
  afterClose?(): Promise<Omit<CommandOutput, "afterClose">>;
  /** Exit code of `ssh HOST COMMAND`. Default 0. */
  readonly exitCode?: number;
}

/** A command of the operator endpoint. */
export interface OperatorCommand {
  /** `Verb-Noun`, found in any letter case. */
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly parameters: readonly CommandParameter[];
  readonly role: OperatorRole;
  /** Only an unlocked session has it. Default false. */
  readonly isUnlockedOnly?: boolean;
  /** An example line, for Get-Help. */
  readonly example: string;
  /** Errors: OperatorError. Any other error is a defect, and shown as StackFailed without its text. */
  run(parameters: ParameterValues, context: CommandContext): Promise<CommandOutput>;
}
