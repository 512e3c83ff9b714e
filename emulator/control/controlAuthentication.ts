import { CONTROL_TOKEN_HEADER } from "../contract/ready";
import { isOwnHost } from "../kernel/hostCheck";
import type { Operation, Request } from "../kernel/operation";
import { sameSecret } from "../kernel/sameSecret";
import type { ControlDependencies } from "./controlDependencies";
import { controlError } from "./controlErrors";

/** Operations for every caller: whether it runs, and the certificate that clients need before anything else. */
const PUBLIC: readonly string[] = ["Health", "GetCertificate"];

/**
 * Refuses web pages and callers without the token. A page of any web site can make a browser on this machine send requests
 * to 127.0.0.1, so the Host must be this address or the name that clients use (any other is a rebound DNS name), requests
 * with an Origin are refused, and changes need the token; where others than this machine reach the listener, reading does,
 * too. Throws 403 or 401.
 */
export function authenticateCaller(
  request: Request,
  { name }: Pick<Operation, "name">,
  { publicHost, isExposed, token }: Pick<ControlDependencies, "publicHost" | "isExposed" | "token">,
): void {
  if (!isOwnHost(request, publicHost)) {
    throw controlError(
      403,
      "HostRefused",
      `The control listener is available at ${publicHost ?? "127.0.0.1"} only, not at ${request.host || "no host"}.`,
    );
  }
  if (request.headers.origin !== undefined) {
    throw controlError(403, "OriginRefused", "The control listener refuses requests from web pages.");
  }
  if (PUBLIC.includes(name) || (request.method === "GET" && isExposed !== true)) return;
  const given = request.headers[CONTROL_TOKEN_HEADER];
  if (typeof given === "string" && sameSecret(given, token)) return;
  const message = `The header ${CONTROL_TOKEN_HEADER} must carry the controlToken of ready.json.`;
  throw controlError(401, "ControlTokenMissing", message);
}
