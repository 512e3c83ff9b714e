import { createServer, type IncomingHttpHeaders, type IncomingMessage, type RequestListener } from "node:http";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { clientChainOf } from "./clientChain";
import { type Operation, REASON_HEADER, type Request, type Response, WireError } from "./operation";
import { parseJson } from "./parseJson";

/** A service: its operations, and its responses where no operation matches. */
export interface ServiceDefinition {
  /** Its name in logs, for example `dps`. */
  readonly name: string;
  readonly operations: readonly Operation[];
  /** Headers of every response. */
  headers(): Readonly<Record<string, string>>;
  /** No operation at this path: Azure's error, or 501. */
  notFound(request: Request): WireError;
  /** A body that is not JSON; `reason` says more where it is known. */
  badBody(request: Request, reason?: string): WireError;
  /** An internal error of the local Azure. */
  internal(request: Request): WireError;
  /** Treats two slashes in a path as one: clients append scopes, which begin with a slash, to a slash. */
  readonly mergesSlashes?: true;
  /** The method that a POST's headers override it with. Default: POST. */
  verb?(headers: IncomingHttpHeaders): string;
  /** Largest body in bytes. Default: {@link BODY_LIMIT}. */
  readonly bodyLimit?: number;
  /** A body over the limit, refused before it is read. Default: `badBody`. */
  tooLarge?(request: Request): WireError;
  /** A path with an invalid percent-encoding. Default: `notFound`. */
  badPath?(request: Request): WireError;
  /** Completes an error before it is written, for example with a tracking ID. */
  complete?(error: WireError, request?: Request): WireError;
  /** Runs before every operation: injected faults, throttles, api-version. Throws a WireError, or returns a response in place of the operation. */
  before?(request: Request, operation: Operation): Promise<Response | undefined> | Response | undefined;
}

/** Logs an internal error. */
type Log = (error: unknown) => void;

/** A service ready to take requests. */
export interface Service {
  readonly name: string;
  readonly handle: RequestListener;
}

/**
 * Largest body in bytes where a service or an operation has no limit of its own: a twin of 32 KB with its metadata, which
 * clients send back, has less.
 */
export const BODY_LIMIT = 1024 * 1024;
/** The limit of Azure Resource Manager (Azure documentation, "Azure subscription and service limits"). */
export const LARGE_BODY_LIMIT = 4 * BODY_LIMIT;
/** The most characters of a path segment: above Node's limit of a header, so that operations check every name. */
const NAME_LIMIT = 64 * 1024;

/**
 * Content-Type headers, hidden from fastify, which accepts well-formed media types only. Azure accepts any text and
 * stores it with telemetry.
 */
const mediaTypes = new WeakMap<IncomingMessage, string>();

function hideMediaType(httpRequest: IncomingMessage): void {
  const type = httpRequest.headers["content-type"];
  if (type === undefined) return;
  mediaTypes.set(httpRequest, type);
  delete httpRequest.headers["content-type"];
}

const headersOf = (httpRequest: IncomingMessage): IncomingHttpHeaders => {
  const type = mediaTypes.get(httpRequest);
  return type === undefined ? httpRequest.headers : { ...httpRequest.headers, "content-type": type };
};

function queryOf(url: string): Map<string, string> {
  const query = new URLSearchParams(/\?.*$/s.exec(url)?.[0]);
  return new Map([...query].map(([name, value]) => [name.toLowerCase(), value]));
}

function requestOf(httpRequest: FastifyRequest): Request {
  const raw = Buffer.isBuffer(httpRequest.body) ? httpRequest.body : Buffer.alloc(0);
  return {
    method: httpRequest.method,
    host: (httpRequest.headers.host ?? "").toLowerCase().replace(/:\d+$/, ""),
    path: httpRequest.url.split("?", 1)[0] ?? "",
    params: (httpRequest.params ?? {}) as Record<string, string>,
    query: queryOf(httpRequest.url),
    headers: headersOf(httpRequest.raw),
    body: undefined,
    raw,
    clientChain: () => clientChainOf(httpRequest.raw.socket),
  };
}

function withBody(request: Request, definition: ServiceDefinition): Request {
  if (request.raw.length === 0 || !/json/i.test(request.headers["content-type"] || "json")) return request;
  try {
    return { ...request, body: parseJson(request.raw) };
  } catch (error) {
    throw definition.badBody(request, (error as Error).message);
  }
}

/** Writes headers; fastify writes all names in small letters, where a C client tells letters apart (azure-iot-sdk-c: `ETag`). */
function writeHeaders(reply: FastifyReply, headers: Readonly<Record<string, string>>): void {
  for (const [given, value] of Object.entries(headers)) {
    const name = given === "etag" ? "ETag" : given;
    if (name === name.toLowerCase()) reply.header(name, value);
    else reply.raw.setHeader(name, value);
  }
}

async function write(reply: FastifyReply, definition: ServiceDefinition, response: Response): Promise<FastifyReply> {
  reply.code(response.status);
  writeHeaders(reply, { ...definition.headers(), ...response.headers });
  // On Node's response too, from which the log reads it: headers of fastify's are not kept there.
  const reason = response.headers?.[REASON_HEADER];
  if (reason !== undefined) reply.raw.setHeader(REASON_HEADER, reason);
  if (response.body === undefined) return reply.send();
  if (typeof response.body === "string" || Buffer.isBuffer(response.body)) return reply.send(response.body);
  if (!response.headers?.["content-type"]) reply.header("content-type", "application/json; charset=utf-8");
  return reply.send(JSON.stringify(response.body));
}

async function responseOf(definition: ServiceDefinition, request: Request, operation: Operation): Promise<Response> {
  const early = await definition.before?.(request, operation);
  return early ?? operation.handle(operation.rawBody ? request : withBody(request, definition));
}

function wireErrorOf(definition: ServiceDefinition, request: Request, error: unknown, log: Log): WireError {
  if (error instanceof WireError) return error;
  const { code } = error as { code?: unknown };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return definition.tooLarge?.(request) ?? definition.badBody(request);
  if (code === "FST_ERR_BAD_URL") return definition.badPath?.(request) ?? definition.notFound(request);
  // A QUERY request without a Content-Type (RFC 10008, 2): Azure has no operation of that method.
  if (code === "FST_ERR_ROUTE_MISSING_CONTENT_TYPE") return definition.notFound(request);
  // Client disconnected mid-body; not a server error.
  if (code === "ECONNRESET" || code === "FST_ERR_CTP_INVALID_CONTENT_LENGTH") return definition.badBody(request);
  log(error);
  return definition.internal(request);
}

function asWire(definition: ServiceDefinition, request: Request, error: unknown, log: Log): WireError {
  const wire = wireErrorOf(definition, request, error, log);
  return definition.complete?.(wire, request) ?? wire;
}

/** Runs an operation for a request by another protocol than HTTP, as MQTT. Returns errors as responses. */
export async function respond(
  definition: ServiceDefinition,
  request: Request,
  operation: Operation,
  log: Log,
): Promise<Response> {
  try {
    return await responseOf(definition, request, operation);
  } catch (error) {
    return asWire(definition, request, error, log);
  }
}

/** A service's operations and errors, and the log of its internal errors. */
interface Mounted {
  readonly definition: ServiceDefinition;
  readonly log: Log;
}

/** The service that each request is for: services with the same routes share an app. */
const mountedServices = new WeakMap<IncomingMessage, Mounted>();

function mountedFor({ raw }: FastifyRequest): Mounted {
  const mounted = mountedServices.get(raw);
  if (mounted === undefined) throw new TypeError("the request is for no mounted service");
  return mounted;
}

async function writeResponse(httpRequest: FastifyRequest, reply: FastifyReply, index: number): Promise<FastifyReply> {
  const { definition } = mountedFor(httpRequest);
  const operation = definition.operations[index];
  if (operation === undefined) throw new TypeError(`${definition.name} has no operation ${index}`);
  return write(reply, definition, await responseOf(definition, requestOf(httpRequest), operation));
}

function writeError(error: unknown, httpRequest: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { definition, log } = mountedFor(httpRequest);
  return write(reply, definition, asWire(definition, requestOf(httpRequest), error, log));
}

/** What an app depends on of a service. */
type Routes = Pick<ServiceDefinition, "bodyLimit" | "mergesSlashes"> & {
  readonly operations: readonly Pick<Operation, "method" | "path" | "bodyLimit">[];
};

/** No route has a schema for fastify, whose own compilers of schemas take 0.1 s of the processor to load. */
const noCompiler = (): never => {
  throw new TypeError("a route has a schema");
};

/**
 * Routes behind HTTP. Bodies are read on every method, whatever their Content-Type or Content-Encoding header is (Azure's own
 * curl examples send `Content-Encoding: utf-8`, which is not a coding).
 */
async function createApp({ bodyLimit = BODY_LIMIT, mergesSlashes, operations }: Routes): Promise<RequestListener> {
  let listener: RequestListener | undefined;
  const app: FastifyInstance = fastify({
    bodyLimit,
    exposeHeadRoutes: false,
    routerOptions: {
      caseSensitive: false,
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: mergesSlashes === true,
      maxParamLength: NAME_LIMIT,
    },
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    frameworkErrors: writeError,
    serverFactory: (route) => {
      listener = route;
      return createServer(route);
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  for (const [index, operation] of operations.entries()) {
    app.route({
      method: operation.method,
      url: operation.path,
      bodyLimit: operation.bodyLimit,
      handler: (httpRequest, reply) => writeResponse(httpRequest, reply, index),
    });
  }
  app.setNotFoundHandler((httpRequest, reply) => {
    const { definition } = mountedFor(httpRequest);
    return writeError(definition.notFound(requestOf(httpRequest)), httpRequest, reply);
  });
  app.setErrorHandler(writeError);
  await app.ready();
  if (listener === undefined) throw new TypeError("fastify made no server");
  return listener;
}

/** Apps by their routes: a process that starts many local Azures, as tests do, makes each once. */
const apps = new Map<string, Promise<RequestListener>>();

function appOf({ bodyLimit, mergesSlashes, operations }: Routes): Promise<RequestListener> {
  const routes = operations.map((each) => ({ method: each.method, path: each.path, bodyLimit: each.bodyLimit }));
  const key = JSON.stringify({ bodyLimit, mergesSlashes, routes });
  const app = apps.get(key) ?? createApp({ bodyLimit, mergesSlashes, operations: routes });
  apps.set(key, app);
  return app;
}

/** Puts a service's operations behind HTTP. */
export async function mountService(definition: ServiceDefinition, log: Log): Promise<Service> {
  const app = await appOf(definition);
  return {
    name: definition.name,
    handle(httpRequest, httpResponse) {
      mountedServices.set(httpRequest, { definition, log });
      if (definition.verb && httpRequest.method === "POST") httpRequest.method = definition.verb(httpRequest.headers);
      hideMediaType(httpRequest);
      app(httpRequest, httpResponse);
    },
  };
}

/** {@link mountService} at the first request: with many operations it takes a tenth of a second, and few processes use every service. */
export function mountAtFirstRequest(definition: ServiceDefinition, log: Log): Service {
  let mounting: Promise<Service> | undefined;
  let mounted: Service | undefined;
  return {
    name: definition.name,
    handle(httpRequest, httpResponse) {
      if (mounted !== undefined) return mounted.handle(httpRequest, httpResponse);
      mounting ??= mountService(definition, log);
      mounting.then(
        (service) => {
          mounted = service;
          service.handle(httpRequest, httpResponse);
        },
        (error: unknown) => {
          log(error);
          httpResponse.destroy();
        },
      );
    },
  };
}
