import { sign, verify } from "node:crypto";
import { type Clock, unixSeconds } from "../kernel/clock";
import type { TokenJudge } from "../kernel/directory";
import type { Ids } from "../kernel/ids";
import type { SigningKey } from "./signingKey";
import type { Tenant } from "./tenant";

/** Seconds that a token is good for (Entra's answer says 3599). */
export const TOKEN_SECONDS = 3599;
/** Entra's resources are lenient about clocks by five minutes; only `nbf` needs it here. */
const SKEW_SECONDS = 300;
/** Judged tokens kept, so that a burst of requests with one token costs one signature check. */
const CACHE_LIMIT = 1000;

/** The claims that are read again from a token (Microsoft identity platform, "Access token claims reference", v1.0). */
interface Claims {
  readonly aud: string;
  readonly iss: string;
  readonly nbf: number;
  readonly exp: number;
  readonly tid: string;
  readonly oid: string;
  readonly appid: string;
}

/** The issuer of v1.0 tokens, which all of the resources here ask for. */
export const issuerOf = (tenant: Pick<Tenant, "tenantId">): string => `https://sts.windows.net/${tenant.tenantId}/`;

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const bare = (audience: string): string => audience.replace(/\/+$/, "").toLowerCase();

/** Issues and judges the access tokens of the one tenant. */
export class AccessTokens implements TokenJudge {
  readonly #claims = new Map<string, Claims>();

  constructor(
    readonly tenant: Tenant,
    readonly key: SigningKey,
    readonly services: { readonly clock: Clock; readonly ids: Ids },
  ) {}

  /** A signed token for an audience; `capabilities` are the client's, for example `CP1` (it understands claims challenges). */
  issue(audience: string, capabilities: readonly string[] = []): string {
    const now = unixSeconds(this.services.clock);
    const { tenantId, clientId, objectId } = this.tenant;
    const header = { typ: "JWT", alg: "RS256", x5t: this.key.kid, kid: this.key.kid };
    const claims = {
      aud: audience,
      iss: issuerOf(this.tenant),
      iat: now,
      nbf: now,
      exp: now + TOKEN_SECONDS,
      appid: clientId,
      appidacr: "1",
      idp: issuerOf(this.tenant),
      idtyp: "app",
      oid: objectId,
      sub: objectId,
      tid: tenantId,
      uti: this.services.ids.hex(11),
      ver: "1.0",
      ...(capabilities.length > 0 ? { xms_cc: capabilities } : {}),
    };
    const signed = `${encoded(header)}.${encoded(claims)}`;
    return `${signed}.${sign("sha256", Buffer.from(signed), this.key.privateKey).toString("base64url")}`;
  }

  judge(bearer: string, audiences: readonly string[]): ReturnType<TokenJudge["judge"]> {
    const claims = this.#claimsOf(bearer);
    if (typeof claims === "string") return { ok: false, reason: claims };
    const now = unixSeconds(this.services.clock);
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
    const [header, body, signature, ...more] = token.split(".");
    if (!header || !body || !signature || more.length > 0) return "malformed";
    const claims = readClaims(header, body);
    if (!claims) return "malformed";
    const right = verify(
      "sha256",
      Buffer.from(`${header}.${body}`),
      this.key.publicKey,
      Buffer.from(signature, "base64url"),
    );
    if (!right) return "signature";
    if (this.#claims.size >= CACHE_LIMIT) this.#claims.clear();
    this.#claims.set(token, claims);
    return claims;
  }
}

/** Undefined unless it is RS256 and has every claim that is read: `alg: none` and HMAC with a public key never pass. */
function readClaims(header: string, body: string): Claims | undefined {
  try {
    const { alg } = JSON.parse(Buffer.from(header, "base64url").toString()) as { alg?: unknown };
    const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as Record<string, unknown>;
    const texts = ["aud", "iss", "tid", "oid", "appid"].every((name) => typeof claims[name] === "string");
    const times = ["nbf", "exp"].every((name) => typeof claims[name] === "number");
    return alg === "RS256" && texts && times ? (claims as unknown as Claims) : undefined;
  } catch {
    return undefined;
  }
}
