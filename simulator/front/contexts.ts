import { constants } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import type { Authority, ServerIdentity } from "./authority";

const DAY = 86_400_000;

/** TLS contexts, one a host name, made when the name is first asked for and kept until shortly before they expire. */
export class Contexts {
  readonly #authority: Authority;
  readonly #known = new Map<string, { context: Promise<SecureContext>; renewAt: number }>();

  constructor(authority: Authority) {
    this.#authority = authority;
  }

  /** A newly issued certificate, not kept. */
  identity(name: string): Promise<ServerIdentity> {
    return this.#authority.issue(name);
  }

  /** `name` is a DNS name in lower case, or an IPv4 address. */
  async of(name: string): Promise<SecureContext> {
    const known = this.#known.get(name);
    if (known && Date.now() < known.renewAt) return known.context;
    const identity = this.identity(name);
    const context = identity.then(({ certificate, key }) =>
      createSecureContext({ cert: certificate, key, ...TLS_OPTIONS }),
    );
    // Kept at once, so that a burst of first connections issues one certificate and not one each.
    const entry = { context, renewAt: Number.POSITIVE_INFINITY };
    this.#known.set(name, entry);
    try {
      entry.renewAt = (await identity).notAfter - DAY;
      return await context;
    } catch (error) {
      this.#known.delete(name);
      throw error;
    }
  }
}

/**
 * TLS 1.2 and 1.3, and no session tickets: on a resumed session the server sees the client's leaf alone, and a device
 * of an enrollment group would lose its intermediates (seen on both versions).
 */
export const TLS_OPTIONS = Object.freeze({
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const);
