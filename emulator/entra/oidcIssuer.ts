import type { Clock } from "../kernel/clock";
import { unixSeconds } from "../kernel/clock";
import type { Ids } from "../kernel/ids";
import { EXCHANGE_AUDIENCE, GITHUB_ISSUER, GITHUB_SUBJECT } from "./application";
import { isSignedBy, type Jwt, signJwt } from "./jwt";
import type { SigningKey } from "./signingKey";

/** Default lifetime of a token in seconds: GitHub's tokens last minutes, Kubernetes' an hour. */
const DEFAULT_SECONDS = 3600;

/** The claims of a token of another identity provider. Defaults: GitHub's, for a workflow on the branch `main`. */
export interface IdTokenRequest {
  readonly issuer?: string;
  readonly subject?: string;
  readonly audience?: string;
  readonly lifetimeSeconds?: number;
}

/**
 * The identity provider outside of Azure, such as GitHub Actions or a Kubernetes cluster. It represents all issuers: the
 * local Azure fetches no keys, and trusts this one key for every issuer.
 */
export class OidcIssuer {
  constructor(
    /** The key; called where one is needed. */
    readonly key: () => SigningKey,
    readonly shared: { readonly clock: Clock; readonly ids: Ids },
  ) {}

  mint({
    issuer = GITHUB_ISSUER,
    subject = GITHUB_SUBJECT,
    audience = EXCHANGE_AUDIENCE,
    lifetimeSeconds = DEFAULT_SECONDS,
  }: IdTokenRequest = {}): string {
    const now = unixSeconds(this.shared.clock);
    const times = { iat: now, nbf: now, exp: now + lifetimeSeconds };
    const claims = { jti: this.shared.ids.guid(), iss: issuer, sub: subject, aud: audience, ...times };
    const { kid, privateKey } = this.key();
    return signJwt({ kid }, claims, privateKey);
  }

  /** Whether the provider's key signed a token. */
  signed(token: Jwt): boolean {
    return isSignedBy(token, this.key().publicKey, ["RS256"]);
  }

  /** JSON Web Key Set (RFC 7517). */
  keys(): object {
    const { kid, modulus, exponent } = this.key();
    return { keys: [{ kty: "RSA", use: "sig", alg: "RS256", kid, n: modulus, e: exponent }] };
  }
}
