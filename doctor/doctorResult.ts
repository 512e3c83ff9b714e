/** What the doctor finds. */

/** `fail`: a deployment will fail, or already does; `warn`: it may, or it could not be checked. */
export type Level = "ok" | "warn" | "fail";

/** One finding of one check. */
export interface DoctorResult {
  readonly level: Level;
  /** One sentence. Never holds a secret. */
  readonly message: string;
  /** How to fix it; with every `warn` and `fail`. */
  readonly remedy?: string;
}

export const ok = (message: string): DoctorResult => ({ level: "ok", message });
export const warn = (message: string, remedy: string): DoctorResult => ({ level: "warn", message, remedy });
export const fail = (message: string, remedy: string): DoctorResult => ({ level: "fail", message, remedy });

/** The first line of what went wrong. */
export const firstLine = (error: unknown): string =>
  ((error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "").slice(0, 300);
