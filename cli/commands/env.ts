import { isAbsolute, relative } from "node:path";
import { withPreload } from "../../emulator/contract/nodePreload";
import { exportLines, SHELLS } from "../../emulator/contract/shellExports";
import { type Paths, STACK } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { pathVariable, withoutNpm } from "../local/localEnvironment";
import { SIGN_IN_WAYS } from "../local/signInVariables";
import { prepare } from "../preparedEngine";
import { hasSelectedStack, readState } from "../pulumi/stackState";

const isWithin = (root: string, folder: string): boolean => {
  const path = relative(root, folder);
  return !isAbsolute(path) && path.split(/[\\/]/)[0] !== "..";
};

/**
 * `npm run -s env [-- --shell powershell|cmd|fish] [--sign-in WAY] [--preload]`: the lines for a shell that point plain pulumi, curl and
 * the SDKs at the local Azure, which is started where it is not running; with --preload also Node clients that know no
 * proxy. Only the lines are on stdout; progress goes to stderr.
 */
export async function env(paths: Paths, args: Arguments): Promise<number> {
  const shell = SHELLS.find((each) => each === args.text("shell")) ?? "posix";
  const signIn = SIGN_IN_WAYS.find((each) => each === args.text("sign-in")) ?? "secret";
  const prepared = await prepare(paths, { genuine: args.has("genuine-plugin"), signIn, createStack: false });
  const environment = args.has("preload")
    ? withPreload(prepared.environment, prepared.ready, process.env)
    : prepared.environment;
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
