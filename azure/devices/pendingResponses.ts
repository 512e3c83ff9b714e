/** Milliseconds that a service has for a response. */
const RESPONSE_TIMEOUT_MS = 30_000;

interface Pending<R> {
  resolve(response: R): void;
  reject(error: Error): void;
}

/** The requests over a connection that wait for their responses, by the ID that both have. */
export class PendingResponses<R> {
  readonly #pending = new Map<string, Pending<R>>();
  #broken: Error | undefined;

  /** `broken` resolves when the connection ends; `timeoutMessage` is that of the error after 30 seconds. */
  constructor(
    broken: Promise<Error>,
    private readonly timeoutMessage: string,
  ) {
    void broken.then((error) => {
      this.#broken = error;
      for (const { reject } of this.#pending.values()) reject(error);
    });
  }

  /** Sends a request and waits for its response. Rejects with the error of `send`, when the connection ends, and in the end. */
  async request(id: string, send: () => Promise<unknown>): Promise<R> {
    if (this.#broken !== undefined) throw this.#broken;
    let timer: NodeJS.Timeout | undefined;
    try {
      const response = new Promise<R>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        timer = setTimeout(() => reject(new Error(this.timeoutMessage)), RESPONSE_TIMEOUT_MS);
      });
      response.catch(() => undefined);
      await send();
      return await response;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
    }
  }

  /** Ends the request of that ID; returns false if there is none. */
  settle(id: string, response: R): boolean {
    const pending = this.#pending.get(id);
    pending?.resolve(response);
    return pending !== undefined;
  }
}
