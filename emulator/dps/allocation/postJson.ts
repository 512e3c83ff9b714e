import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

/** A webhook's response. */
export interface WebhookResponse {
  readonly status: number;
  /** The body. */
  readonly text: string;
}

/** Posts JSON to a URL. Rejects on a timeout. */
export type PostJson = (url: string, body: unknown) => Promise<WebhookResponse>;

/** Azure documents no timeout. */
const TIMEOUT_MS = 10_000;
/** Maximum bytes of a response. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

/**
 * Posts over a connection of its own, without the environment's proxy, which would be the local Azure itself. `timeoutMs`
 * covers the whole response.
 */
export const postJson =
  (timeoutMs = TIMEOUT_MS): PostJson =>
  (url, body) =>
    new Promise((resolve, reject) => {
      const data = Buffer.from(JSON.stringify(body));
      const send = url.toLowerCase().startsWith("https:") ? httpsRequest : httpRequest;
      const headers = { "content-type": "application/json; charset=utf-8", "content-length": data.length };
      const signal = AbortSignal.timeout(timeoutMs);
      const request = send(url, { method: "POST", headers, agent: false, signal }, (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on("data", (part: Buffer) => {
          length += part.length;
          if (length > MAX_RESPONSE_BYTES) response.destroy(new Error("the webhook's response is larger than 1 MB"));
          else chunks.push(part);
        });
        response.once("error", reject);
        response.once("end", () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
      });
      request.once("error", reject);
      request.end(data);
    });
