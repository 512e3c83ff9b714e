import { isSignedWith, parseSas, type SasToken } from "../../azure/sas";
import type { SharedAccessPolicy } from "./directory";

/** Why a shared access signature was refused. */
export type SasFault = "malformed" | "expired" | "resource" | "policy" | "signature" | "rights";

/** What a token is judged by. */
export interface SasDemand {
  /** What the caller wants to reach, for example `hub.azure-devices.net/devices/dev-1`. */
  readonly resource: string;
  readonly policies: readonly SharedAccessPolicy[];
  /** Any of these rights will do. */
  readonly rights: readonly string[];
  /** Seconds since 1970. */
  readonly at: number;
}

/**
 * Whether a token's resource covers the one asked for: itself, or a prefix of it by whole segments. Host names know no
 * letter case; device ids, which stand in the path, do (Azure documentation, "SAS token structure").
 */
export function covers(granted: string, asked: string): boolean {
  const split = (resource: string): string[] => {
    const [host = "", ...path] = resource.replace(/^https?:\/\//i, "").split("/");
    return [host.toLowerCase(), ...path.filter((part) => part !== "")];
  };
  const wanted = split(asked);
  const given = split(granted);
  return given.length <= wanted.length && given.every((part, index) => part === wanted[index]);
}

/** Judges a token that a shared access policy signed: form, resource, policy, signature, expiry and rights. */
export function judgeSas(header: string, demand: SasDemand): SasFault | undefined {
  const token = parseSas(header);
  if (!token) return "malformed";
  if (!covers(token.resource, demand.resource)) return "resource";
  const policy = demand.policies.find(({ keyName }) => keyName.toLowerCase() === token.policy?.toLowerCase());
  if (!policy) return "policy";
  if (!isSignedWithEither(token, policy.primaryKey, policy.secondaryKey)) return "signature";
  if (token.expiry <= demand.at) return "expired";
  const held = policy.rights.map((right) => right.toLowerCase());
  return demand.rights.some((right) => held.includes(right.toLowerCase())) ? undefined : "rights";
}

/** Whether one of two keys (base64) signed the token: both are good, so that keys can be rolled. */
export function isSignedWithEither(token: SasToken, primaryKey: string, secondaryKey: string): boolean {
  return [primaryKey, secondaryKey].some((key) => key !== "" && isSignedWith(token, key));
}
