import { EXCHANGE_AUDIENCE } from "../../entra/application";
import type { Operation } from "../../kernel/operation";
import { sameSecret } from "../../kernel/sameSecret";
import type { MachineDependencies } from "../machineDependencies";
import { machineError } from "../machineErrors";

/** The identity token of a workflow run; the query may choose its subject. */
export const getGithubToken = (deps: MachineDependencies): Operation => ({
  name: "GitHub_IdToken",
  method: "GET",
  path: "/github/id-token",
  handle(request) {
    const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (bearer === undefined || !sameSecret(bearer, deps.identitySecret)) {
      throw machineError(401, "unauthorized", "The bearer token must be the value of ACTIONS_ID_TOKEN_REQUEST_TOKEN.");
    }
    const subject = request.query.get("subject");
    const audience = request.query.get("audience") ?? EXCHANGE_AUDIENCE;
    const value = deps.issuer.mint({ audience, subject });
    return { status: 200, body: { count: value.length, value } };
  },
});
