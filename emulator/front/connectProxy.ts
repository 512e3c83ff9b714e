import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { azureHost, IMDS_HOST, MANAGED_HSM_SUFFIX, VAULT_SUFFIX } from "../../azure/hosts";
import { isDeviceHost, isServed, type RequestHandler, type Terminator } from "./terminator";

/**
 * The HTTP CONNECT proxy (RFC 9110, 9.3.6) at which clients reach Azure's own names. It never opens a connection to
 * anywhere: a host that it does not serve is refused, so nothing leaks to the real cloud. `machine` takes requests
 * to the Instance Metadata Service.
 */
export function createConnectProxy(
  terminator: Terminator,
  log: (target: string, reason: string) => void,
  machine?: RequestHandler,
): Server {
  const server = createServer((request, response) => {
    if (machine && isToMachine(request)) machine(asOrigin(request), response);
    else refusePlain(request, response);
  });
  server.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Client disconnected; not a server error.
    socket.on("error", () => socket.destroy());
    if (!(socket instanceof Socket)) throw new TypeError("the proxy's connection is not a socket");
    terminator.watch(socket);
    const target = request.url ?? "";
    const fault = targetFault(target);
    if (fault) {
      log(target, fault.reason);
      refuse(socket, fault.status, fault.reason);
      return;
    }
    if (head.length > 0) socket.unshift(head);
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    terminator.take(socket, hostOf(target));
  });
  return server;
}

const hostOf = (target: string): string => target.toLowerCase().replace(/:\d+$/, "");

function targetFault(target: string): { status: string; reason: string } | undefined {
  const port = /:(\d+)$/.exec(target)?.[1];
  const host = hostOf(target);
  if (host.endsWith(`.${MANAGED_HSM_SUFFIX}`)) {
    return {
      status: "501 Not Implemented",
      reason: `NotEmulated: the local Azure does not emulate Managed HSM, and ${host} is one. Use a key vault (NAME.${VAULT_SUFFIX}).`,
    };
  }
  if (!port || !isServed(host)) {
    return {
      status: "403 Forbidden",
      reason: `The local Azure serves Azure's own names only, and ${host || "this"} is none of those it knows. Nothing was sent anywhere. Put the host into NO_PROXY to reach it directly.`,
    };
  }
  if (port !== "443" && !(port === "8883" && isDeviceHost(host))) {
    const ports = isDeviceHost(host) ? "ports 443 and 8883" : "port 443";
    return {
      status: "501 Not Implemented",
      reason: `NotEmulated: the local Azure answers at ${ports} of ${host}, not at port ${port}.`,
    };
  }
  return undefined;
}

function refuse(socket: Duplex, status: string, reason: string): void {
  const body = `${reason}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** The Instance Metadata Service: the one address of Azure's that speaks in clear. */
const isToMachine = ({ url = "" }: IncomingMessage): boolean => url.startsWith(`http://${IMDS_HOST}/`);

/** A request for a proxy names the whole URL (RFC 9112, 3.2.2); a server sees the path alone. */
function asOrigin(request: IncomingMessage): IncomingMessage {
  request.url = (request.url ?? "").slice(`http://${IMDS_HOST}`.length);
  return request;
}

/** Requests in clear: Azure's endpoints speak TLS only. */
function refusePlain(request: IncomingMessage, response: ServerResponse): void {
  const host = /^http:\/\/([^/:?#]+)/i.exec(request.url ?? "")?.[1];
  const reason =
    host && azureHost(host)
      ? `Azure's endpoints speak TLS only: use https://${host}.`
      : "This is the local Azure's CONNECT proxy: it takes CONNECT requests to Azure's own names, and sends nothing on.";
  response.writeHead(403, { "content-type": "text/plain; charset=utf-8" }).end(`${reason}\n`);
}
