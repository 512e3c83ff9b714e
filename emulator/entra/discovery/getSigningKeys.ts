import type { Operation } from "../../kernel/operation";
import { checkTenant } from "../checkTenant";
import type { EntraDependencies } from "../entraDependencies";
import type { EntraVersion } from "../entraVersion";

/** The key that signs access tokens, as a JSON Web Key Set (RFC 7517). */
export const getSigningKeys =
  (version: EntraVersion) =>
  (deps: EntraDependencies): Operation => ({
    name: version === "v2" ? "Keys" : "Keys_V1",
    method: "GET",
    path: version === "v2" ? "/:tenant/discovery/v2.0/keys" : "/:tenant/discovery/keys",
    handle(request) {
      checkTenant(request, deps);
      const { kid, modulus, exponent } = deps.tokens.key;
      const key = { kty: "RSA", use: "sig", alg: "RS256", kid, x5t: kid, n: modulus, e: exponent };
      return { status: 200, body: { keys: [key] } };
    },
  });
