import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { npmScript } from "../../bootstrap/install.cjs";
import { progress } from "../../bootstrap/progress.cjs";
import type { Paths } from "../checkoutPaths";
import { output } from "../runProgram";
import { commandFile } from "./check";

/** The folders of the packages that are published, below `packages/`. */
export const packageFolders = (root: string): string[] =>
  readdirSync(join(root, "packages"), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [join(root, "packages", entry.name)] : [],
  );

/** Folders with files that the compiler does not copy: JSON that programs read at their start, the preload for Node. */
const COPIED = [
  ["emulator/schemas", ".json"],
  ["emulator/contract/preload", ".cjs"],
  ["zero-touch-plugin/schema", ".json"],
] as const;

/** Copies those files beside what the compiler has written, where it has written the folder around them. */
function copyUncompiled(root: string, dist: string): void {
  for (const [folder, extension] of COPIED) {
    if (!existsSync(join(dist, dirname(folder)))) continue;
    mkdirSync(join(dist, folder), { recursive: true });
    for (const file of readdirSync(join(root, folder))) {
      if (file.endsWith(extension)) copyFileSync(join(root, folder, file), join(dist, folder, file));
    }
  }
}

/**
 * Compiles a package into its `dist/`, with these flags of the compiler, and packs it into a tarball in `packages/`; returns the
 * tarball's path. Errors: SetupError PROGRAM_FAILED.
 */
export async function buildPackage(root: string, folder: string, ...flags: readonly string[]): Promise<string> {
  rmSync(join(folder, "dist"), { recursive: true, force: true });
  await output(process.execPath, [commandFile(root, "typescript-native", "tsc"), "-p", folder, ...flags]);
  copyUncompiled(root, join(folder, "dist"));
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  const target = join(root, "packages");
  const pack = ["pack", "--silent", "--pack-destination", target, folder];
  // By npm's script where there is one, because on Windows npm.cmd would need a shell.
  const script = npmScript(process.env, process.execPath);
  const packed = await (script === null ? output("npm", pack) : output(process.execPath, [script, ...pack]));
  return join(target, packed.trim());
}

/** `npm run build`: compiles every package of `packages/` and packs its tarball. */
export async function build(paths: Paths): Promise<number> {
  for (const folder of packageFolders(paths.root)) {
    const step = progress(`Package ${basename(folder)}`);
    step.done(relative(paths.root, await buildPackage(paths.root, folder)));
  }
  return 0;
}
