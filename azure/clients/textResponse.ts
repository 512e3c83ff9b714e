import type { Dispatcher } from "undici";

/** A complete HTTP response. */
export interface HttpResponse {
  readonly status: number;
  /** By their names as they were sent; one that came several times is joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as UTF-8. */
  readonly text: string;
}

/** Header lines as undici gives them: names and values in turn. The bytes of a header are Latin-1 (RFC 9110, 5.5). */
function readHeaders(lines: readonly Buffer[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const name = lines[i]?.toString("latin1") ?? "";
    const value = lines[i + 1]?.toString("latin1") ?? "";
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}

/** Reads one response from undici and settles a promise with it. */
export class TextResponse implements Dispatcher.DispatchHandlers {
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: Error) => void;
  readonly #chunks: Buffer[] = [];
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  #abort: (() => void) | undefined;
  #isAborted = false;

  constructor(resolve: (response: HttpResponse) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Ends the exchange; one that has no connection yet, as soon as it gets one. The promise is rejected by `reason`. */
  abort(reason: Error): void {
    this.#isAborted = true;
    this.#reject(reason);
    this.#abort?.();
  }

  onConnect(abort: () => void): void {
    this.#abort = abort;
    if (this.#isAborted) abort();
  }

  onHeaders(status: number, lines: Buffer[]): boolean {
    // An informational response (1xx) precedes the final one, which replaces it.
    this.#status = status;
    this.#headers = readHeaders(lines);
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    return true;
  }

  onComplete(): void {
    const [first] = this.#chunks;
    const body = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, headers: this.#headers, text: body.toString("utf8") });
  }

  onError(error: Error): void {
    this.#reject(error);
  }
}
