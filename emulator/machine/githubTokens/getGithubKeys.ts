import type { Operation } from "../../kernel/operation";
import type { MachineDependencies } from "../machineDependencies";

/** The key that signs identity tokens, as a JSON Web Key Set (RFC 7517). */
export const getGithubKeys = (deps: MachineDependencies): Operation => ({
  name: "GitHub_Keys",
  method: "GET",
  path: "/github/.well-known/jwks",
  handle: () => ({ status: 200, body: deps.issuer.keys() }),
});
