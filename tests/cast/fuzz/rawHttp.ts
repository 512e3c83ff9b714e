import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Ready } from "../../../emulator/contract/ready";

/** Where a request goes: an Azure host through the proxy, or a listener in clear. */
export interface Target {
  /** The host name that TLS asks for; undefined for a listener in clear. */
  readonly tlsHost?: string;
  /** The port of the listener in clear, or of the proxy. */
  readonly port: number;
  /** The device's certificates and key, PEM. */
  readonly client?: { readonly cert: string; readonly key: string };
}

/** A response as it was on the wire. */
export interface RawResponse {
  readonly status: number;
  /** Names in lower case; of a repeated header the last value. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Milliseconds. */
  readonly ms: number;
}

/** Milliseconds after which a request counts as never answered. */
const TIMEOUT_MS = 20_000;

function opened(socket: Socket, event: "connect" | "secureConnect"): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => {
      socket.off("error", reject);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

async function tunnel(port: number, host: string): Promise<Socket> {
  const socket = await opened(tolerant(connectPlain({ port, host: "127.0.0.1", noDelay: true })), "connect");
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("data", (head) => {
      socket.off("error", reject);
      if (/^HTTP\/1.1 200 /.test(head.toString("latin1"))) resolve(socket);
      else reject(new Error(`the proxy refused ${host}: ${head.toString("latin1")}`));
    });
    socket.write(`CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}:443\r\n\r\n`);
  });
}

/** Errors of a connection that is given up, for example a reset while bytes are still written, end no process. */
const tolerant = (socket: Socket): Socket => socket.on("error", () => undefined);

async function dial({ tlsHost, port, client }: Target, ca: string, protocols = ["http/1.1"]): Promise<Socket> {
  if (tlsHost === undefined)
    return opened(tolerant(connectPlain({ port, host: "127.0.0.1", noDelay: true })), "connect");
  const socket = await tunnel(port, tlsHost);
  return opened(
    tolerant(connectTls({ socket, servername: tlsHost, ca, ALPNProtocols: protocols, ...client })),
    "secureConnect",
  );
}

/** Reads the chunks of a chunked body (RFC 9112, 7.1); undefined while some are missing. */
function dechunk(bytes: Buffer): { readonly body: Buffer; readonly rest: number } | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, end), 16);
    const next = end + 2 + size + 2;
    if (bytes.length < next) return undefined;
    if (size === 0) return { body: Buffer.concat(parts), rest: next };
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = next;
  }
}

/** Reads one response from the bytes so far; undefined while it is incomplete. `ended`: no more bytes will come. */
function readResponse(bytes: Buffer, method: string, ended: boolean): Omit<RawResponse, "ms"> | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [line = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1] ?? Number.NaN);
  const headers = Object.fromEntries(
    lines.map((each) => [each.slice(0, each.indexOf(":")).toLowerCase(), each.slice(each.indexOf(":") + 1).trim()]),
  );
  if (status < 200) return readResponse(bytes.subarray(end + 4), method, ended);
  const rest = bytes.subarray(end + 4);
  if (method === "HEAD" || status === 204 || status === 304) return { status, headers, body: Buffer.alloc(0) };
  if (/chunked/i.test(headers["transfer-encoding"] ?? "")) {
    const read = dechunk(rest);
    return read && { status, headers, body: read.body };
  }
  if (headers["content-length"] === undefined) return ended ? { status, headers, body: rest } : undefined;
  const length = Number(headers["content-length"]);
  return rest.length < length ? undefined : { status, headers, body: rest.subarray(0, length) };
}

/**
 * Sends bytes as they are, for requests that no HTTP client would send. It keeps one connection for each target while
 * requests are well formed.
 */
export class RawHttp {
  readonly #ca: string;
  readonly #kept = new Map<string, Socket>();

  constructor(ca: string) {
    this.#ca = ca;
  }

  /** Returns the response; undefined when the connection was closed without one. `isWhole`: more requests may follow on the connection. */
  async send(target: Target, method: string, bytes: Buffer, isWhole: boolean): Promise<RawResponse | undefined> {
    const id = `${target.tlsHost ?? ""}:${target.port}:${target.client?.cert ?? ""}`;
    const before = this.#kept.get(id);
    this.#kept.delete(id);
    const isReused = before !== undefined && !before.destroyed && before.writable;
    const socket = isReused ? before : await dial(target, this.#ca);
    const response = await exchange(socket, method, bytes, isWhole);
    // A kept connection may have been closed by the other side meanwhile.
    if (response === undefined && isReused) return this.send(target, method, bytes, isWhole);
    if (response && isWhole && !socket.destroyed && response.headers.connection !== "close") this.#kept.set(id, socket);
    else socket.destroy();
    return response;
  }

  /** Opens a connection of the caller's own; by TLS without ALPN, as MQTT clients do. */
  open(target: Target): Promise<Socket> {
    return dial(target, this.#ca, []);
  }

  close(): void {
    for (const socket of this.#kept.values()) socket.destroy();
    this.#kept.clear();
  }
}

function exchange(socket: Socket, method: string, bytes: Buffer, isWhole: boolean): Promise<RawResponse | undefined> {
  const from = performance.now();
  return new Promise((resolve) => {
    let seen: Buffer = Buffer.alloc(0);
    const finish = (response: Omit<RawResponse, "ms"> | undefined): void => {
      clearTimeout(timer);
      socket.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onEnd);
      resolve(response && { ...response, ms: performance.now() - from });
    };
    const timer = setTimeout(() => finish({ status: Number.NaN, headers: {}, body: Buffer.alloc(0) }), TIMEOUT_MS);
    const onData = (chunk: Buffer): void => {
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
      const response = readResponse(seen, method, false);
      if (response) finish(response);
    };
    const onEnd = (): void => finish(readResponse(seen, method, true));
    socket.on("data", onData).on("end", onEnd).on("close", onEnd).on("error", onEnd);
    if (isWhole) socket.write(bytes);
    else socket.end(bytes);
  });
}

/** The listeners of a local Azure as targets. */
export const listenerPort = (url: string): number => Number(new URL(url).port);

/** An Azure host behind the proxy. */
export const azureTarget = (
  { proxyUrl }: Pick<Ready, "proxyUrl">,
  tlsHost: string,
  client?: Target["client"],
): Target => ({
  tlsHost,
  port: listenerPort(proxyUrl),
  client,
});
