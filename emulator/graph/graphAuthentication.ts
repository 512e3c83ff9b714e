import { bearerOf } from "../kernel/authorizeCaller";
import type { TokenError } from "../kernel/directory";
import type { Request } from "../kernel/operation";
import type { GraphDependencies } from "./graphDependencies";
import { graphError } from "./graphErrors";

/** Graph's name as a resource, and its application ID, which tokens may name instead. */
const AUDIENCES = ["https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000"];

/** Graph's message for each invalid token, as users quote them in public threads. */
const TOKEN_ERRORS: Readonly<Record<TokenError, string>> = Object.freeze({
  malformed: "CompactToken parsing failed with error code: 80049217",
  signature: "Access token validation failure.",
  issuer: "Access token validation failure. Invalid issuer.",
  audience: "Access token validation failure. Invalid audience.",
  expired: "Lifetime validation failed, the token is expired.",
  notYetValid: "Lifetime validation failed, the token is not yet valid.",
});

/** Throws Graph's 401 for a request without a valid token for Graph. */
export function authenticateCaller(request: Request, deps: Pick<GraphDependencies, "clock" | "ids" | "tokens">): void {
  const refuse = (message: string) => graphError(request, deps, 401, "InvalidAuthenticationToken", message);
  if (!request.headers.authorization) throw refuse("Access token is empty.");
  const validation = deps.tokens.validate(bearerOf(request) ?? "", AUDIENCES);
  if (!validation.ok) throw refuse(TOKEN_ERRORS[validation.reason]);
}
