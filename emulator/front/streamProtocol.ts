import type { Duplex } from "node:stream";

/** The client side of a connection after TLS. */
export interface StreamClient {
  /** The host name in TLS (over WebSocket: in HTTP), lower case; empty if the client sent none. */
  readonly host: string;
  /** The certificates presented in TLS: DER, leaf first. */
  readonly clientChain: () => readonly Buffer[];
}

/** A protocol besides HTTP, over TLS on a port of its own and over WebSocket on port 443. */
export interface StreamProtocol {
  /** The ports of Azure's at which it listens, besides 443. */
  readonly port: number;
  /** The first bytes of each connection. No HTTP method starts with them. */
  readonly firstBytes: Buffer;
  /** Azure's paths for WebSocket at a host, lower case. */
  pathsAt(host: string): readonly string[];
  /** The sub-protocols there. The first one that the client offers is chosen. */
  readonly subProtocols: readonly string[];
  /** Whether a host (lower case) serves it. */
  isServedAt(host: string): boolean;
  /** Serves a connection. The stream is destroyed when the local Azure ends. */
  start(stream: Duplex, client: StreamClient): void;
}
