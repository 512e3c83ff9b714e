import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type * as ts from "typescript";

const ROOT = resolve(__dirname, "../..");
const TYPES = /@pulumi[\\/]azure-native[\\/]types[\\/](?:input|output|enums[\\/]index)\.d\.ts$/;

/** The modules of azure-native that the program and its components import, for example `iothub`. */
function usedModules(): ReadonlySet<string> {
  const folders = ["components", "settings", "providers"];
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  );
  const sources = ["index.ts", ...files.filter((file) => file.endsWith(".ts"))];
  return new Set(
    sources.flatMap((file) =>
      [...readFileSync(join(ROOT, file), "utf8").matchAll(/"@pulumi\/azure-native\/(\w+)/g)].map(
        ([, name = ""]) => name,
      ),
    ),
  );
}

/**
 * Lets a compiler read of azure-native's types (16 MB in three files) the namespaces of used modules only. Returns a function
 * that ends that. Measured: a program of index.ts takes 1.5 s in place of 7 s.
 */
export function readUsedTypesOnly(sys: ts.System): () => void {
  const used = usedModules();
  const readFile = sys.readFile;
  sys.readFile = (path, encoding) => {
    const text = readFile(path, encoding);
    if (text === undefined || !TYPES.test(path)) return text;
    return text
      .split(/^(?=export declare namespace )/m)
      .filter(
        (part) => used.has(/^export declare namespace (\w+)/.exec(part)?.[1] ?? "") || !part.startsWith("export d"),
      )
      .join("")
      .replace(/^import \* as (\w+) from "\.\/\w+";\n/gm, (line, name: string) => (used.has(name) ? line : ""))
      .replace(/^export \{ (.*), \};$/m, (_line, names: string) => {
        const kept = names.split(", ").filter((name) => used.has(name));
        return `export { ${kept.join(", ")} };`;
      });
  };
  return () => {
    sys.readFile = readFile;
  };
}
