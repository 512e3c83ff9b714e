import type { SetupError } from "./setupError.cjs";

/** The part of an npm lock file that is compared. */
export interface LockFile {
  readonly packages?: Readonly<
    Record<
      string,
      { readonly version?: string; readonly integrity?: string; readonly optional?: boolean; readonly link?: boolean }
    >
  >;
}
/** Makes node_modules what package-lock.json says. Errors: {@link SetupError} NO_NETWORK, NPM_CI_FAILED, NPM_MISSING. */
export declare function install(root: string): Promise<void>;
/** Whether npm's hidden lock file has all that package-lock.json asks for, in the same versions. */
export declare function matches(wanted: LockFile, installed: LockFile): boolean;
/** The one message for an `npm ci` that failed with this output. */
export declare function explain(output: string): SetupError;
/** The path of npm's own script for this Node, null when there is none to be found. */
export declare function npmScript(environment: NodeJS.ProcessEnv, execPath: string): string | null;
/** An environment for processes that need the real network: without the local Azure's proxy and certificates. */
export declare function outward(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
