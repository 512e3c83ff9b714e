import { constants } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { DAY_MS } from "../../certs/clock";
import type { Authority } from "./authority";

interface Issued {
  readonly context: SecureContext;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

/** TLS contexts, one a host name, made on the first request and cached until shortly before they expire. */
export class Contexts {
  readonly #known = new Map<string, { context: Promise<Issued>; renewAt: number }>();

  /** Caches at most `limit` contexts: tests create and delete many hubs and services. */
  constructor(
    private readonly authority: Pick<Authority, "issue">,
    private readonly limit = 1000,
  ) {}

  /** `name` is a DNS name in lower case, or an IPv4 address. */
  async of(name: string): Promise<SecureContext> {
    const known = this.#known.get(name);
    if (known && Date.now() < known.renewAt) return (await known.context).context;
    const entry = { context: this.#make(name), renewAt: Number.POSITIVE_INFINITY };
    // Cached before it is ready, so that a burst of first connections issues one certificate.
    if (this.#known.size >= this.limit) this.#known.clear();
    this.#known.set(name, entry);
    try {
      const { context, notAfter } = await entry.context;
      entry.renewAt = notAfter - DAY_MS;
      return context;
    } catch (error) {
      this.#known.delete(name);
      throw error;
    }
  }

  async #make(name: string): Promise<Issued> {
    const { certificate, key, notAfter } = await this.authority.issue(name);
    return { context: createSecureContext({ cert: certificate, key, ...TLS_OPTIONS }), notAfter };
  }
}

/**
 * TLS 1.2 and 1.3 without session tickets: on a resumed session the server sees the client's leaf only, and a device of
 * an enrollment group loses its intermediates (seen on both versions). Without renegotiation: the certificates of a
 * connection do not change.
 */
export const TLS_OPTIONS = Object.freeze({
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
} as const);
