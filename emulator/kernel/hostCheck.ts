import type { Request } from "./operation";

/** Names of the loopback in a Host header, without port. */
const LOOPBACK_NAMES: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Whether a request to a plain listener names this machine, or the name that its clients use. Any other name is a rebound
 * DNS name: a web page can have its own host name resolve to this address, and a browser then sends its requests here.
 */
export const isOwnHost = ({ host }: Request, publicHost?: string): boolean =>
  LOOPBACK_NAMES.includes(host) || host === publicHost?.toLowerCase();
