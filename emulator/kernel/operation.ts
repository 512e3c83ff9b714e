import type { IncomingHttpHeaders } from "node:http";

/** A parsed request, as passed to a handler. */
export interface Request {
  readonly method: string;
  /** Host name in lower case, without a port. */
  readonly host: string;
  /** The path as the client sent it. */
  readonly path: string;
  /** Path parameters, percent-decoded, letter case kept. */
  readonly params: Readonly<Record<string, string>>;
  /** Query parameters: names decoded and in lower case. */
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
  /** The JSON body; undefined without one. */
  readonly body: unknown;
  readonly raw: Buffer;
  /** Set for a request over MQTT, which does not offer everything. */
  readonly overMqtt?: true;
  /** The client's certificates in TLS, DER, leaf first, as presented; empty without any. */
  clientChain(): readonly Buffer[];
}

/** A response. An object becomes a JSON body; undefined sends no body. */
export interface Response {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** One operation of a service. Routes and the support tables in the docs are made from these. */
export interface Operation {
  /** Azure's name where there is one, for example `EnrollmentGroup_Get`. */
  readonly name: string;
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE" | "HEAD";
  /** For example `/enrollmentGroups/:enrollmentGroupId`. Letter case and a trailing slash are ignored. */
  readonly path: string;
  /** Leaves the body unparsed whatever its Content-Type, as for telemetry. */
  readonly rawBody?: true;
  handle(request: Request): Response | Promise<Response>;
}

/** An error that is itself Azure's error response. Each service has its own constructors, in `<service>Errors.ts`. */
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
