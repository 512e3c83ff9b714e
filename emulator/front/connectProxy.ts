import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { azureHost, IMDS_HOST, MANAGED_HSM_SUFFIX, VAULT_SUFFIX } from "../../azure/hosts";
import { CONNECTION_LIMITS, type ConnectionLimits, endWith, limitHttp } from "../kernel/connectionLimits";
import { isServed, type RequestHandler, type Terminator } from "./terminator";

/**
 * The HTTP CONNECT proxy (RFC 9110, 9.3.6) through which clients reach Azure's own names. It opens no connections: it
 * refuses hosts that it does not serve, so nothing leaks to the real cloud. `machine` handles requests to the Instance
 * Metadata Service.
 */
export function createConnectProxy(
  terminator: Terminator,
  log: (target: string, reason: string) => void,
  machine?: RequestHandler,
  limits = CONNECTION_LIMITS,
): Server {
  const server = createServer({ connectionsCheckingInterval: limits.check }, (request, response) => {
    if (machine && isToMachine(request)) machine(asOrigin(request), response);
    else refusePlain(request, response);
  });
  limitHttp(server, limits);
  server.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Client disconnected; not a server error.
    socket.on("error", () => socket.destroy());
    if (!(socket instanceof Socket)) throw new TypeError("the proxy's connection is not a socket");
    // The limits of HTTP end here: a tunnel may carry MQTT, which is silent for longer.
    socket.setTimeout(0);
    terminator.watch(socket);
    const target = request.url ?? "";
    const error = targetError(target, terminator);
    if (error) {
      log(target, error.reason);
      refuse(socket, error.status, error.reason, limits);
      return;
    }
    if (head.length > 0) socket.unshift(head);
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    terminator.take(socket, hostOf(target));
  });
  return server;
}

const hostOf = (target: string): string => target.toLowerCase().replace(/:\d+$/, "");

function targetError(
  target: string,
  terminator: Pick<Terminator, "portsAt">,
): { status: string; reason: string } | undefined {
  const port = /:(\d+)$/.exec(target)?.[1];
  const host = hostOf(target);
  if (host.endsWith(`.${MANAGED_HSM_SUFFIX}`)) {
    return {
      status: "501 Not Implemented",
      reason: `NotEmulated: the local Azure does not emulate Managed HSM (${host}). Use a key vault (NAME.${VAULT_SUFFIX}).`,
    };
  }
  if (!port || !isServed(host)) {
    return {
      status: "403 Forbidden",
      reason: `The local Azure serves Azure's own names only, and ${host || "this"} is not one of them. Nothing was sent. To reach the host directly, add it to NO_PROXY.`,
    };
  }
  const served = terminator.portsAt(host);
  if (!served.includes(Number(port))) {
    const ports =
      served.length === 1 ? `port ${served[0]}` : `ports ${served.join(", ").replace(/, (?=\d+$)/, " and ")}`;
    return {
      status: "501 Not Implemented",
      reason: `NotEmulated: the local Azure serves ${ports} of ${host}, not port ${port}.`,
    };
  }
  return undefined;
}

function refuse(socket: Duplex, status: string, reason: string, limits: ConnectionLimits): void {
  const body = `${reason}\n`;
  const head = `content-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  endWith(socket, `HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body}`, limits);
}

/** The Instance Metadata Service: the one address of Azure that uses plain HTTP. */
const isToMachine = ({ url = "" }: IncomingMessage): boolean => url.startsWith(`http://${IMDS_HOST}/`);

/** A request to a proxy has the whole URL (RFC 9112, 3.2.2); a server gets the path only. */
function asOrigin(request: IncomingMessage): IncomingMessage {
  request.url = (request.url ?? "").slice(`http://${IMDS_HOST}`.length);
  return request;
}

/** Refuses plain HTTP: Azure's endpoints require TLS. */
function refusePlain(request: IncomingMessage, response: ServerResponse): void {
  const host = /^http:\/\/([^/:?#]+)/i.exec(request.url ?? "")?.[1];
  const reason =
    host && azureHost(host)
      ? `Azure's endpoints require TLS: use https://${host}.`
      : "This is the local Azure's CONNECT proxy: it accepts CONNECT requests to Azure's own names, and forwards nothing.";
  response.writeHead(403, { "content-type": "text/plain; charset=utf-8" }).end(`${reason}\n`);
}
