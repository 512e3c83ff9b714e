import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { buildPackage } from "../../cli/commands/build";

const ROOT = resolve(__dirname, "..", "..");

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/**
 * The library as `npm install` of its tarball places it in a folder node_modules, without the registry: its files from the
 * tarball, what it depends on linked from the checkout.
 */
export async function placeLibrary(modules: string): Promise<void> {
  const library = join(modules, "azure-iot-zero-touch");
  mkdirSync(library, { recursive: true });
  // `npm run check` checks the same types.
  const tarball = await buildPackage(ROOT, join(ROOT, "packages", "azure-iot-zero-touch"), "--noCheck");
  execFileSync("tar", ["-xzf", tarball, "-C", library, "--strip-components=1"]);
  const manifest = JSON.parse(readFileSync(join(library, "package.json"), "utf8")) as Manifest;
  const linked = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
  for (const name of [...linked, "typescript", "ts-node", "@types/node"]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name), "junction");
  }
}
