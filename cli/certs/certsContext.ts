import type { KeyAlgorithm } from "../../certs/algorithms";
import type { Clock } from "../../certs/clock";
import type { Signer } from "../../certs/signer";

/** Opens a signer for a key in a vault, by the key's address (`https://…`) and its algorithm. */
export type OpenKey = (address: string, algorithm: KeyAlgorithm) => Promise<Signer>;

/** The environment of a command, beside files. */
export interface CertsContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Writes results (stdout). */
  print(text: string): void;
  /** Writes progress and messages (stderr). */
  log(text: string): void;
  /** Prompts for a hidden line. Undefined without a terminal. */
  readonly prompt: ((question: string) => Promise<string>) | undefined;
  /** Whether progress may overwrite its own line. */
  readonly live: boolean;
  /** Aborted when the user asks to stop. */
  readonly signal: AbortSignal;
  /** Undefined: keys come from files only. */
  readonly openKey?: OpenKey | undefined;
}
