import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { outward } from "../../bootstrap/install.cjs";
import { progress } from "../../bootstrap/progress.cjs";
import { SetupError } from "../../bootstrap/setupError.cjs";
import type { Paths } from "../checkoutPaths";
import { output } from "../runProgram";
import { prepared } from "./cliCache";
import { compareVersions, PINNED, parseVersion } from "./cliVersion";
import { addLaunchers, BUILT_LANGUAGE_HOST, type Cli, executable } from "./pulumiCli";

/** One program that is built. Its go.mod and go.sum lie in the folder of the same name beside this file. */
interface Part {
  readonly folder: "engine" | "language";
  readonly program: string;
  readonly main: string;
  readonly flags: readonly string[];
}

/** On POSIX a launcher passes the old host the options that the engine no longer does. */
const HAS_LAUNCHER = process.platform !== "win32";

/**
 * The engine's go.mod repeats the one `replace` of Pulumi's own. The Node language host left the published module of the
 * CLI in 2023; the last published one serves the 3.256 engine (tried: preview, up, dynamic resources, destroy).
 */
const PARTS: readonly Part[] = [
  {
    folder: "language",
    program: HAS_LAUNCHER ? BUILT_LANGUAGE_HOST : "pulumi-language-nodejs",
    main: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    flags: ["-ldflags", "-s -w"],
  },
  {
    folder: "engine",
    program: "pulumi",
    main: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    flags: ["-ldflags", `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PINNED}`],
  },
];

/** The Go release that a go.mod asks for. */
export function goAskedFor(goMod: string): string {
  const version = /^go (\d+\.\d+(?:\.\d+)?)$/m.exec(goMod)?.[1];
  if (version === undefined) throw new TypeError("The go.mod has no go line.");
  return version;
}

/**
 * Why this Go cannot build, undefined when it can. From 1.21 on Go fetches the toolchain that a go.mod asks for, unless
 * GOTOOLCHAIN is `local`, which is the user's choice.
 */
export function goTooOld(version: string, toolchain: string, asked: string): string | undefined {
  const have = parseVersion(version);
  const want = parseVersion(asked);
  if (have === undefined || want === undefined) return undefined;
  if (compareVersions(have, want) >= 0) return undefined;
  const fetches = compareVersions(have, [1, 21, 0]) >= 0 && toolchain !== "local" && !/^go\d/.test(toolchain);
  if (fetches) return undefined;
  return `Go ${have.join(".")} is too old to build the Pulumi CLI: ${asked} is needed${toolchain === "local" ? " (GOTOOLCHAIN is local)" : ""}`;
}

async function build(
  part: Part,
  from: string,
  work: string,
  bin: string,
  env: NodeJS.ProcessEnv,
  asked: (n: number) => void,
) {
  const folder = join(work, part.folder);
  mkdirSync(folder);
  for (const name of ["go.mod", "go.sum"]) copyFileSync(join(from, part.folder, name), join(folder, name));
  const file = join(bin, executable(part.program));
  let packages = 0;
  // -v names each package as it is compiled. -mod=readonly: exactly the modules whose hashes go.sum holds.
  await output("go", ["build", "-v", "-mod=readonly", ...part.flags, "-o", file, part.main], {
    cwd: folder,
    env,
    watch: (text) => {
      packages += text.split("\n").length - 1;
      asked(packages);
    },
  });
}

/**
 * The CLI and its Node language host, built from Pulumi's Go modules into the user's cache folder. Undefined, with the
 * reason noted, where there is no Go. Errors: SetupError GO_BUILD_FAILED.
 */
export async function builtCli(
  paths: Pick<Paths, "cache">,
  environment: NodeJS.ProcessEnv,
  note: (reason: string) => void,
  from: string = __dirname,
): Promise<Cli | undefined> {
  const env = outward(environment);
  let go: readonly string[];
  try {
    go = (await output("go", ["env", "GOVERSION", "GOTOOLCHAIN"], { env, cwd: from })).trim().split(/\r?\n/);
  } catch {
    note("there is no Go to build it with");
    return undefined;
  }
  const tooOld = goTooOld(
    go[0] ?? "",
    go[1] ?? "auto",
    goAskedFor(readFileSync(join(from, "engine", "go.mod"), "utf8")),
  );
  if (tooOld !== undefined) {
    note(tooOld);
    return undefined;
  }
  const step = progress("Building the Pulumi CLI from Pulumi's Go modules", {
    expected: "once, about 5 minutes on two cores",
  });
  try {
    const cli = await prepared(paths, step, async (work) => {
      const bin = join(work, "bin");
      mkdirSync(bin);
      for (const part of PARTS) {
        await build(part, from, work, bin, env, (count) => step.update(`${part.program}: ${count} packages`));
      }
      if (HAS_LAUNCHER) addLaunchers({ folder: bin }, from);
      return bin;
    });
    step.done(cli === undefined ? "failed" : "built");
    return cli;
  } catch (cause) {
    if (!(cause instanceof SetupError)) throw cause;
    throw new SetupError(
      "GO_BUILD_FAILED",
      "The Pulumi CLI could not be built from Pulumi's Go modules.",
      cause.why,
      [
        "connect to the network, or set GOPROXY to a mirror that has Pulumi's modules, and run this again",
        "install the CLI: https://www.pulumi.com/docs/install/ (3.256 or a newer 3.x)",
      ],
      { cause },
    );
  } finally {
    step.quiet();
  }
}
