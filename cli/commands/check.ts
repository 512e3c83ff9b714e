import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { progress } from "../../bootstrap/progress.cjs";
import type { Paths } from "../checkoutPaths";
import { run } from "../runProgram";

/** The file behind a package's command, so that Node runs it itself: the shims of node_modules/.bin need a shell on Windows. */
export function commandFile(root: string, name: string, command: string): string {
  const manifest = join(root, "node_modules", name, "package.json");
  const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as { bin?: string | Record<string, string> };
  const file = typeof bin === "string" ? bin : bin?.[command];
  if (file === undefined) throw new TypeError(`The package ${name} has no command ${command}.`);
  return join(dirname(manifest), file);
}

/** One check: what it is called, and the package's command with its arguments. */
const CHECKS = [
  { label: "Types (tsc)", name: "typescript-native", command: "tsc", args: ["-p", "."] },
  {
    label: "Format and lint (biome)",
    name: "@biomejs/biome",
    command: "biome",
    args: ["check", "--error-on-warnings", "."],
  },
  { label: "Dead code (knip)", name: "knip", command: "knip", args: ["--no-progress", "--cache"] },
] as const;

/** `npm run check`: types, format and lint, dead code; all are run, the first failing exit code is returned. */
export async function check(paths: Paths): Promise<number> {
  let failed = 0;
  // tsc is a Go program: its garbage collector took a quarter of its processor time.
  const env = { GOGC: "400", ...process.env };
  for (const { label, name, command, args } of CHECKS) {
    const step = progress(label);
    const code = await run(process.execPath, [commandFile(paths.root, name, command), ...args], {
      cwd: paths.root,
      env,
    });
    step.done(code === 0 ? "clean" : `FAILED with code ${code}`);
    failed ||= code;
  }
  return failed;
}
