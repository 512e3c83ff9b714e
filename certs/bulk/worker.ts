import { parentPort, workerData } from "node:worker_threads";
import { CertsError, type CertsErrorCode } from "../errors";
import { type Batch, BatchIssuer, type BatchSetting } from "./batch";

/** What a worker answers to a batch. Errors lose their class between threads, so the fields go. */
export type WorkerAnswer =
  | { readonly lines: string }
  | { readonly code: CertsErrorCode | undefined; readonly message: string; readonly reason: string | undefined };

const port = parentPort;
if (port !== null) {
  const issuer = new BatchIssuer(workerData as BatchSetting);
  port.on("message", (batch: Batch) => {
    let answer: WorkerAnswer;
    try {
      answer = { lines: issuer.issue(batch) };
    } catch (error) {
      const { message, cause } = error as Error;
      const code = error instanceof CertsError ? error.code : undefined;
      answer = { code, message, reason: cause instanceof Error ? cause.message : undefined };
    }
    port.postMessage(answer);
  });
}
