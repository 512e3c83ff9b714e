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

/** 200 with a body. */
export const ok = (body: unknown): Response => ({ status: 200, body });

/** One operation of a service. Routes and the support tables in the docs are made from these. */
export interface Operation {
  /** Azure's name where there is one, for example `EnrollmentGroup_Get`. */
  readonly name: string;
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE" | "HEAD";
  /** For example `/enrollmentGroups/:enrollmentGroupId`. Letter case and a trailing slash are ignored. */
  readonly path: string;
  /** Leaves the body unparsed whatever its Content-Type, as for telemetry. */
  readonly rawBody?: true;
  /** Largest body in bytes. Default: the service's. */
  readonly bodyLimit?: number;
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

/** Optional details of an error of a data plane. */
export interface ErrorDetail {
  /** The exact reason. Azure does not return it, so it goes into a header of the local Azure. */
  readonly reason?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The header of the reason. */
export const REASON_HEADER = "x-local-azure-reason";

/** Header values are ASCII; names of certificates need not be. */
const headerText = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 500);

/** The headers of a detail: the reason and the error's own. */
export const detailHeaders = ({ reason, headers }: ErrorDetail): Readonly<Record<string, string>> => ({
  ...(reason === undefined ? {} : { [REASON_HEADER]: headerText(reason) }),
  ...headers,
});

/** The segments of a request's path as its route was found: decoded, in lower case. What a role must grant depends on them. */
export const pathSegments = ({ path }: Pick<Request, "path">): string[] =>
  path
    .split("/")
    .slice(1)
    .map((segment) => decoded(segment).toLowerCase());

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Whether a request names an api-version in Azure's form: a date, or one with a suffix such as `-preview`. */
export const isApiVersion = ({ query }: Request): boolean =>
  /^\d{4}-\d{2}-\d{2}(?:-[a-z]+)?$/i.test(query.get("api-version") ?? "");
