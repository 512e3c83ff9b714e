import { homedir } from "node:os";
import { posix, resolve, win32 } from "node:path";

/** The Pulumi project, as Pulumi.yaml names it; its state is filed under this name. */
export const PROJECT = "azure-iot-zero-touch";

/** The one stack that these commands drive. It lives on the local Azure only. */
export const STACK = "dev";

/** Where everything of one checkout is. All paths are absolute. */
export interface Paths {
  /** The checkout. */
  readonly root: string;
  /** `.local/`: all that the commands make; git-ignored, removed by `npm run down`. */
  readonly local: string;
  /** State folder of the local Azure (database, ports, certificates, log, ready.json). */
  readonly azure: string;
  /** PULUMI_HOME of the local mode, with the stand-in plugin. */
  readonly pulumiHome: string;
  /** Folder of Pulumi's file backend. */
  readonly state: string;
  /** The user's cache folder of this project: outlives `npm run down`, shared by all checkouts. */
  readonly cache: string;
}

/** What decides where the user's caches are. */
export interface CacheOptions {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * The user's cache folder of this project: `$XDG_CACHE_HOME` where it is set (absolute, as the XDG specification asks),
 * else `%LOCALAPPDATA%` on Windows, `~/Library/Caches` on macOS, `~/.cache` elsewhere.
 */
export function cacheFolder({ platform, home, environment }: CacheOptions): string {
  const paths = platform === "win32" ? win32 : posix;
  const xdg = environment.XDG_CACHE_HOME;
  if (xdg !== undefined && paths.isAbsolute(xdg)) return paths.join(xdg, PROJECT);
  if (platform === "win32") {
    return paths.join(environment.LOCALAPPDATA || paths.join(home, "AppData", "Local"), PROJECT, "Cache");
  }
  if (platform === "darwin") return paths.join(home, "Library", "Caches", PROJECT);
  return paths.join(home, ".cache", PROJECT);
}

/** The paths of a checkout; `root` defaults to the one that this file lies in. */
export function pathsOf(
  root: string = resolve(__dirname, ".."),
  options: CacheOptions = { platform: process.platform, home: homedir(), environment: process.env },
): Paths {
  const local = resolve(root, ".local");
  return {
    root,
    local,
    azure: resolve(local, "azure"),
    pulumiHome: resolve(local, "pulumi"),
    state: resolve(local, "state"),
    cache: cacheFolder(options),
  };
}
