import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { clientVariables } from "../../emulator/contract/clientVariables";
import type { Environment } from "../../emulator/contract/shellExports";
import type { Paths } from "../checkoutPaths";
import type { Ready } from "./readyFile";
import { SIGN_IN_VARIABLES, type SignInWay, signInVariables } from "./signInVariables";

/**
 * The passphrase of the stack `dev`, published on purpose: Pulumi.dev.yaml is committed with an encryptionsalt that the CLI made from it, so that
 * `git status` stays clean. It protects nothing but throw-away material of the local Azure on the user's own machine.
 * Every other stack takes a passphrase (or another secrets provider) of the user's own.
 */
export const DEV_PASSPHRASE = "local-azure-only";

/** Variables of the user's that would lead Pulumi or a client away from the local Azure. */
const MISLEADING = [
  ...SIGN_IN_VARIABLES,
  "PULUMI_CONFIG_PASSPHRASE_FILE",
  "PULUMI_STACK",
  "PULUMI_CONFIG",
  "ARM_ENVIRONMENT",
  "ARM_METADATA_HOSTNAME",
  "AZURE_AUTHORITY_HOST",
  "ALL_PROXY",
  "all_proxy",
] as const;

/** What the environment is made from beside ready.json. */
export interface EnvironmentOptions {
  readonly paths: Pick<Paths, "pulumiHome" | "state">;
  /** PEM file with the system's roots and the local CA, for clients that replace their whole store. */
  readonly bundle: string;
  /** Folder of the Pulumi CLI, put first on PATH. */
  readonly cliFolder: string;
  /** The environment that is changed. */
  readonly current: NodeJS.ProcessEnv;
  /** Leave plugins to Pulumi (the genuine azure-native), under its own PULUMI_HOME. */
  readonly genuineHome?: string;
  /** Default: `secret`. */
  readonly signIn?: SignInWay;
}

/** What this environment calls PATH: Windows writes `Path`, and two spellings side by side confuse a child process. */
export function pathVariable(environment: NodeJS.ProcessEnv): string {
  return Object.keys(environment).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
}

/**
 * A PATH without the folders that npm puts before it for a script (`node_modules/.bin` of the checkout and the folders
 * above it, npm's own node-gyp): what `npm run -s env` prints is for the user's shell, which never had them.
 */
export function withoutNpm(path: string, root: string): string {
  const added = new Set<string>();
  for (let folder = root; ; folder = dirname(folder)) {
    added.add(join(folder, "node_modules", ".bin"));
    if (dirname(folder) === folder) break;
  }
  const own = (folder: string) => added.has(folder) || /[\\/]@npmcli[\\/]run-script[\\/]/.test(folder);
  return path
    .split(delimiter)
    .filter((folder) => !own(folder))
    .join(delimiter);
}

/**
 * What Pulumi needs to open the stack `dev`, with or without a cloud behind it. `home` defaults to the local one. Without
 * `metadata=skip` the backend writes a file of attributes beside each state, not at once: a CLI that is killed in it leaves
 * half a file, and every later run fails with "failed to load checkpoint: EOF" (gocloud.dev/blob/fileblob).
 */
export function backendVariables(paths: Pick<Paths, "pulumiHome" | "state">, home?: string): Record<string, string> {
  return {
    PULUMI_HOME: home ?? paths.pulumiHome,
    PULUMI_BACKEND_URL: `${pathToFileURL(paths.state).href}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE: DEV_PASSPHRASE,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
  };
}

/**
 * The environment in which Pulumi, curl, the Azure SDKs, Python and Go speak to the local Azure. Pure. Ours replace the
 * user's proxy and roots: no host but Azure's names is served anyway.
 */
export function environmentOf(ready: Ready, options: EnvironmentOptions): Environment {
  const { paths, bundle, cliFolder, current, genuineHome, signIn = "secret" } = options;
  const pathName = pathVariable(current);
  const folders = (current[pathName] ?? "").split(delimiter).filter((folder) => folder !== "" && folder !== cliFolder);
  const set: Record<string, string> = {
    ...clientVariables(ready, bundle),
    ...signInVariables(signIn, { ...ready, federatedTokenFile: federatedTokenFile(ready) }),
    AZURE_CORE_COLLECT_TELEMETRY: "0",
    ...backendVariables(paths, genuineHome),
    [pathName]: [cliFolder, ...folders].join(delimiter),
    ZERO_TOUCH_CLOUD: "local",
    ZERO_TOUCH_LOCAL_CONTROL: ready.controlUrl,
  };
  const unset: string[] = MISLEADING.filter((name) => current[name] !== undefined && set[name] === undefined);
  // Only plugins of the local PULUMI_HOME may be taken: a genuine azure-native on the user's PATH must not shadow the
  // stand-in, and nothing is downloaded through the local proxy, which refuses every host that is not Azure's.
  const standIn = { PULUMI_IGNORE_AMBIENT_PLUGINS: "true", PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" };
  if (genuineHome === undefined) Object.assign(set, standIn);
  else unset.push(...Object.keys(standIn).filter((name) => current[name] !== undefined));
  return { set, unset };
}

/** Where the token of the identity provider is kept for the way `oidc`: beside the client certificate. */
export function federatedTokenFile({ clientCertificateFile }: Pick<Ready, "clientCertificateFile">): string {
  return join(dirname(clientCertificateFile), "federated-token");
}

/** The environment of a child process: `current` with the changes made. */
export function applied(current: NodeJS.ProcessEnv, { set, unset }: Environment): NodeJS.ProcessEnv {
  const result: NodeJS.ProcessEnv = { ...current, ...set };
  for (const name of unset) delete result[name];
  return result;
}

/** The PEM file that {@link environmentOf} calls `bundle`. */
export function bundleFile(paths: Pick<Paths, "azure">): string {
  return join(paths.azure, "ca", "bundle.pem");
}
