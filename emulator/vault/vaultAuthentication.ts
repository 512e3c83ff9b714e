import { bearerOf } from "../kernel/authorizeCaller";
import type { Principal, TokenError, TokenValidator } from "../kernel/directory";
import type { Request } from "../kernel/operation";
import type { VaultRecord } from "../kernel/vaultDirectory";
import { vaultError } from "./vaultErrors";

/** The audience of tokens for vaults. */
const AUDIENCE = "https://vault.azure.net";

/** Key Vault's message for each token error. AKV10000, AKV10022 and AKV10032 as seen on the wire, the others by analogy. */
const TOKEN_ERRORS: Readonly<Record<TokenError, (vault: VaultRecord) => string>> = Object.freeze({
  malformed: () => "AKV10001: The Bearer token cannot be read.",
  signature: () => "AKV10046: Unable to resolve the key used for signature validation.",
  issuer: ({ tenantId }) => `AKV10032: Invalid issuer. Expected one of https://sts.windows.net/${tenantId}/.`,
  audience: () => `AKV10022: Invalid audience. Expected ${AUDIENCE}.`,
  expired: () => "AKV10016: The access token has expired.",
  notYetValid: () => "AKV10016: The access token is not valid yet.",
});

/**
 * Returns the caller. Throws 401 with the challenge that names the sign-in endpoint and the resource: the SDKs send a first
 * request without token and body to get it (document 004, "Authentication").
 */
export function authenticate(request: Request, vault: VaultRecord, tokens: TokenValidator): Principal {
  const challenge = `Bearer authorization="https://login.microsoftonline.com/${vault.tenantId}", resource="${AUDIENCE}"`;
  const refuse = (message: string) =>
    vaultError(401, "Unauthorized", message, { headers: { "www-authenticate": challenge } });
  const bearer = bearerOf(request);
  if (bearer === undefined) throw refuse("AKV10000: Request is missing a Bearer or PoP token.");
  const validation = tokens.validate(bearer, [AUDIENCE]);
  if (!validation.ok) throw refuse(TOKEN_ERRORS[validation.reason](vault));
  if (validation.principal.tenantId.toLowerCase() !== vault.tenantId.toLowerCase())
    throw refuse(TOKEN_ERRORS.issuer(vault));
  return validation.principal;
}
