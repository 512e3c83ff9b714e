import type { Clock } from "../../certs/clock";
import { OperatorError } from "../operatorError";
import { openToken, readToken, sealToken } from "./supportToken";
import type { TokenKey } from "./tokenKey";

/** What the authority returns to a request. */
export interface Authorization {
  readonly token: string;
  /** Until when the token can be used and unlocks the session. */
  readonly expires: Date;
  readonly requestExpires: Date;
}

/**
 * Authorizes the request token of a session for `hours`, by the key of the authority. Errors: OperatorError TokenMalformed,
 * TokenForeign (enveloped to another authority), TokenExpired.
 */
export async function authorizeRequest(
  token: string,
  authority: TokenKey,
  { clock, hours }: { readonly clock: Clock; readonly hours: number },
): Promise<Authorization> {
  const request = await openToken("supportSessionRequest", await readToken(token), authority);
  const now = clock.now();
  if (now >= request.expires) {
    const expired = `The request expired at ${request.expires.toISOString()}.`;
    throw new OperatorError("TokenExpired", expired, "Ask the operator to run Get-SupportSessionToken again.");
  }
  const expires = new Date(now.getTime() + hours * 3_600_000);
  const response = { session: request.session, expires };
  const sealed = await sealToken("supportSessionResponse", response, authority, request.signer);
  return { token: sealed, expires, requestExpires: request.expires };
}
