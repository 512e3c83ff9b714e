import type { SetupError } from "./setupError.cjs";

/** The compared part of an npm lock file. */
export interface LockFile {
  readonly packages?: Readonly<
    Record<
      string,
      { readonly version?: string; readonly integrity?: string; readonly optional?: boolean; readonly link?: boolean }
    >
  >;
}
/** Installs the packages of package-lock.json, unless they are installed. Errors: {@link SetupError} NO_NETWORK, NPM_CI_FAILED, NPM_MISSING. */
export declare function install(root: string): Promise<void>;
/** Whether npm's hidden lock file has every package of package-lock.json, in the same versions. */
export declare function matches(wanted: LockFile, installed: LockFile): boolean;
/** The error for the output of a failed `npm ci`. */
export declare function explain(output: string): SetupError;
/** The path of npm's script for this Node; null if not found. */
export declare function npmScript(environment: NodeJS.ProcessEnv, execPath: string): string | null;
/** The environment without the local Azure's proxy and certificates, for processes that need the real network. */
export declare function outward(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
