import { CONTROL_TOKEN_HEADER } from "../contract/ready";
import type { Request } from "../kernel/operation";
import { sameSecret } from "../kernel/sameSecret";
import { controlError } from "./controlErrors";

/**
 * Refuses web pages and callers without the token. A page of any web site can make a browser on this machine send requests
 * to 127.0.0.1, so the Host must be this address (any other is a rebound DNS name), requests with an Origin are refused,
 * and changes need the token. Throws 403 or 401.
 */
export function authenticateCaller(request: Request, token: string): void {
  if (!["127.0.0.1", "localhost", "[::1]"].includes(request.host)) {
    throw controlError(
      403,
      "HostRefused",
      `The control listener is available at 127.0.0.1 only, not at ${request.host || "no host"}.`,
    );
  }
  if (request.headers.origin !== undefined) {
    throw controlError(403, "OriginRefused", "The control listener refuses requests from web pages.");
  }
  if (request.method === "GET") return;
  const given = request.headers[CONTROL_TOKEN_HEADER];
  if (typeof given === "string" && sameSecret(given, token)) return;
  const message = `The header ${CONTROL_TOKEN_HEADER} must carry the controlToken of ready.json.`;
  throw controlError(401, "ControlTokenMissing", message);
}
