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
  async (url, body) => {
    // At the first webhook: loading it takes longer than most of a start.
    const { Agent, request } = await import("undici");
    const dispatcher = new Agent({ maxResponseSize: MAX_RESPONSE_BYTES });
    const headers = { "content-type": "application/json; charset=utf-8" };
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await request(url, { method: "POST", headers, body: JSON.stringify(body), dispatcher, signal });
      return { status: response.statusCode, text: await response.body.text() };
    } finally {
      await dispatcher.destroy();
    }
  };
