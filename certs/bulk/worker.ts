import { parentPort, workerData } from "node:worker_threads";
import { CertsError, type CertsErrorCode } from "../errors";
import { type PrivateKey, privateKeyOf } from "../keys";
import { type Batch, BatchIssuer, type BatchResult, type BatchSetting } from "./batch";
import { signHere } from "./signHere";

/** What a worker is given at its start. */
export interface HandSetting extends BatchSetting {
  /** The issuing CA's private key; KeyObjects can be cloned, their material is never copied as text. */
  readonly issuerKey: PrivateKey["key"];
}

/** What is left of an error between threads, where it loses its class. */
export interface SentError {
  readonly code: CertsErrorCode | undefined;
  readonly message: string;
  /** The message of its cause. */
  readonly reason: string | undefined;
}

/** What a worker answers to a batch. */
export type WorkerAnswer = Omit<BatchResult, "failure"> & { readonly failure?: SentError };

function sendable(error: unknown): SentError {
  const { message, cause } = error as Error;
  const code = error instanceof CertsError ? error.code : undefined;
  return { code, message, reason: cause instanceof Error ? cause.message : undefined };
}

const port = parentPort;
if (port !== null) {
  const { issuerKey, ...setting } = workerData as HandSetting;
  const key = privateKeyOf(issuerKey);
  const issuer = new BatchIssuer(setting, key);
  port.on("message", (batch: Batch) => {
    const { failure, ...done } = issuer.issue(batch, (tbs) => signHere(key, tbs));
    const answer: WorkerAnswer = failure === undefined ? done : { ...done, failure: sendable(failure.error) };
    port.postMessage(answer);
  });
}
