import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { createWebSocketStream, WebSocketServer } from "ws";
import { clientChainOf } from "../kernel/clientChain";
import { CONNECTION_LIMITS, endWith } from "../kernel/connectionLimits";
import type { StreamProtocol } from "./streamProtocol";

/** Bytes of a WebSocket message: an IoT Hub message of up to 256 KB, with its topic or address. */
const MAX_MESSAGE = 1024 * 1024;

/** Handles the requests of a server to upgrade to WebSocket. */
export type WebSocketUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Upgrades requests to WebSocket for the protocols, each at Azure's path. Refuses others with 400. */
export function webSocketUpgrade(protocols: readonly StreamProtocol[]): WebSocketUpgrade {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
    handleProtocols: (_offered, request) => chosen(request, protocols)?.subProtocol ?? false,
  });
  return (request, socket, head) => {
    const choice = chosen(request, protocols);
    if (!choice) {
      const host = hostOf(request);
      const served = protocols.filter((each) => host === "" || each.isServedAt(host));
      refuse(socket, host, served);
      return;
    }
    server.handleUpgrade(request, socket, head, (webSocket) => {
      const clientChain = () => clientChainOf(request.socket as TLSSocket);
      choice.protocol.start(createWebSocketStream(webSocket), { host: hostOf(request), clientChain });
    });
  };
}

const hostOf = ({ headers }: IncomingMessage): string => (headers.host ?? "").toLowerCase().replace(/:\d+$/, "");

/** The protocol and sub-protocol of a request; undefined when its host, path or sub-protocol is none of theirs. */
function chosen(request: IncomingMessage, protocols: readonly StreamProtocol[]) {
  const [host, path] = [hostOf(request), pathOf(request)];
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((each) => each.trim());
  for (const protocol of protocols) {
    if (path === undefined || !protocol.pathsAt(host).includes(path) || !protocol.isServedAt(host)) continue;
    const subProtocol = offered.find((each) => protocol.subProtocols.includes(each.toLowerCase()));
    if (subProtocol !== undefined) return { protocol, subProtocol };
  }
  return undefined;
}

/**
 * Returns the decoded path in lower case, without the host that Microsoft's AMQP library for Java writes before it (RFC 9112,
 * 3.2.2); undefined if its percent-encoding is invalid.
 */
function pathOf({ url = "" }: IncomingMessage): string | undefined {
  const [target = ""] = url.split("?", 1);
  try {
    return decodeURIComponent(target.replace(/^https?:\/\/[^/]*/i, "")).toLowerCase();
  } catch {
    return undefined;
  }
}

function refuse(socket: Duplex, host: string, protocols: readonly StreamProtocol[]): void {
  const ways = protocols.map(({ pathsAt, subProtocols }) => {
    return `${pathsAt(host).join(" and ")} with the sub-protocol ${subProtocols.join(" or ")}`;
  });
  const body = `The local Azure upgrades to WebSocket at ${ways.join(", and at ")} only.\n`;
  const head = `content-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  endWith(socket, `HTTP/1.1 400 Bad Request\r\n${head}\r\n\r\n${body}`, CONNECTION_LIMITS);
}
