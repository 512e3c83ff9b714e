import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { CertsError } from "../errors";
import type { PrivateKey } from "../keys";
import type { Signer } from "../signer";
import { type Batch, BatchIssuer, type BatchResult, type BatchSetting } from "./batch";
import { signHere } from "./signHere";
import type { HandSetting, SentError, WorkerAnswer } from "./worker";

/** What issues batches, here or on other threads. */
export interface Crew {
  /** How many batches may be under way at once. */
  readonly capacity: number;
  /** Issues a batch, as far as it goes; rejects only when the thread itself has ended. */
  issue(batch: Batch): Promise<BatchResult>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** A crew of this thread alone. */
export function localCrew(setting: BatchSetting, key: PrivateKey): Crew {
  const issuer = new BatchIssuer(setting, key);
  return {
    capacity: 1,
    issue: async (batch) => issuer.issue(batch, (tbs) => signHere(key, tbs)),
    close: async () => {},
  };
}

/** A crew of this thread whose signatures are made elsewhere: two batches, so that one's end does not stop the flow. */
export function remoteCrew(setting: BatchSetting, signer: Signer, atOnce: number): Crew {
  const issuer = new BatchIssuer(setting, signer);
  return {
    capacity: 2,
    issue: (batch) => issuer.issueBy(batch, signer, Math.max(1, atOnce >> 1)),
    close: async () => {},
  };
}

interface Awaited {
  readonly resolve: (result: BatchResult) => void;
  readonly reject: (error: Error) => void;
}

/** One worker with the batches it has been given, answered in their order. */
class Hand {
  readonly waiting: Awaited[] = [];
  readonly #worker: Worker;
  #broken: Error | undefined;

  constructor(setting: HandSetting) {
    this.#worker = new Worker(join(__dirname, "worker.cjs"), { workerData: setting });
    this.#worker.on("message", (answer: WorkerAnswer) => {
      const { failure, ...done } = answer;
      this.waiting.shift()?.resolve(failure === undefined ? done : { ...done, failure: { error: revive(failure) } });
    });
    const fail = (error: Error): void => {
      this.#broken ??= error;
      for (const awaited of this.waiting.splice(0)) awaited.reject(error);
    };
    this.#worker.on("error", fail);
    this.#worker.on("exit", (code) => fail(new Error(`A thread that issues certificates ended with ${code}`)));
  }

  issue(batch: Batch): Promise<BatchResult> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
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

/** A crew of `count` worker threads, each with two batches at most: one under way, one to go on with. */
export function threadedCrew(setting: BatchSetting, { key }: PrivateKey, count: number): Crew {
  const hands = Array.from({ length: count }, () => new Hand({ ...setting, issuerKey: key }));
  return {
    capacity: 2 * count,
    issue(batch) {
      const idlest = hands.reduce((best, hand) => (hand.waiting.length < best.waiting.length ? hand : best));
      return idlest.issue(batch);
    },
    async close() {
      await Promise.all(hands.map((hand) => hand.close()));
    },
  };
}
