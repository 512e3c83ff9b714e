import type { KeyAlgorithm } from "../../certs/algorithms";
import type { Clock } from "../../certs/clock";
import type { Signer } from "../../certs/signer";

/** Gives what signs by a key that is elsewhere, by the key's address (`https://…`) and its algorithm. */
export type OpenKey = (address: string, algorithm: KeyAlgorithm) => Promise<Signer>;

/** The world of a command: what it reads and writes beside files. */
export interface CertsContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Results. */
  out(text: string): void;
  /** Progress and remarks. */
  tell(text: string): void;
  /** Prompts for a line that is not shown. Undefined where there is no terminal. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** Whether progress may be written over itself. */
  readonly live: boolean;
  /** Aborted when the user asks to stop. */
  readonly signal: AbortSignal;
  /** Undefined: keys are in files only. */
  readonly openKey?: OpenKey | undefined;
}
