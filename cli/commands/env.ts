import { isAbsolute, relative } from "node:path";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { type Paths, STACK } from "../checkoutPaths";
import { pathVariable, withoutNpm } from "../local/localEnvironment";
import { withPreload } from "../local/nodePreload";
import { SIGN_IN_WAYS } from "../local/signInVariables";
import { prepare } from "../preparedEngine";
import { hasSelectedStack, readState } from "../pulumi/stackState";
import { exportLines, SHELLS, shellNamed } from "../shellExports";
import { takeFlag, takeOption } from "./arguments";

const isWithin = (root: string, folder: string): boolean => {
  const path = relative(root, folder);
  return !isAbsolute(path) && path.split(/[\\/]/)[0] !== "..";
};

/**
 * `npm run -s env [-- --shell powershell|cmd|fish] [--sign-in WAY] [--preload]`: the lines for a shell that point plain pulumi, curl and
 * the SDKs at the local Azure, which is started where it is not running; with --preload also Node clients that know no
 * proxy. Only the lines are on stdout; progress goes to stderr.
 */
export async function env(paths: Paths, args: readonly string[]): Promise<number> {
  const { found: genuine, rest } = takeFlag(args, "--genuine-plugin");
  const { found: preload, rest: others } = takeFlag(rest, "--preload");
  const { value: way = "secret", rest: more } = takeOption(others, "--sign-in");
  const { value: name = "posix", rest: unknown } = takeOption(more, "--shell");
  const shell = shellNamed(name);
  if (shell === undefined || unknown.length > 0) {
    throw new SetupError(
      "UNKNOWN_SHELL",
      shell === undefined ? `There are no lines for the shell "${name}".` : `Unknown argument: ${unknown.join(" ")}`,
      `Known shells: ${SHELLS.join(", ")} (sh, bash and zsh are posix).`,
      "npm run -s env -- --shell powershell",
    );
  }
  const signIn = SIGN_IN_WAYS.find((each) => each === way);
  if (signIn === undefined) {
    throw new SetupError(
      "UNKNOWN_SIGN_IN",
      `There is no way to sign in called "${way}".`,
      `Known ways: ${SIGN_IN_WAYS.join(", ")}.`,
      "npm run -s env -- --sign-in oidc",
    );
  }
  const prepared = await prepare(paths, { genuine, signIn, createStack: false });
  const environment = preload ? withPreload(prepared.environment, prepared.ready, process.env) : prepared.environment;
  const pathName = pathVariable(process.env);
  const set: Record<string, string> = {
    ...environment.set,
    [pathName]: withoutNpm(environment.set[pathName] ?? "", paths.root),
  };
  const unset = environment.unset.filter((variable) => variable !== "PULUMI_STACK");
  // PULUMI_STACK goes before every selection, so it is set only where plain `pulumi` would have no stack: not after
  // `pulumi stack select`, and not for a program in another folder (`npm run --prefix`).
  const home = environment.set.PULUMI_HOME ?? paths.pulumiHome;
  const needsStack = isWithin(paths.root, process.env.INIT_CWD ?? process.cwd()) && !hasSelectedStack(home, paths.root);
  if (needsStack) set.PULUMI_STACK = STACK;
  else if (process.env.PULUMI_STACK !== undefined) unset.push("PULUMI_STACK");
  process.stdout.write(exportLines({ set, unset }, shell));
  if (readState(paths) === undefined) {
    process.stderr.write(`The stack ${STACK} does not exist yet: npm run up creates it.\n`);
  }
  return 0;
}
