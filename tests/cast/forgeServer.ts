import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A request to a forge's API. */
export interface ForgeRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

/** Handles a request; undefined: 404. */
export type ForgeHandler = (call: ForgeRequest) => { readonly status?: number; readonly body?: unknown } | undefined;

/** A forge's API on the loopback interface, which records its requests. */
export interface ForgeServer {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly requests: readonly ForgeRequest[];
  close(): Promise<void>;
}

/** Starts one on a free port. */
export async function startForge(handle: ForgeHandler): Promise<ForgeServer> {
  const requests: ForgeRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const body: unknown = text === "" ? undefined : JSON.parse(text);
      const call = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body };
      requests.push(call);
      const { status = 200, body: responseBody = {} } = handle(call) ?? { status: 404, body: { message: "Not Found" } };
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(responseBody));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        // Clients keep their connections.
        server.closeAllConnections();
      }),
  };
}

interface Post {
  id: number;
  number: number;
  body: string;
  title?: string;
  state: string;
  user: { type: string };
}

/** GitHub's comments and issues in memory. */
export class PretendGitHub {
  readonly comments: Post[] = [];
  readonly issues: Post[] = [];

  /** Adds a comment or issue of a bot or a person. */
  add(posts: Post[], body: string, title?: string, type = "Bot"): Post {
    const id = 1000 + this.comments.length + this.issues.length;
    const post: Post = {
      id,
      number: id,
      body,
      state: "open",
      user: { type },
      ...(title === undefined ? {} : { title }),
    };
    posts.push(post);
    return post;
  }

  readonly handle: ForgeHandler = ({ method, path, body }) => {
    const given = (body ?? {}) as { body?: string; title?: string; state?: string };
    const [route = "", query = ""] = path.split("?");
    const posts = /\/comments/.test(route) ? this.comments : this.issues;
    const one = /\/issues\/(?:comments\/)?(\d+)$/.exec(route);
    if (method === "GET" && /\/issues(?:\/7\/comments)?$/.test(route)) {
      const page = Number(new URLSearchParams(query).get("page"));
      const shown = posts === this.issues ? posts.filter(({ state }) => state === "open") : posts;
      return { body: shown.slice((page - 1) * 100, page * 100) };
    }
    if (method === "POST" && /\/issues(?:\/7\/comments)?$/.test(route)) {
      return { status: 201, body: this.add(posts, given.body ?? "", given.title) };
    }
    const post = posts.find(({ id }) => id === Number(one?.[1]));
    if (method !== "PATCH" || post === undefined) return undefined;
    Object.assign(post, given);
    return { body: post };
  };
}
