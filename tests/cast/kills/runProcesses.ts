import type { Checkout, Listed } from "../checkout";

/** The processes of a run that are killed: one of them, all but the local Azure, or all, as when the machine stops. */
export const VICTIMS = [
  "command",
  "engine",
  "language host",
  "program",
  "dynamic provider",
  "stand-in plugin",
  "local Azure",
  "whole run",
  "whole machine",
] as const;

/** What a kill hits. */
export type Victim = (typeof VICTIMS)[number];

/** The kind of a process of the checkout. Undefined for others, such as a shell of a launcher. */
function kindOf({ args }: Listed, plugins: string): Victim | undefined {
  if (/\/emulator\/main\.ts --dir /.test(args)) return "local Azure";
  if (/\/@pulumi\/pulumi\/cmd\/run\//.test(args)) return "program";
  if (/\/cmd\/dynamic-provider\//.test(args)) return "dynamic provider";
  if (args.includes(plugins)) return "stand-in plugin";
  if (/pulumi-language-nodejs/.test(args)) return "language host";
  if (/\/cli\/zero-touch\.cjs /.test(args)) return "command";
  return /\/pulumi (?:up|destroy|refresh|stack|preview) /.test(args) ? "engine" : undefined;
}

/** Kills (-9) a victim; without such a process the engine, and without an engine the command. Returns what it killed. */
export function killVictim(checkout: Checkout, victim: Victim): Victim {
  const processes = checkout.processes().map((each) => ({
    ...each,
    kind: kindOf(each, `${checkout.paths.pulumiHome}/plugins/`),
  }));
  const isHit = (wanted: Victim, kind: Victim | undefined): boolean =>
    wanted === "whole machine" || (wanted === "whole run" ? kind !== "local Azure" : kind === wanted);
  for (const wanted of [victim, "engine", "command"] as const) {
    const hit = processes.filter(({ kind }) => isHit(wanted, kind));
    for (const { pid } of hit) kill(pid);
    if (hit.length > 0) return wanted;
  }
  throw new Error("the command has no process");
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Ended in the meantime.
  }
}
