import { type Clock, unixSeconds } from "../kernel/clock";
import type { ManagedPrincipal, TokenValidator } from "../kernel/directory";
import type { Ids } from "../kernel/ids";
import { isSignedBy, readJwt, signJwt } from "./jwt";
import type { SigningKey } from "./signingKey";
import type { Tenant } from "./tenant";

/** Lifetime of a token in seconds (as in Entra's responses). */
export const TOKEN_SECONDS = 3599;
/** Entra's resources tolerate a clock skew of five minutes; only `nbf` needs it here. */
const SKEW_SECONDS = 300;
/** The most validated tokens in the cache: a burst of requests with one token costs one signature check. */
const CACHE_LIMIT = 1000;

/** The claims that validation reads (Microsoft identity platform, "Access token claims reference", v1.0). */
interface Claims {
  readonly aud: string;
  readonly iss: string;
  readonly nbf: number;
  readonly exp: number;
  readonly tid: string;
  readonly oid: string;
  readonly appid: string;
}

/** Optional claims of a token. */
export interface TokenOptions {
  /** The client's, for example `CP1`: it understands claims challenges. */
  readonly capabilities?: readonly string[];
  /** `appidacr`: `1` signed in with a secret (default), `2` with an assertion. */
  readonly method?: "1" | "2";
  /** The service principal of a managed identity; default: the application's. */
  readonly principal?: Pick<ManagedPrincipal, "clientId" | "objectId">;
}

/** The issuer of v1.0 tokens, which all resources here require. */
export const issuerOf = (tenant: Pick<Tenant, "tenantId">): string => `https://sts.windows.net/${tenant.tenantId}/`;

const bare = (audience: string): string => audience.replace(/(?<!\/)\/+$/, "").toLowerCase();

/** Issues and validates the access tokens of the tenant. */
export class AccessTokens implements TokenValidator {
  readonly #claims = new Map<string, Claims>();

  constructor(
    readonly tenant: Tenant,
    readonly key: SigningKey,
    readonly shared: { readonly clock: Clock; readonly ids: Ids },
  ) {}

  /** A signed token for an audience. */
  issue(audience: string, { capabilities = [], method = "1", principal = this.tenant }: TokenOptions = {}): string {
    const now = unixSeconds(this.shared.clock);
    const { tenantId } = this.tenant;
    const { clientId, objectId } = principal;
    const claims = {
      aud: audience,
      iss: issuerOf(this.tenant),
      iat: now,
      nbf: now,
      exp: now + TOKEN_SECONDS,
      appid: clientId,
      appidacr: method,
      idp: issuerOf(this.tenant),
      idtyp: "app",
      oid: objectId,
      sub: objectId,
      tid: tenantId,
      uti: this.shared.ids.hex(11),
      ver: "1.0",
      ...(capabilities.length > 0 ? { xms_cc: capabilities } : {}),
    };
    return signJwt({ x5t: this.key.kid, kid: this.key.kid }, claims, this.key.privateKey);
  }

  validate(bearer: string, audiences: readonly string[]): ReturnType<TokenValidator["validate"]> {
    const claims = this.#claimsOf(bearer);
    if (typeof claims === "string") return { ok: false, reason: claims };
    const now = unixSeconds(this.shared.clock);
    if (claims.iss !== issuerOf(this.tenant) || claims.tid !== this.tenant.tenantId) {
      return { ok: false, reason: "issuer" };
    }
    if (now >= claims.exp) return { ok: false, reason: "expired" };
    if (now < claims.nbf - SKEW_SECONDS) return { ok: false, reason: "notYetValid" };
    if (!audiences.some((audience) => bare(audience) === bare(claims.aud))) return { ok: false, reason: "audience" };
    return { ok: true, principal: { tenantId: claims.tid, objectId: claims.oid, clientId: claims.appid } };
  }

  #claimsOf(token: string): Claims | "malformed" | "signature" {
    const known = this.#claims.get(token);
    if (known) return known;
    const read = readJwt(token);
    if (read?.header.alg !== "RS256" || !hasClaims(read.claims)) return "malformed";
    if (!isSignedBy(read, this.key.publicKey, ["RS256"])) return "signature";
    const claims = read.claims as unknown as Claims;
    if (this.#claims.size >= CACHE_LIMIT) this.#claims.clear();
    this.#claims.set(token, claims);
    return claims;
  }
}

/** Whether a token has all of these claims. */
function hasClaims(claims: Readonly<Record<string, unknown>>): boolean {
  const texts = ["aud", "iss", "tid", "oid", "appid"].every((name) => typeof claims[name] === "string");
  const times = ["nbf", "exp"].every((name) => typeof claims[name] === "number");
  return texts && times;
}
