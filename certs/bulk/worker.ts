import { parentPort, workerData } from "node:worker_threads";
import { CertsError, type CertsErrorCode } from "../errors";
import { type PrivateKey, privateKeyOf } from "../keys";
import { type Batch, BatchIssuer, type BatchSetting } from "./batch";
import { signHere } from "./signHere";

/** What a worker is given at its start. */
export interface HandSetting extends BatchSetting {
  /** The issuing CA's private key; KeyObjects can be cloned, their material is never copied as text. */
  readonly issuerKey: PrivateKey["key"];
}

/** What a worker answers to a batch. Errors lose their class between threads, so the fields go. */
export type WorkerAnswer =
  | { readonly lines: string }
  | { readonly code: CertsErrorCode | undefined; readonly message: string; readonly reason: string | undefined };

const port = parentPort;
if (port !== null) {
  const { issuerKey, ...setting } = workerData as HandSetting;
  const key = privateKeyOf(issuerKey);
  const issuer = new BatchIssuer(setting, key);
  port.on("message", (batch: Batch) => {
    let answer: WorkerAnswer;
    try {
      answer = { lines: issuer.issue(batch, (tbs) => signHere(key, tbs)) };
    } catch (error) {
      const { message, cause } = error as Error;
      const code = error instanceof CertsError ? error.code : undefined;
      answer = { code, message, reason: cause instanceof Error ? cause.message : undefined };
    }
    port.postMessage(answer);
  });
}
