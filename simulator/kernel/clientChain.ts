import type { Socket } from "node:net";
import { type DetailedPeerCertificate, TLSSocket } from "node:tls";

const known = new WeakMap<Socket, readonly Buffer[]>();

/**
 * The certificates that the client presented on this connection, DER, leaf first, as far as each is followed by its
 * issuer. Read once a connection; empty on a plain connection or when the client presented none.
 */
export function clientChainOf(socket: Socket): readonly Buffer[] {
  const seen = known.get(socket);
  if (seen) return seen;
  const chain: Buffer[] = [];
  if (socket instanceof TLSSocket) {
    let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
    while (next?.raw && !chain.some((der) => der.equals((next as DetailedPeerCertificate).raw))) {
      chain.push(next.raw);
      next = next.issuerCertificate;
    }
  }
  known.set(socket, chain);
  return chain;
}
