import type { IncomingHttpHeaders } from "node:http";

/** A request as an operation sees it: HTTP's letters already read. */
export interface Request {
  readonly method: string;
  /** Host name in lower case, without a port. */
  readonly host: string;
  /** Path as it was sent. */
  readonly path: string;
  /** Path parameters, percent-decoded, letter case kept. */
  readonly params: Readonly<Record<string, string>>;
  /** Query parameters: names decoded and in lower case. */
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
  /** The JSON body; undefined when there is none. */
  readonly body: unknown;
  readonly raw: Buffer;
  /** It came over MQTT, which a few things are not offered over. */
  readonly overMqtt?: true;
  /** The client's certificates as it presented them in TLS, DER, leaf first; empty when it presented none. */
  clientChain(): readonly Buffer[];
}

/** What an operation answers: an object body becomes JSON, undefined no body. */
export interface Response {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** One operation of one service. The route table and the support table in the docs are made of these. */
export interface Operation {
  /** Azure's own name of it where there is one, for example `EnrollmentGroup_Get`. */
  readonly name: string;
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE" | "HEAD";
  /** For example `/enrollmentGroups/:enrollmentGroupId`. Letter case and a trailing slash do not matter. */
  readonly path: string;
  /** The body is the caller's own octets whatever Content-Type says, as of telemetry: it is not parsed. */
  readonly rawBody?: true;
  handle(request: Request): Response | Promise<Response>;
}

/** An error that is itself Azure's answer: every service makes its own kinds, and one place writes them. */
export class WireError extends Error {
  override readonly name = "WireError";

  constructor(
    readonly status: number,
    readonly body: unknown,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`HTTP ${status} ${JSON.stringify(body)}`);
  }
}
