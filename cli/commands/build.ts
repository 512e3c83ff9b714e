import { copyFileSync, existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join, relative } from "node:path";
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

/** JSON that the local Azure reads at its start: the compiler does not copy it. */
const schemas = (root: string): readonly string[] =>
  readdirSync(join(root, "emulator", "schemas")).filter((file) => file.endsWith(".json"));

/**
 * Compiles a package into its `dist/` and packs it into a tarball in `packages/`; returns the tarball's path. Errors:
 * SetupError PROGRAM_FAILED.
 */
export async function buildPackage(root: string, folder: string): Promise<string> {
  rmSync(join(folder, "dist"), { recursive: true, force: true });
  await output(process.execPath, [commandFile(root, "typescript-native", "tsc"), "-p", folder]);
  for (const file of schemas(root)) {
    const target = join(folder, "dist", "emulator", "schemas");
    if (existsSync(target)) copyFileSync(join(root, "emulator", "schemas", file), join(target, file));
  }
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
