/** What Pulumi's log says where there is no engine to log to: it goes to the console then, among the tests' own lines. */
export interface Heard {
  /** `info: An enrollment …`, in the order in which it was said. */
  readonly lines: string[];
  /** Gives the console back. */
  stop(): void;
}

const METHODS = ["log", "warn", "error"] as const;
const TOLD = /^(info|warning|error): \[runtime\] /;

/** Keeps what Pulumi's log says from the console, until it is stopped; all else goes there as ever. */
export function hear(): Heard {
  const lines: string[] = [];
  const before = METHODS.map((method) => console[method]);
  for (const [at, method] of METHODS.entries()) {
    console[method] = (...words: unknown[]) => {
      const [text] = words;
      if (typeof text === "string" && TOLD.test(text)) lines.push(text.replace(TOLD, "$1: "));
      else before[at]?.(...words);
    };
  }
  return {
    lines,
    stop() {
      for (const [at, method] of METHODS.entries()) console[method] = before[at] ?? console[method];
    },
  };
}
