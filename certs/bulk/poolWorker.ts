import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { CertsError } from "../errors";
import type { Batch, BatchResult } from "./batch";
import type { SentError, WorkerResponse, WorkerSettings } from "./workerThread";

interface PendingBatch {
  readonly resolve: (result: BatchResult) => void;
  readonly reject: (error: Error) => void;
}

/** A worker thread with the batches it was given; it responds in their order. */
export class PoolWorker {
  readonly #pending: PendingBatch[] = [];
  readonly #worker: Worker;
  #failure: Error | undefined;

  constructor(settings: WorkerSettings) {
    this.#worker = new Worker(join(__dirname, "workerThread.cjs"), { workerData: settings });
    this.#worker.on("message", (response: WorkerResponse) => {
      const { failure, ...done } = response;
      this.#pending.shift()?.resolve(failure === undefined ? done : { ...done, failure: { error: revive(failure) } });
    });
    const fail = (error: Error): void => {
      this.#failure ??= error;
      for (const batch of this.#pending.splice(0)) batch.reject(error);
    };
    this.#worker.on("error", fail);
    this.#worker.on("exit", (code) => fail(new Error(`A thread that issues certificates ended with ${code}`)));
  }

  /** How many batches have no response yet. */
  get pending(): number {
    return this.#pending.length;
  }

  issue(batch: Batch): Promise<BatchResult> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      this.#worker.postMessage(batch);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

function revive({ code, message, reason }: SentError): Error {
  const cause = reason === undefined ? undefined : new Error(reason);
  return code === undefined ? new Error(message, { cause }) : new CertsError(code, message, { cause });
}
