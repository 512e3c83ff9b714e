import type { IdTokenRequest } from "../../entra/oidcIssuer";
import { DAY_SECONDS } from "../../kernel/clock";
import type { Operation, Request } from "../../kernel/operation";
import type { ControlDependencies } from "../controlDependencies";
import { badRequest } from "../controlErrors";
import { requestObject } from "../requestObject";
import { isText, refuseUnknown } from "./requestFields";

/** The longest lifetime of a minted token: a day, as of the longest Kubernetes tokens that Entra accepts. */
const LONGEST_SECONDS = DAY_SECONDS;

function idTokenRequest(request: Request): IdTokenRequest {
  const requested = requestObject(request);
  refuseUnknown(requested, ["issuer", "subject", "audience", "lifetimeSeconds"]);
  const { lifetimeSeconds, ...texts } = requested;
  const wrong = Object.entries(texts).find(([, value]) => !isText(value))?.[0];
  if (wrong !== undefined) throw badRequest(`'${wrong}' is a text.`);
  const isSpan = typeof lifetimeSeconds === "number" && Math.abs(lifetimeSeconds) <= LONGEST_SECONDS;
  if (lifetimeSeconds !== undefined && !isSpan) {
    throw badRequest(`'lifetimeSeconds' is a number up to ${LONGEST_SECONDS}; a negative one mints an expired token.`);
  }
  return requested as IdTokenRequest;
}

/** Issues a token of the identity provider outside of Azure. */
export const mintIdToken = (deps: Pick<ControlDependencies, "issuer">): Operation => ({
  name: "MintIdToken",
  method: "POST",
  path: "/id-token",
  handle: (request) => ({ status: 200, body: { token: deps.issuer.mint(idTokenRequest(request)) } }),
});
