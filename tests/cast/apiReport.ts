import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { commandFile } from "../../cli/commands/check";

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

/** The declarations of a package's exports and of all that these name, without comments, file by file. */
export function apiReport(root: string, folder: string): string {
  const out = mkdtempSync(join(tmpdir(), "api-"));
  try {
    // `npm run check` checks the types.
    const only = [
      "--noCheck",
      "--emitDeclarationOnly",
      "--removeComments",
      "--sourceMap",
      "false",
      "--inlineSources",
      "false",
    ];
    execFileSync(process.execPath, [
      commandFile(root, "typescript-native", "tsc"),
      "-p",
      folder,
      ...only,
      "--outDir",
      out,
    ]);
    const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    const files = new Set(
      Object.values(exports).flatMap((entry) =>
        typeof entry === "string" ? [] : [resolve(out, relative("dist", entry.types))],
      ),
    );
    // A set's iteration visits what is added on the way.
    const parts: string[] = [];
    for (const file of files) {
      const text = readFileSync(file, "utf8");
      parts.push(`// ${relative(out, file).replaceAll("\\", "/")}\n${text}`);
      for (const [, path = ""] of text.matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)) {
        files.add(`${resolve(dirname(file), path)}.d.ts`);
      }
    }
    return parts.sort().join("\n");
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
