import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { Certificate } from "../../certs/certificate";

const known = new WeakMap<Socket, readonly Buffer[]>();

/**
 * The certificates that the client presented on this connection, DER, leaf first, the others in the client's order, unrelated
 * ones included: `issuerCertificate` of a peer certificate is the next one on the list. Reading removes them from
 * OpenSSL's list, so they are cached by connection. Empty on a plain connection or without a client certificate.
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

/** Cache of parsed certificates by connection: the buffers of a connection's chain do not change. */
const leaves = new WeakMap<Buffer, Certificate>();

/** Parses a certificate that a device presented. Throws `malformed`. */
export function presentedCertificate(der: Buffer): Certificate {
  const leaf = leaves.get(der) ?? Certificate.presented(der);
  leaves.set(der, leaf);
  return leaf;
}

/** The server name that a client sent in TLS, lower case; empty without one. */
export const serverNameOf = ({ servername }: TLSSocket & { readonly servername?: string | false | null }): string =>
  typeof servername === "string" ? servername.toLowerCase() : "";
