import { EXCHANGE_AUDIENCE, GITHUB_ISSUER } from "../entra/application";
import { bearerOf } from "../kernel/authorizeCaller";
import type { Operation, Request, Response } from "../kernel/operation";
import { sameSecret } from "../kernel/sameSecret";
import type { MachineDependencies } from "./machineDependencies";
import { machineError } from "./machineErrors";

/** The identity token of a workflow run; the query may choose its subject. */
function getToken(request: Request, { issuer, identitySecret }: MachineDependencies): Response {
  const bearer = bearerOf(request);
  if (bearer === undefined || !sameSecret(bearer, identitySecret)) {
    throw machineError(401, "unauthorized", "The bearer token must be the value of ACTIONS_ID_TOKEN_REQUEST_TOKEN.");
  }
  const subject = request.query.get("subject");
  const audience = request.query.get("audience") ?? EXCHANGE_AUDIENCE;
  const value = issuer.mint({ audience, subject });
  return { status: 200, body: { count: value.length, value } };
}

/** OpenID Connect Discovery 1.0 of GitHub's issuer; the keys are at this address, not at GitHub's. */
function openIdConfiguration(request: Request): object {
  const base = `http://${request.headers.host ?? "127.0.0.1"}/github`;
  return {
    issuer: GITHUB_ISSUER,
    jwks_uri: `${base}/.well-known/jwks`,
    subject_types_supported: ["public", "pairwise"],
    response_types_supported: ["id_token"],
    claims_supported: ["sub", "aud", "exp", "iat", "iss", "jti", "nbf"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid"],
  };
}

/** GitHub Actions' identity tokens. */
export const githubTokenOperations = (deps: MachineDependencies): Operation[] => [
  { name: "GitHub_IdToken", method: "GET", path: "/github/id-token", handle: (request) => getToken(request, deps) },
  {
    name: "GitHub_OpenIdConfiguration",
    method: "GET",
    path: "/github/.well-known/openid-configuration",
    handle: (request) => ({ status: 200, body: openIdConfiguration(request) }),
  },
  {
    name: "GitHub_Keys",
    method: "GET",
    path: "/github/.well-known/jwks",
    handle: () => ({ status: 200, body: deps.issuer.keys() }),
  },
];
