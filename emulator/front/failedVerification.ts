import type { TLSSocket } from "node:tls";

/** Node's handle of a TLS connection, as far as it is used here: it reports errors of OpenSSL. */
interface TlsHandle {
  onerror?: (error: Error) => void;
}

/**
 * Keeps a connection open when OpenSSL does not verify the presented certificates. With `requestCert`, OpenSSL checks
 * the signatures of the chain although the application decides (`rejectUnauthorized: false`). A failed check stays in
 * OpenSSL's error queue, and the next read of the connection reports it as its own error: a CA of the right name with
 * another key would drop the connection. Errors of TLS itself always have an entry of `SSL routines` in the queue;
 * without one the connection is sound. Node has no public switch for this (20 to 24), hence the private handle.
 */
export function ignoreFailedVerification(socket: TLSSocket): void {
  const handle = (socket as unknown as { readonly _handle?: TlsHandle | null })._handle;
  if (!handle?.onerror) return;
  handle.onerror = (error) => {
    if (/:SSL routines:/.test(error.message)) socket.destroy(error);
  };
}
