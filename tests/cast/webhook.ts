import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A reply of the webhook: status and body, or none. */
export type WebhookReply = readonly [status: number, body?: unknown] | "silence";

/** A request to the webhook. */
export interface WebhookCall {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  readonly body: any;
}

/** A custom allocation webhook: a real HTTP server that sends the test's replies; it repeats the last. */
export class Webhook {
  readonly calls: WebhookCall[] = [];
  replies: WebhookReply[] = [[200, {}]];

  private constructor(
    readonly server: Server,
    readonly url: string,
  ) {}

  static async open(): Promise<Webhook> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const webhook = new Webhook(
      server,
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/allocate?code=k`,
    );
    server.on("request", (request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const { url: path = "", headers } = request;
        webhook.calls.push({ path, headers, body: JSON.parse(Buffer.concat(parts).toString()) });
        const reply = webhook.replies.length > 1 ? webhook.replies.shift() : webhook.replies[0];
        if (reply === undefined || reply === "silence") return;
        const [status, body] = reply;
        response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body ?? {}));
      });
    });
    return webhook;
  }

  async close(): Promise<void> {
    await new Promise<void>((done) => {
      this.server.close(() => done());
      this.server.closeAllConnections();
    });
  }
}
