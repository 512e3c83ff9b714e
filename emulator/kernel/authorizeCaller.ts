import { isSignedWith, parseSas, type SasToken } from "../../azure/sas";
import type { Directory, SharedAccessPolicy, TokenValidator } from "./directory";
import type { Request } from "./operation";

/** Why a shared access signature was refused. */
export type SasRefusal = "malformed" | "expired" | "resource" | "policy" | "signature" | "rights";

/** What a token must meet. */
export interface SasRequirements {
  /** The requested resource, for example `hub.azure-devices.net/devices/dev-1`. */
  readonly resource: string;
  readonly policies: readonly SharedAccessPolicy[];
  /** One of these rights is required. */
  readonly rights: readonly string[];
  /** Seconds since 1970. */
  readonly at: number;
}

/**
 * Whether a token's resource covers the requested one: the same, or a prefix of it by whole segments. Host names are
 * case-insensitive; device IDs in the path are case-sensitive (Azure documentation, "SAS token structure").
 */
export function covers(granted: string, requested: string): boolean {
  const split = (resource: string): string[] => {
    const [host = "", ...path] = resource.replace(/^https?:\/\//i, "").split("/");
    return [host.toLowerCase(), ...path.filter((part) => part !== "")];
  };
  const wanted = split(requested);
  const given = split(granted);
  return given.length <= wanted.length && given.every((part, index) => part === wanted[index]);
}

/** Validates a token signed by a shared access policy: form, resource, policy, signature, expiry and rights. Returns why it is refused. */
export function validateSas(header: string, required: SasRequirements): SasRefusal | undefined {
  const token = parseSas(header);
  if (!token) return "malformed";
  if (!covers(token.resource, required.resource)) return "resource";
  const policy = required.policies.find(({ keyName }) => keyName.toLowerCase() === token.policy?.toLowerCase());
  if (!policy) return "policy";
  if (!isSignedWithEither(token, policy.primaryKey, policy.secondaryKey)) return "signature";
  if (token.expiry <= required.at) return "expired";
  const rights = policy.rights.map((right) => right.toLowerCase());
  return required.rights.some((right) => rights.includes(right.toLowerCase())) ? undefined : "rights";
}

/** Whether one of two keys (base64) signed the token: either is valid, so that keys can be rotated. */
export function isSignedWithEither(token: SasToken, primaryKey: string, secondaryKey: string): boolean {
  return [primaryKey, secondaryKey].some((key) => key !== "" && isSignedWith(token, key));
}

/** What the caller of a service API must meet. */
export interface CallerRequirements extends Omit<SasRequirements, "resource"> {
  /** Audiences of Entra's tokens, without a trailing slash. */
  readonly audiences: readonly string[];
  /** What a role must grant to the principal of a token: a data action, at the ARM ID of the service. */
  readonly dataAction: string;
  readonly scope: string;
}

/** The bearer token of a request; undefined for another Authorization header, or none. */
export const bearerOf = ({ headers }: Pick<Request, "headers">): string | undefined =>
  /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];

/**
 * Why the caller of a service API is refused: it has neither a valid bearer token of a principal with the role, nor a signature of a shared access
 * policy with the right. Undefined for an authorized caller.
 */
export function callerError(
  request: Pick<Request, "host" | "path" | "headers">,
  { audiences, dataAction, scope, ...required }: CallerRequirements,
  { tokens, directory }: { readonly tokens: TokenValidator; readonly directory: Pick<Directory, "allows"> },
): string | undefined {
  const header = request.headers.authorization ?? "";
  if (header === "") return "no Authorization header";
  const bearer = bearerOf(request);
  if (bearer !== undefined) {
    const result = tokens.validate(bearer, audiences);
    if (!result.ok) return `bearer token: ${result.reason}`;
    const { objectId } = result.principal;
    if (directory.allows(objectId, scope, dataAction)) return undefined;
    return `principal ${objectId} is not authorized for ${dataAction} due to no assigned permissions`;
  }
  const refusal = validateSas(header, { ...required, resource: request.host + request.path });
  return refusal && `shared access signature: ${refusal}`;
}
