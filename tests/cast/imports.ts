import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import ts from "typescript";

/** One import inside the project, from one file to another, types counted. Paths are relative to the project's root. */
export interface ProjectImport {
  readonly from: string;
  readonly to: string;
}

const LEFT_OUT = new Set(["node_modules", "dist", ".local", ".git", "coverage", ".ci"]);

/** Every file of TypeScript, or of JavaScript that runs without it, below a folder. */
export function codeFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (LEFT_OUT.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return codeFiles(path);
    return /\.(?:ts|cts|cjs)$/.test(entry.name) ? [path] : [];
  });
}

/**
 * Every relative import of every file: `import`, `import type`, `export … from`, `require` and `import()`; also those by the
 * package's own name, as a user's program has them.
 */
export function projectImports(root: string): ProjectImport[] {
  const { name: own, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as PackageManifest;
  const exported = new Map(Object.entries(exports).map(([path, file]) => [join(own, path), join(root, file)]));
  return codeFiles(root).flatMap((file) =>
    ts.preProcessFile(readFileSync(file, "utf8"), true, true).importedFiles.flatMap(({ fileName }) => {
      const target = fileName.startsWith(".") ? resolve(dirname(file), fileName) : exported.get(join(fileName));
      return target === undefined ? [] : [{ from: posix(root, file), to: posix(root, target.replace(/\.ts$/, "")) }];
    }),
  );
}

interface PackageManifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
}

const posix = (root: string, path: string): string => relative(root, path).split(sep).join("/");

/** The areas of the project, by the longest folder that matches. */
export function areaOf(path: string, areas: readonly string[]): string {
  const known = areas
    .filter((area) => path === area || path.startsWith(`${area}/`))
    .sort((a, b) => b.length - a.length)[0];
  return known ?? path.replace(/\.ts$/, "");
}

/** The packages that files and what they import import, sorted; Node's own left out. */
export function externalImports(entries: readonly string[]): string[] {
  const files = new Set(entries);
  const packages = new Set<string>();
  // A set's iteration visits what is added on the way.
  for (const file of files) {
    for (const { fileName } of ts.preProcessFile(readFileSync(file, "utf8"), true, true).importedFiles) {
      if (fileName.startsWith(".")) files.add(`${resolve(dirname(file), fileName)}.ts`);
      else if (!isBuiltin(fileName)) packages.add(/^(?:@[^/]+\/)?[^/]+/.exec(fileName)?.[0] ?? fileName);
    }
  }
  return [...packages].sort();
}
