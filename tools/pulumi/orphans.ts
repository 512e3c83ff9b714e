import { execFileSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { connect } from "node:net";
import type { Paths } from "../paths";

/** A plugin process of this checkout: its id, and the engine's port that it was started with. */
export interface PluginProcess {
  readonly pid: number;
  readonly enginePort: number;
}

/**
 * The plugin processes of a checkout in a listing of `pid arguments` lines. A plugin's last argument is the address of the
 * engine that started it.
 */
export function pluginProcesses(listing: string, marks: readonly string[]): readonly PluginProcess[] {
  const found: PluginProcess[] = [];
  for (const line of listing.split("\n")) {
    const match = /^\s*(\d+)\s(.*)\s127\.0\.0\.1:(\d+)\s*$/.exec(line);
    if (match === null || !marks.some((mark) => match[2]?.includes(mark))) continue;
    found.push({ pid: Number(match[1]), enginePort: Number(match[3]) });
  }
  return found;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/**
 * Ends the plugins of this checkout whose engine was killed (kill -9): nothing else does, and one of them might still be
 * at work on what the next run does again. A plugin whose engine listens is left alone. Not done on Windows, where the
 * system's own listing of arguments needs PowerShell; they stay idle there until sign-out.
 */
export async function endOrphans(paths: Pick<Paths, "root" | "pulumiHome">): Promise<number> {
  if (process.platform === "win32") return 0;
  let listing: string;
  try {
    listing = execFileSync("ps", ["-axww", "-o", "pid=,args="], { encoding: "utf8", maxBuffer: 64_000_000 });
  } catch {
    return 0;
  }
  const dynamic = realpathSync(`${paths.root}/node_modules/@pulumi/pulumi`);
  const marks = [`${dynamic}/cmd/dynamic-provider`, `${paths.pulumiHome}/plugins/`];
  let ended = 0;
  for (const { pid, enginePort } of pluginProcesses(listing, marks)) {
    if (await listens(enginePort)) continue;
    try {
      process.kill(pid, "SIGKILL");
      ended += 1;
    } catch {
      // Ended by itself in the meantime.
    }
  }
  return ended;
}
