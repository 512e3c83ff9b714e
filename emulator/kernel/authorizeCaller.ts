import type { SharedAccessPolicy, TokenValidator } from "./directory";
import type { Request } from "./operation";
import { validateSas } from "./sasValidation";

/** What the caller of a service API must meet. */
export interface CallerRequirements {
  /** Audiences of Entra's tokens, without a trailing slash. */
  readonly audiences: readonly string[];
  readonly policies: readonly SharedAccessPolicy[];
  /** The policy needs one of these rights. */
  readonly rights: readonly string[];
  /** Seconds since 1970. */
  readonly at: number;
}

/** The bearer token of a request; undefined for another Authorization header, or none. */
export const bearerOf = ({ headers }: Pick<Request, "headers">): string | undefined =>
  /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];

/**
 * Why the caller of a service API is refused: it has neither a valid bearer token nor a signature of a shared access
 * policy with the right. Undefined for an authorized caller.
 */
export function callerError(
  request: Pick<Request, "host" | "path" | "headers">,
  { audiences, ...required }: CallerRequirements,
  tokens: TokenValidator,
): string | undefined {
  const header = request.headers.authorization ?? "";
  if (header === "") return "no Authorization header";
  const bearer = bearerOf(request);
  if (bearer !== undefined) {
    const result = tokens.validate(bearer, audiences);
    return result.ok ? undefined : `bearer token: ${result.reason}`;
  }
  const refusal = validateSas(header, { ...required, resource: request.host + request.path });
  return refusal && `shared access signature: ${refusal}`;
}
