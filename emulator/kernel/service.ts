import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { type Answer, type Call, type Operation, WireError } from "./call";
import { clientChainOf } from "./clientChain";

/** How a service words what no operation of it decides. */
export interface ServiceFace {
  /** Its name in logs, for example `dps`. */
  readonly name: string;
  readonly operations: readonly Operation[];
  /** Headers on every answer. */
  headers(): Readonly<Record<string, string>>;
  /** No operation at this path: Azure's answer, or a loud 501. */
  notFound(call: Call): WireError;
  /** A body that is not JSON. */
  badBody(call: Call): WireError;
  /** A fault of ours. */
  internal(call: Call): WireError;
  /** Two slashes in a path are one: clients put scopes, which begin with a slash, behind another. */
  readonly mergesSlashes?: true;
  /** The verb that a POST stands for by its headers; `POST` for itself. Default: always itself. */
  verb?(headers: IncomingHttpHeaders): string;
  /** A body over 4 MB. Default: `badBody`. */
  tooLarge?(call: Call): WireError;
  /** A path with a percent sign that stands for nothing. Default: `notFound`. */
  badPath?(call: Call): WireError;
  /** Runs before every operation: faults, throttles, api-version. Throws a WireError, or gives an answer at once. */
  before?(call: Call, operation: Operation): Promise<Answer | undefined> | Answer | undefined;
}

/** A service ready to take requests. */
export interface Service {
  readonly name: string;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

/** Largest body taken, in octets: IoT Hub's own messages end at 256 KB, ARM's at 4 MB. */
const BODY_LIMIT = 4 * 1024 * 1024;
/** Characters of one part of a path: more than Node's whole header takes, so that the operations judge every name. */
const NAME_LIMIT = 64 * 1024;

/**
 * What requests say of their bodies' type, while they are with fastify, which takes a well-formed media type only. Azure
 * takes any text or none, and a device's telemetry keeps it.
 */
const mediaTypes = new WeakMap<IncomingMessage, string>();

function hideMediaType(request: IncomingMessage): void {
  const type = request.headers["content-type"];
  if (type === undefined) return;
  mediaTypes.set(request, type);
  delete request.headers["content-type"];
}

const headersOf = (request: IncomingMessage): IncomingHttpHeaders => {
  const type = mediaTypes.get(request);
  return type === undefined ? request.headers : { ...request.headers, "content-type": type };
};

function queryOf(url: string): Map<string, string> {
  const at = url.indexOf("?");
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(at < 0 ? "" : url.slice(at + 1))) {
    query.set(name.toLowerCase(), value);
  }
  return query;
}

function callOf(request: FastifyRequest): Call {
  const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  return {
    method: request.method,
    host: (request.headers.host ?? "").toLowerCase().replace(/:\d+$/, ""),
    path: request.url.split("?", 1)[0] ?? "",
    params: (request.params ?? {}) as Record<string, string>,
    query: queryOf(request.url),
    headers: headersOf(request.raw),
    body: undefined,
    raw,
    clientChain: () => clientChainOf(request.raw.socket),
  };
}

function withBody(call: Call, face: ServiceFace): Call {
  if (call.raw.length === 0 || !/json/i.test(call.headers["content-type"] || "json")) return call;
  try {
    return { ...call, body: JSON.parse(call.raw.toString("utf8")) };
  } catch {
    throw face.badBody(call);
  }
}

async function write(reply: FastifyReply, face: ServiceFace, answer: Answer): Promise<FastifyReply> {
  reply.code(answer.status).headers({ ...face.headers(), ...answer.headers });
  if (answer.body === undefined) return reply.send();
  if (typeof answer.body === "string" || Buffer.isBuffer(answer.body)) return reply.send(answer.body);
  if (!answer.headers?.["content-type"]) reply.header("content-type", "application/json; charset=utf-8");
  return reply.send(JSON.stringify(answer.body));
}

async function answerOf(face: ServiceFace, call: Call, operation: Operation): Promise<Answer> {
  const early = await face.before?.(call, operation);
  return early ?? operation.handle(operation.rawBody ? call : withBody(call, face));
}

function asWire(face: ServiceFace, call: Call, error: unknown, log: (error: unknown) => void): WireError {
  if (error instanceof WireError) return error;
  const { code } = error as { code?: unknown };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return face.tooLarge?.(call) ?? face.badBody(call);
  if (code === "FST_ERR_BAD_URL") return face.badPath?.(call) ?? face.notFound(call);
  // Who goes away in the middle of a body hears no answer, and it is no fault of ours.
  if (code === "ECONNRESET" || code === "FST_ERR_CTP_INVALID_CONTENT_LENGTH") return face.badBody(call);
  log(error);
  return face.internal(call);
}

/** Answers a call that came by another way than HTTP, as MQTT: errors are answers too. */
export async function answerCall(
  face: ServiceFace,
  call: Call,
  operation: Operation,
  log: (error: unknown) => void,
): Promise<Answer> {
  try {
    return await answerOf(face, call, operation);
  } catch (error) {
    return asWire(face, call, error, log);
  }
}

/**
 * Puts a service's operations behind HTTP. Bodies are read whatever their Content-Type or Content-Encoding header
 * says (Azure's own curl examples send `Content-Encoding: utf-8`, which is no coding), on every method.
 */
export async function mountService(face: ServiceFace, log: (error: unknown) => void): Promise<Service> {
  let handler: Service["handle"] | undefined;
  const app: FastifyInstance = fastify({
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    routerOptions: {
      caseSensitive: false,
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: face.mergesSlashes === true,
      maxParamLength: NAME_LIMIT,
    },
    frameworkErrors: (error, request, reply) => write(reply, face, asWire(face, callOf(request), error, log)),
    serverFactory: (route) => {
      handler = (request, response) => {
        if (face.verb && request.method === "POST") request.method = face.verb(request.headers);
        hideMediaType(request);
        route(request, response);
      };
      return createServer(route);
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  for (const operation of face.operations) {
    app.route({
      method: operation.method,
      url: operation.path,
      handler: async (request, reply) => write(reply, face, await answerOf(face, callOf(request), operation)),
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const error = face.notFound(callOf(request));
    return write(reply, face, error);
  });
  app.setErrorHandler((error, request, reply) => write(reply, face, asWire(face, callOf(request), error, log)));
  await app.ready();
  if (!handler) throw new Error(`the HTTP handler of ${face.name} was not made`);
  return { name: face.name, handle: handler, close: () => app.close() };
}
