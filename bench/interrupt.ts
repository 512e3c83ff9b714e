/** Ctrl-C: what was started ends by it, too, and the measurement's own way out clears up. */

/** One Ctrl-C may come twice: from the terminal, and again from who started us. */
const SAME_MS = 1000;

let askedAt: number | undefined;

/** From now on the first SIGINT asks to stop, and a later one stops at once. */
export function heedInterrupts(): void {
  process.on("SIGINT", () => {
    const now = performance.now();
    if (askedAt !== undefined) {
      if (now - askedAt > SAME_MS) process.exit(130);
      return;
    }
    askedAt = now;
    process.stderr.write("stopping, and clearing up …\n");
  });
}

/** Whether somebody asked to stop: an error that follows is of no interest. */
export const isInterrupted = (): boolean => askedAt !== undefined;

/** Throws when somebody asked to stop. */
export function checkInterrupt(): void {
  if (isInterrupted()) throw new Error("interrupted");
}
