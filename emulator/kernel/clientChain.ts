import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

const known = new WeakMap<Socket, readonly Buffer[]>();

/**
 * The certificates that the client presented on this connection, DER, leaf first, the others in its own order, strangers
 * included: `issuerCertificate` of a peer's certificate is simply the next one. Read once a connection, for reading takes
 * them off OpenSSL's list; empty on a plain connection or when the client presented none.
 */
export function clientChainOf(socket: Socket): readonly Buffer[] {
  const seen = known.get(socket);
  if (seen) return seen;
  const chain: Buffer[] = [];
  if (socket instanceof TLSSocket) {
    let next: X509Certificate | undefined = socket.getPeerX509Certificate();
    while (next) {
      chain.push(next.raw);
      next = next.issuerCertificate;
    }
  }
  known.set(socket, chain);
  return chain;
}
