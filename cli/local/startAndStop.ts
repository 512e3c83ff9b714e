/** What a command sees of this checkout's local Azure at one moment. */
export interface Seen {
  /** ready.json names a live process that responds. */
  readonly running: boolean;
  /** A process holds the folder's lock, or was launched and does not hold it yet: it starts, ends, or has lost ready.json. */
  readonly busy: boolean;
  /** A remembered port is taken. */
  readonly portTaken: boolean;
  /** How the process ended that this command launched. `lost`: another one had the lock, or the folder was deleted. */
  readonly ended?: "lost" | "failed";
  /** The patience of the command is over. */
  readonly late: boolean;
}

/**
 * The next step of a start. `use`: it runs; `wait`: look again; `launch`: start a process; the others end the command, and
 * `abandon` kills the process that never became ready. `before`: what was seen before this look. Pure.
 */
export function startStep(seen: Seen, before?: Seen): "use" | "wait" | "launch" | "portTaken" | "failed" | "abandon" {
  if (seen.running) return "use";
  if (seen.late) return "abandon";
  if (seen.busy) return "wait";
  if (seen.ended === "failed") return "failed";
  // Seen twice in a row: the first time a local Azure that was ending may have held it.
  if (seen.portTaken) return before?.portTaken === true && !before.busy ? "portTaken" : "wait";
  return "launch";
}

/** The next step of a stop. `request`: ask it to shut down; `signal`: end a process that takes no requests; `kill`: it took too long. Pure. */
export function stopStep(seen: Pick<Seen, "running" | "busy" | "late">): "request" | "signal" | "kill" | "done" {
  if (!seen.running && !seen.busy) return "done";
  if (seen.late) return "kill";
  return seen.running ? "request" : "signal";
}
