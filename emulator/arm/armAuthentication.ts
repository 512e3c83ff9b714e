import { bearerOf } from "../kernel/authorizeCaller";
import type { Principal, TokenError } from "../kernel/directory";
import type { Request } from "../kernel/operation";
import type { ArmDependencies } from "./armDependencies";
import { frontError } from "./armErrors";
import type { Change } from "./microsoftResources/resourceStore";

/** Audiences that ARM accepts: the SDKs request the first, az and azure-native the second. */
const AUDIENCES = ["https://management.azure.com", "https://management.core.windows.net"];

/** ARM's error for each invalid token. The codes are Azure's; the messages are close to Azure's. */
const TOKEN_ERRORS: Readonly<Record<TokenError, readonly [code: string, message: string]>> = Object.freeze({
  malformed: ["InvalidAuthenticationToken", "The access token is invalid."],
  signature: ["InvalidAuthenticationToken", "The access token's signature is invalid."],
  issuer: ["InvalidAuthenticationTokenTenant", "The access token is from the wrong issuer."],
  audience: [
    "InvalidAuthenticationTokenAudience",
    `The access token has been obtained for wrong audience or resource. It should exactly match with one of the allowed audiences '${AUDIENCES.join("','")}'.`,
  ],
  expired: ["ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time."],
  notYetValid: ["InvalidAuthenticationToken", "The access token is not valid yet."],
});

/** The change that a request makes. */
export const changeOf = (request: Request, deps: Pick<ArmDependencies, "tokens" | "tenantId" | "clock">): Change => ({
  by: authenticateCaller(request, deps).clientId,
  at: deps.clock.now().getTime(),
});

/** The caller, by its bearer token. Throws ARM's 401 with its challenge. */
export function authenticateCaller(
  request: Request,
  { tokens, tenantId }: Pick<ArmDependencies, "tokens" | "tenantId">,
): Principal {
  const challenge = (rest: string) => ({
    "www-authenticate": `Bearer authorization_uri="https://login.microsoftonline.com/${tenantId}", error="invalid_token", error_description="${rest}"`,
  });
  if (!request.headers.authorization) {
    const message = "Authentication failed. The 'Authorization' header is missing.";
    throw frontError(401, "AuthenticationFailed", message, challenge(message));
  }
  const validation = tokens.validate(bearerOf(request) ?? "", AUDIENCES);
  if (validation.ok) return validation.principal;
  const [code, message] = TOKEN_ERRORS[validation.reason];
  throw frontError(401, code, message, challenge(message));
}
