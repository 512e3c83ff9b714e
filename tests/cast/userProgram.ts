import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { outward } from "../../bootstrap/install.cjs";

const ROOT = resolve(__dirname, "..", "..");

/** The program of the package's README, in TypeScript. */
export function readmeProgram(): string {
  const readme = readFileSync(join(ROOT, "packages", "azure-iot-zero-touch", "README.md"), "utf8");
  return /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
}

/** Writes files below a folder; what is no text is written as JSON. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | object>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
}

/** Runs a program in a folder, with the real network; returns its output. Rejects with the output if it fails. */
export function runIn(folder: string, command: string, ...args: string[]): Promise<string> {
  return new Promise((done, fail) => {
    const options = { cwd: folder, env: outward(process.env), maxBuffer: 64_000_000 };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error) fail(new Error(`${command} ${args.join(" ")} in ${folder} failed:\n${stdout}${stderr}`));
      else done(`${stdout}${stderr}`);
    });
  });
}

/** A command of a package in the registry, without installing it: publint, pnpm. */
export const runPackage = (folder: string, spec: string, command: string, ...args: string[]): Promise<string> =>
  runIn(folder, "npm", "exec", "--yes", "--package", spec, "--", command, ...args);
