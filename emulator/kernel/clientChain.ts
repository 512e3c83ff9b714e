import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { type PeerCertificate, TLSSocket } from "node:tls";
import { Certificate } from "../../certs/certificate";

const known = new WeakMap<Socket, readonly Buffer[]>();

/**
 * Node 20 to 24 leak what `getPeerX509Certificate` reads: 15 KB a connection with two CA certificates. `getPeerCertificate`
 * leaks nothing, but ends the process of Node 24 at an elliptic curve without a NIST name, such as brainpoolP256r1.
 */
const READS_BY_ISSUER = Number.parseInt(process.versions.node, 10) < 24;

/**
 * The certificates that the client presented on this connection, DER, leaf first; empty on a plain connection or without a
 * client certificate. They are each other's issuers in turn, or, if those signatures do not verify, all that the client
 * presented, in its order, unrelated ones included. Reading removes them from OpenSSL's list, so they are cached by
 * connection.
 */
export function clientChainOf(socket: Socket): readonly Buffer[] {
  const seen = known.get(socket);
  if (seen) return seen;
  const chain = socket instanceof TLSSocket ? (READS_BY_ISSUER && issuersOf(socket)) || presentedBy(socket) : [];
  known.set(socket, chain);
  return chain;
}

/** The leaf and its issuers as far as the client presented them; undefined if one did not sign the one before it. */
function issuersOf(socket: TLSSocket): readonly Buffer[] | undefined {
  const chain = new Set<PeerCertificate>();
  // A root's issuer is the root itself; without a certificate, the object is empty.
  for (let next = socket.getPeerCertificate(true); next?.raw && !chain.has(next); next = next.issuerCertificate)
    chain.add(next);
  const read = [...chain].map(({ raw }) => raw);
  const parsed = read.map((der) => new X509Certificate(der));
  const isSigned = parsed.every((each, index) => {
    const issuer = parsed[index + 1];
    return !issuer || isSignedBy(each, issuer);
  });
  return isSigned ? read : undefined;
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    // A key of a kind that Node does not know.
    return false;
  }
}

/** All presented certificates: `issuerCertificate` of a peer certificate is the next one on the list. */
function presentedBy(socket: TLSSocket): readonly Buffer[] {
  const chain: Buffer[] = [];
  for (let next = socket.getPeerX509Certificate(); next; next = next.issuerCertificate) chain.push(next.raw);
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
