import { GITHUB_ISSUER } from "../../entra/application";
import type { Operation } from "../../kernel/operation";

/** OpenID Connect Discovery 1.0 of GitHub's issuer; the keys are at this address, not at GitHub's. */
export const getGithubConfiguration = (): Operation => ({
  name: "GitHub_OpenIdConfiguration",
  method: "GET",
  path: "/github/.well-known/openid-configuration",
  handle(request) {
    const base = `http://${request.headers.host ?? "127.0.0.1"}/github`;
    const body = {
      issuer: GITHUB_ISSUER,
      jwks_uri: `${base}/.well-known/jwks`,
      subject_types_supported: ["public", "pairwise"],
      response_types_supported: ["id_token"],
      claims_supported: ["sub", "aud", "exp", "iat", "iss", "jti", "nbf"],
      id_token_signing_alg_values_supported: ["RS256"],
      scopes_supported: ["openid"],
    };
    return { status: 200, body };
  },
});
