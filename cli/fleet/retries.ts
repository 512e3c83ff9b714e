import { AzureError, UnreachableError } from "../../azure/clients/azureError";
import { SetupError } from "../../bootstrap/setupError.cjs";
import type { DeviceFailed } from "./fleetJournal";

/** Milliseconds of the first delay, and the most. */
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;

/**
 * Milliseconds before the next attempt: twice as many after each, at most 30,000, and of that a random part between half and all
 * (`random` from 0 to 1), so that devices that failed together do not come back together.
 */
export function retryDelay(attempts: number, random: number): number {
  const longest = Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), LONGEST_DELAY_MS);
  return Math.round(longest * (0.5 + random / 2));
}

/** The codes of Node for a server certificate that does not fit: a repetition does not help. */
const CERTIFICATE_CODE = /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH/;

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/** Whether a repetition may help: no response, throttling, or a failure of the service. */
export function isTransient(error: unknown): boolean {
  if (error instanceof UnreachableError) return !CERTIFICATE_CODE.test(codeOf(error.cause));
  return error instanceof AzureError && (error.status === 429 || error.status >= 500);
}

/** Text without the label and the text of the remedy. */
const reasonOf = (message: string): string => message.split("\n  To fix:", 1)[0]?.replace(/\n\s*/g, " ") ?? "";

const remedyIn = (message: string): string => message.split("\n  To fix: ")[1] ?? "";

/** The code, reason and remedy of an error, for the journal. It has no secrets: the errors of clients have none. */
export function failureOf(error: unknown): Pick<DeviceFailed, "code" | "reason" | "remedy"> {
  if (error instanceof AzureError) {
    const code = error.innerCode ?? error.code ?? `HTTP ${error.status}`;
    return { code, reason: reasonOf(error.message), remedy: error.explanation.remedy };
  }
  if (error instanceof UnreachableError) {
    return { code: "unreachable", reason: reasonOf(error.message), remedy: remedyIn(error.message) };
  }
  if (error instanceof SetupError) {
    return { code: error.code, reason: `${error.message} ${error.why}`, remedy: error.remedies[0] ?? "" };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: codeOf(error) || "unexpected", reason: message.split("\n")[0] ?? "", remedy: "" };
}
