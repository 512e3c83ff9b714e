import { SetupError } from "../bootstrap/setupError.cjs";
import { prepare } from "../engine";
import { pathVariable, withoutNpm } from "../environment";
import type { Paths } from "../paths";
import { exportLines, SHELLS, shellNamed } from "../shell";
import { takeFlag, takeOption } from "./arguments";

/**
 * `npm run -s env [-- --shell powershell|cmd|fish]`: the lines for a shell that point plain pulumi, curl and the SDKs at
 * the local Azure, which is started where it is not running. Only the lines are on stdout; progress goes to stderr.
 */
export async function env(paths: Paths, args: readonly string[]): Promise<number> {
  const { found: genuine, rest } = takeFlag(args, "--genuine-plugin");
  const { value: name = "posix", rest: unknown } = takeOption(rest, "--shell");
  const shell = shellNamed(name);
  if (shell === undefined || unknown.length > 0) {
    throw new SetupError(
      "UNKNOWN_SHELL",
      shell === undefined ? `There are no lines for the shell "${name}".` : `Unknown argument: ${unknown.join(" ")}`,
      `Known shells: ${SHELLS.join(", ")} (sh, bash and zsh are posix).`,
      "npm run -s env -- --shell powershell",
    );
  }
  const { environment } = await prepare(paths, { genuine });
  const pathName = pathVariable(process.env);
  const set = { ...environment.set, [pathName]: withoutNpm(environment.set[pathName] ?? "", paths.root) };
  process.stdout.write(exportLines({ ...environment, set }, shell));
  return 0;
}
