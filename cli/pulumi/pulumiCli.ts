import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { writeWhole } from "../wholeFile";
import { PINNED, serves } from "./cliVersion";

/** A Pulumi CLI that can be used. */
export interface Cli {
  /** Absolute path of the executable. */
  readonly file: string;
  /** Its folder, put first on PATH: the language host and the dynamic-resource plugin lie beside it. */
  readonly folder: string;
}

/** One way to a CLI: undefined where it leads to none, with the reason for the message given to `note`. */
export interface Source {
  readonly name: string;
  find(note: (reason: string) => void): Promise<Cli | undefined>;
}

/** File name of an executable on this system. */
export function executable(name: string, platform: NodeJS.Platform = process.platform): string {
  return platform === "win32" ? `${name}.exe` : name;
}

/** Folder of the CLI that this project prepared, under the user's cache folder, keyed by version. */
export function preparedFolder(cache: string): string {
  return join(cache, `pulumi-${PINNED}`, "bin");
}

function runnable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The CLI in a folder with its Node language host beside it, which `pulumi up` of this program needs. */
export function cliIn(folder: string): Cli | undefined {
  const file = join(folder, executable("pulumi"));
  return runnable(file) && runnable(join(folder, executable("pulumi-language-nodejs"))) ? { file, folder } : undefined;
}

/** The CLI prepared earlier. */
export function preparedCli(cache: string): Source {
  return { name: "the cache folder", find: async () => cliIn(preparedFolder(cache)) };
}

/** What was seen of a CLI on PATH, so that `pulumi version` (0.25 s) runs once and not at every command. */
interface Seen {
  readonly file: string;
  readonly changed: number;
  readonly size: number;
  readonly version: string;
}

/**
 * The CLI on PATH, when its version serves. `versionOf` runs `pulumi version`; its output is kept in `memory` until
 * the executable changes.
 */
export function cliOnPath(path: string, memory: string, versionOf: (file: string) => Promise<string>): Source {
  return {
    name: "PATH",
    async find(note) {
      const folder = path.split(delimiter).find((one) => one !== "" && runnable(join(one, executable("pulumi"))));
      if (folder === undefined) {
        note("there is no pulumi on PATH");
        return undefined;
      }
      const cli = cliIn(folder);
      if (cli === undefined) {
        note(`${join(folder, executable("pulumi"))} has no pulumi-language-nodejs beside it`);
        return undefined;
      }
      if (!hasDynamicPlugin(folder)) {
        note(`${cli.file} has no pulumi-resource-pulumi-nodejs beside it`);
        return undefined;
      }
      const { mtimeMs: changed, size } = statSync(cli.file);
      let seen: Seen | undefined;
      try {
        seen = JSON.parse(readFileSync(memory, "utf8")) as Seen;
      } catch {
        seen = undefined;
      }
      if (seen?.file !== cli.file || seen.changed !== changed || seen.size !== size) {
        seen = { file: cli.file, changed, size, version: await versionOf(cli.file) };
        mkdirSync(dirname(memory), { recursive: true });
        writeFileSync(memory, JSON.stringify(seen));
      }
      if (serves(seen.version)) return cli;
      note(`the pulumi on PATH is ${seen.version}; ${PINNED} or a newer 3.x is needed`);
      return undefined;
    },
  };
}

/** The first CLI that the sources lead to, in their order. Errors: SetupError NO_PULUMI_CLI with every reason. */
export async function findCli(sources: readonly Source[]): Promise<Cli> {
  const reasons: string[] = [];
  for (const source of sources) {
    const cli = await source.find((reason) => reasons.push(reason));
    if (cli !== undefined) return cli;
  }
  throw new SetupError("NO_PULUMI_CLI", "No usable Pulumi CLI found.", reasons.join("\n"), [
    "install it: https://www.pulumi.com/docs/install/ (3.256 or a newer 3.x), then run this again",
    "install Go from https://go.dev/dl/ and run this again: the CLI is then built from Pulumi's Go modules",
  ]);
}

/** The files of the plugin of dynamic resources: a shell script, and its like for Windows. */
const DYNAMIC_PLUGIN = ["pulumi-resource-pulumi-nodejs", "pulumi-resource-pulumi-nodejs.cmd"] as const;

function hasDynamicPlugin(folder: string): boolean {
  return existsSync(join(folder, DYNAMIC_PLUGIN[process.platform === "win32" ? 1 : 0]));
}

/** The published Node language host, and the launcher that passes it the options of Pulumi.yaml (POSIX). */
export const BUILT_LANGUAGE_HOST = "pulumi-language-nodejs-v3.68.0";
const LANGUAGE_LAUNCHER = "pulumi-language-nodejs";

/** The `node` that the built language host starts (POSIX). */
const HOST_NODE = join("host", "node");

/** What the launchers read, beside them. */
const OPTION_FILES = ["runtime-options.sh", "runtime-options.cjs"] as const;

/**
 * Completes a CLI that this project prepared: the plugin of dynamic resources beside it (found elsewhere on PATH, the engine
 * warns about it at every run), and the launcher before a built language host. On Windows the plugin is the script of the
 * package `@pulumi/pulumi`. No launcher holds a version or a path: they find the package from the program's folder.
 */
export function addLaunchers({ folder }: Pick<Cli, "folder">, root: string): void {
  if (process.platform === "win32") {
    for (const name of DYNAMIC_PLUGIN) place(join(root, "node_modules", "@pulumi", "pulumi", name), folder, name);
    return;
  }
  const hasBuiltHost = existsSync(join(folder, BUILT_LANGUAGE_HOST));
  for (const name of [...OPTION_FILES, ...(hasBuiltHost ? [HOST_NODE, LANGUAGE_LAUNCHER] : []), DYNAMIC_PLUGIN[0]]) {
    const source = join(__dirname, "launchers", name);
    const target = join(folder, name);
    if (!existsSync(target) || !readFileSync(target).equals(readFileSync(source))) place(source, folder, name);
  }
}

function place(source: string, folder: string, name: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeWhole(join(folder, name), readFileSync(source), 0o755);
}
