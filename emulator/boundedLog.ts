import type { Logger } from "pino";

/** What a line says. */
type Detail = Readonly<Record<string, unknown>>;

/** Lines of one kind in one window, and its length in milliseconds. */
export const LINE_LIMIT = 100;
const WINDOW = 10_000;

/** Characters of one text in a line: topics have up to 64 KB, paths up to 16 KB. */
const TEXT_LIMIT = 500;

const shortened = (value: unknown): unknown =>
  typeof value === "string" && value.length > TEXT_LIMIT ? `${value.slice(0, TEXT_LIMIT)}…` : value;

/** Returns a line's detail with its long texts cut. */
export const shortDetail = (detail: Detail): Detail =>
  Object.fromEntries(Object.entries(detail).map(([name, value]) => [name, shortened(value)]));

interface Kind {
  lines: number;
  readonly timer: NodeJS.Timeout;
}

/**
 * Logs what clients can repeat as often as they like, such as refusals: at most {@link LINE_LIMIT} lines of a kind in ten
 * seconds, then one line with the number of the others. So a hostile client neither hides other lines nor slows the process.
 */
export class BoundedLog {
  readonly #kinds = new Map<string, Kind>();

  constructor(private readonly log: Pick<Logger, "info" | "warn">) {}

  /** Logs a line of a kind, unless the kind is at its limit. Kinds are few: none has a client's text in it. */
  write(kind: string, level: "info" | "warn", detail: Detail, message?: string): void {
    const known = this.#kinds.get(kind) ?? this.#begin(kind);
    known.lines += 1;
    if (known.lines <= LINE_LIMIT) this.log[level](shortDetail(detail), message);
  }

  #begin(kind: string): Kind {
    const timer = setTimeout(() => this.#end(kind), WINDOW);
    timer.unref();
    const begun = { lines: 0, timer };
    this.#kinds.set(kind, begun);
    return begun;
  }

  #end(kind: string): void {
    const { lines = 0 } = this.#kinds.get(kind) ?? {};
    this.#kinds.delete(kind);
    if (lines > LINE_LIMIT) this.log.warn({ kind, notLogged: lines - LINE_LIMIT }, "more lines of this kind");
  }

  /** Ends all windows. */
  close(): void {
    for (const [kind, { timer }] of [...this.#kinds]) {
      clearTimeout(timer);
      this.#end(kind);
    }
  }
}
