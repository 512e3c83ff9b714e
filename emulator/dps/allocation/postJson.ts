import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

/** What a webhook answered. */
export interface WebhookResponse {
  readonly status: number;
  /** The body's text. */
  readonly text: string;
}

/** Posts JSON to a URL. Rejects when nobody answers in time. */
export type PostJson = (url: string, body: unknown) => Promise<WebhookResponse>;

/** Azure documents none. A webhook that needs longer is one that hangs. */
const TIMEOUT_MS = 10_000;
/** Octets of an answer that are read at most. */
const ANSWER_LIMIT = 1024 * 1024;

/**
 * A real POST, by its own connection: no proxy of the environment stands between, which would be the local Azure's own.
 * `timeoutMs` is for the whole answer.
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
          if (length > ANSWER_LIMIT) response.destroy(new Error("the webhook's answer is larger than 1 MB"));
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
