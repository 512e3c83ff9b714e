import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";

const ROOT = resolve(__dirname, "../..");
const run = promisify(execFile);

/** The end of a program. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly stderr: string;
}

/** Runs a program and returns its outcome, whatever its exit code; kills it after a minute. */
export async function ended(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string = ROOT,
): Promise<Ended> {
  try {
    const { stdout, stderr } = await run(file, args, { env, cwd, timeout: 60_000, maxBuffer: 16 * 1024 * 1024 });
    return { code: 0, out: stdout, stderr };
  } catch (error) {
    const { code, stdout = "", stderr = "" } = error as { code?: unknown; stdout?: string; stderr?: string };
    return { code: typeof code === "number" ? code : -1, out: stdout, stderr: stderr || String(error) };
  }
}
