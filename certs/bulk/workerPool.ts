import type { PrivateKey } from "../keys";
import type { Signer } from "../signer";
import { type Batch, BatchIssuer, type BatchResult, type BatchSettings } from "./batch";
import { PoolWorker } from "./poolWorker";

/** Issues batches, on this thread or on others. */
export interface WorkerPool {
  /** How many batches may be under way at once. */
  readonly capacity: number;
  /** Issues a batch, as far as it goes; rejects only when the thread itself has ended. */
  issue(batch: Batch): Promise<BatchResult>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** A pool of this thread alone, with up to `atOnce` signatures in flight: in two batches, so that there is no gap between them. */
export function inlinePool(settings: BatchSettings, signer: Signer, atOnce: number): WorkerPool {
  const issuer = new BatchIssuer(settings, signer);
  return {
    capacity: Math.min(2, atOnce),
    issue: (batch) => issuer.issue(batch, signer, Math.max(1, atOnce >> 1)),
    close: async () => {},
  };
}

/** A pool of `count` worker threads, each with two batches at most: one under way, and the next. */
export function threadPool(settings: BatchSettings, { key }: PrivateKey, count: number): WorkerPool {
  const workers = Array.from({ length: count }, () => new PoolWorker({ ...settings, issuerKey: key }));
  return {
    capacity: 2 * count,
    issue(batch) {
      const idlest = workers.reduce((best, worker) => (worker.pending < best.pending ? worker : best));
      return idlest.issue(batch);
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}
