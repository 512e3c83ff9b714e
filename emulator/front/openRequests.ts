import type { ServerResponse } from "node:http";

/** The requests in progress, so that the local Azure ends after their responses. */
export class OpenRequests {
  readonly #open = new Set<ServerResponse>();
  #ended: (() => void) | undefined;

  /** Adds a request until its response is complete or its client is gone. */
  add(response: ServerResponse): void {
    this.#open.add(response);
    if (this.#ended) response.setHeader("connection", "close");
    response.once("close", () => {
      this.#open.delete(response);
      if (this.#open.size === 0) this.#ended?.();
    });
  }

  /** Resolves when no request is in progress, after at most `ms` milliseconds. Clients are asked to close their connections. */
  async ended(ms: number): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, ms);
      this.#ended = () => {
        clearTimeout(timer);
        done();
      };
      for (const response of this.#open) if (!response.headersSent) response.setHeader("connection", "close");
    });
  }
}
