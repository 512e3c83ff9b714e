import { execFileSync } from "node:child_process";
import { readlinkSync, realpathSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Paths } from "../checkoutPaths";

/** A process that an engine started: its id, its arguments, and the engine's port that it was given. */
export interface EngineChild {
  readonly pid: number;
  readonly args: string;
  readonly enginePort: number;
}

/**
 * The engines' children in a listing of `pid arguments` lines: their last argument is their engine's address. A program, which
 * the language host starts, has it in an option.
 */
export function engineChildren(listing: string): readonly EngineChild[] {
  return listing.split("\n").flatMap((line) => {
    const match =
      /^\s*(\d+)\s(.*\/@pulumi\/pulumi\/cmd\/run\/.*) --engine 127\.0\.0\.1:(\d+)\s/.exec(line) ??
      /^\s*(\d+)\s(.*)\s127\.0\.0\.1:(\d+)\s*$/.exec(line);
    return match === null ? [] : [{ pid: Number(match[1]), args: match[2] ?? "", enginePort: Number(match[3]) }];
  });
}

/** The folder that a process works in; undefined where the system does not say. Not tried on macOS. */
function workingFolder(pid: number): string | undefined {
  try {
    if (process.platform === "linux") return readlinkSync(`/proc/${pid}/cwd`);
    const fields = execFileSync("lsof", ["-a", "-p", String(pid), "-d", "cwd", "-Fn"], { encoding: "utf8" });
    return /^n(.*)$/m.exec(fields)?.[1];
  } catch {
    return undefined;
  }
}

/**
 * Whether a child is this checkout's. Plugins say so by their path; the language host is the same program for every
 * project of the machine, and works in the project's folder, as the program does.
 */
export function isOurs(
  { pid, args }: EngineChild,
  { root, marks }: { readonly root: string; readonly marks: readonly string[] },
  folderOf: (pid: number) => string | undefined = workingFolder,
): boolean {
  if (marks.some((mark) => args.includes(mark))) return true;
  return /pulumi-language-nodejs|\/@pulumi\/pulumi\/cmd\/run\//.test(args) && folderOf(pid) === root;
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
 * Ends the plugins, language hosts and programs of this checkout whose engine was killed (kill -9): nothing else does, and one
 * of them might still be at work on what the next run does again. One whose engine listens is left alone. Not done on
 * Windows, where the system's own listing of arguments needs PowerShell; they stay idle there until sign-out.
 */
export async function endOrphans(paths: Pick<Paths, "root" | "pulumiHome">): Promise<number> {
  if (process.platform === "win32") return 0;
  let listing: string;
  try {
    listing = execFileSync("ps", ["-axww", "-o", "pid=,args="], { encoding: "utf8", maxBuffer: 64_000_000 });
  } catch {
    return 0;
  }
  const dynamic = realpathSync(join(paths.root, "node_modules", "@pulumi", "pulumi"));
  const marks = [`${dynamic}/cmd/dynamic-provider`, `${paths.pulumiHome}/plugins/`];
  const checkout = { root: realpathSync(paths.root), marks };
  let ended = 0;
  for (const child of engineChildren(listing)) {
    if (!isOurs(child, checkout) || (await listens(child.enginePort))) continue;
    try {
      process.kill(child.pid, "SIGKILL");
      ended += 1;
    } catch {
      // Ended in the meantime.
    }
  }
  return ended;
}
