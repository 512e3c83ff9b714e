import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import ts from "typescript";

/** One import inside the project, from one file to another, types counted. Paths are relative to the project's root. */
export interface ProjectImport {
  readonly from: string;
  readonly to: string;
}

const LEFT_OUT = new Set(["node_modules", ".local", ".git", "coverage", ".ci"]);

/** Every file of TypeScript, or of JavaScript that runs without it, below a folder. */
export function codeFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (LEFT_OUT.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return codeFiles(path);
    return /\.(?:ts|cts|cjs)$/.test(entry.name) ? [path] : [];
  });
}

/** Every relative import of every file: `import`, `import type`, `export … from`, `require` and `import()`. */
export function projectImports(root: string): ProjectImport[] {
  return codeFiles(root).flatMap((file) =>
    ts
      .preProcessFile(readFileSync(file, "utf8"), true, true)
      .importedFiles.map((imported) => imported.fileName)
      .filter((name) => name.startsWith("."))
      .map((name) => ({ from: posix(root, file), to: posix(root, resolve(dirname(file), name)) })),
  );
}

const posix = (root: string, path: string): string => relative(root, path).split(sep).join("/");

/** The areas of the project, by the longest folder that matches. */
export function areaOf(path: string, areas: readonly string[]): string {
  const known = areas
    .filter((area) => path === area || path.startsWith(`${area}/`))
    .sort((a, b) => b.length - a.length)[0];
  return known ?? path.replace(/\.ts$/, "");
}
