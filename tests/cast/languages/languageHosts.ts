import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { outward } from "../../../bootstrap/install.cjs";
import { withLock } from "../../../bootstrap/lock.cjs";
import { pathsOf } from "../../../cli/checkoutPaths";
import { output } from "../../../cli/runProgram";

/** Raise it with a version in one of the go.mod files, or with an edit of a Go program here. */
const GENERATION = 2;

/** Programs that are built from Pulumi's Go modules, as the CLI is where its download is blocked. */
const PROGRAMS = [
  {
    name: "pulumi-language-yaml",
    modules: "tests/cast/languages/yaml",
    main: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
  },
  {
    name: "pulumi-language-python",
    modules: "cli/pulumi/language",
    main: "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
  },
  { name: "package-sdk", modules: "tests/cast/languages/package-sdk", main: "." },
] as const;

/** A script that the Python host starts programs with; it is beside the host in Pulumi's releases. */
const PYTHON_EXEC = "pulumi-language-python-exec";

async function build(root: string, into: string): Promise<void> {
  const env = outward(process.env);
  for (const { name, modules, main } of PROGRAMS) {
    const work = mkdtempSync(join(into, "work-"));
    for (const file of ["go.mod", "go.sum"]) copyFileSync(join(root, modules, file), join(work, file));
    if (main === ".") copyFileSync(join(__dirname, "package-sdk", "main.go"), join(work, "main.go"));
    const flags = ["-mod=readonly", "-ldflags", "-s -w", "-o", join(into, name)];
    await output("go", ["build", ...flags, main], { cwd: work, env });
    if (name === "pulumi-language-python") {
      const list = ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi/sdk/v3"];
      const module = (await output("go", list, { cwd: work, env })).trim();
      cpSync(join(module, "python", "cmd", PYTHON_EXEC), join(into, PYTHON_EXEC));
    }
    rmSync(work, { recursive: true });
  }
}

/**
 * The folder with Pulumi's language hosts of YAML and Python, and with `package-sdk`, which makes an SDK of a schema. Built
 * once, with Go, beside the cached CLI: 80 s of processor time.
 */
export async function languageHosts(): Promise<string> {
  const { cache, root } = pathsOf();
  const folder = join(cache, `languages-${GENERATION}`);
  mkdirSync(cache, { recursive: true });
  return withLock(join(cache, "languages.lock"), async () => {
    if (existsSync(folder)) return folder;
    const making = mkdtempSync(join(cache, "languages-making-"));
    try {
      await build(root, making);
      renameSync(making, folder);
      return folder;
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
  });
}
