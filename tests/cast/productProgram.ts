import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import * as ts from "typescript";
import { readUsedTypesOnly } from "./azureNativeTypes";

const ROOT = resolve(__dirname, "../..");

const files = (folder: string, end: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith(end))
    .map((file) => join(ROOT, folder, file));

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ["index.ts"] }, ts.sys, ROOT);
  return { ...options, incremental: false, tsBuildInfoFile: undefined };
}

/** Reads the comments of the product's own files only: those of packages take a third of the time of a program. */
function withoutOthersComments(name: string, given: ts.ScriptTarget | ts.CreateSourceFileOptions) {
  const options = typeof given === "object" ? given : { languageVersion: given };
  return name.includes("/node_modules/") ? { ...options, jsDocParsingMode: ts.JSDocParsingMode.ParseNone } : options;
}

/** Compiles index.ts, the components and the resources; each file is parsed once for all tests that look at types. */
class ProductCompiler {
  readonly #options = compilerOptions();
  readonly #host = ts.createCompilerHost(this.#options);
  readonly #parsed = new Map<string, ts.SourceFile | undefined>();
  #previous: ts.Program | undefined;

  constructor() {
    readUsedTypesOnly(this.#host);
    const parse = this.#host.getSourceFile.bind(this.#host);
    this.#host.getSourceFile = (name, language) => {
      if (!this.#parsed.has(name)) this.#parsed.set(name, parse(name, withoutOthersComments(name, language)));
      return this.#parsed.get(name);
    };
  }

  program(changed: Readonly<Record<string, string>>): ts.Program {
    const host: ts.CompilerHost = {
      ...this.#host,
      getSourceFile: (name, language) => {
        const text = changed[name];
        return text === undefined
          ? this.#host.getSourceFile(name, language)
          : ts.createSourceFile(name, text, language, true);
      },
    };
    const rootNames = [join(ROOT, "index.ts"), ...files("components", ".ts"), ...files("providers", "Resource.ts")];
    this.#previous = ts.createProgram({ rootNames, options: this.#options, host, oldProgram: this.#previous });
    return this.#previous;
  }
}

let compiler: ProductCompiler | undefined;

/**
 * The program of index.ts, the components and the resources, with a checker of its own. `changed` has other texts of files, by
 * their path.
 */
export function productProgram(changed: Readonly<Record<string, string>> = {}): ts.Program {
  compiler ??= new ProductCompiler();
  return compiler.program(changed);
}
