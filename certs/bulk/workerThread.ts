import { parentPort, workerData } from "node:worker_threads";
import { CertsError, type CertsErrorCode } from "../errors";
import { type PrivateKey, privateKeyOf } from "../keys";
import { KeySigner } from "../signer";
import { type Batch, BatchIssuer, type BatchResult, type BatchSettings } from "./batch";

/** The data that a worker thread starts with. */
export interface WorkerSettings extends BatchSettings {
  /** The issuing CA's private key; KeyObjects can be cloned, their material is never copied as text. */
  readonly issuerKey: PrivateKey["key"];
}

/** An error as sent between threads, where it loses its class. */
export interface SentError {
  readonly code: CertsErrorCode | undefined;
  readonly message: string;
  /** The message of its cause. */
  readonly reason: string | undefined;
}

/** A worker's response to a batch. */
export type WorkerResponse = Omit<BatchResult, "failure"> & { readonly failure?: SentError };

function sendable(error: unknown): SentError {
  const { message, cause } = error as Error;
  const code = error instanceof CertsError ? error.code : undefined;
  return { code, message, reason: cause instanceof Error ? cause.message : undefined };
}

const port = parentPort;
if (port !== null) {
  const { issuerKey, ...settings } = workerData as WorkerSettings;
  const signer = new KeySigner(privateKeyOf(issuerKey));
  const issuer = new BatchIssuer(settings, signer);
  // One batch after the other: the pool expects responses in the order of its batches.
  let previous = Promise.resolve();
  port.on("message", (batch: Batch) => {
    previous = previous.then(async () => {
      const { failure, ...done } = await issuer.issue(batch, signer, 1);
      const response: WorkerResponse = failure === undefined ? done : { ...done, failure: sendable(failure.error) };
      port.postMessage(response);
    });
  });
}
