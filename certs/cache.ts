import { createHash } from "node:crypto";
import { Certificate } from "./certificate";

/**
 * A cache of certificates by their DER, least recently used dropped first. For the CA certificates that every device of a
 * fleet presents: reading them once also keeps the verdicts on their signatures.
 */
export class CertificateCache {
  readonly #limit: number;
  readonly #read: (der: Uint8Array) => Certificate;
  readonly #kept = new Map<string, Certificate>();

  /**
   * `limit`: how many are kept, about 4 kB each; default 1,000. `read`: how the others are read; default whole, see
   * {@link Certificate.presented}.
   */
  constructor(limit = 1000, read = (der: Uint8Array): Certificate => new Certificate(der)) {
    if (!Number.isInteger(limit) || limit < 1)
      throw new TypeError(`A cache keeps at least one certificate, not ${limit}`);
    this.#limit = limit;
    this.#read = read;
  }

  /** How many are kept now. */
  get size(): number {
    return this.#kept.size;
  }

  /** The certificate of this DER, read at most once while it is kept. Throws `malformed`, and keeps nothing then. */
  read(der: Uint8Array): Certificate {
    const key = createHash("sha256").update(der).digest("base64");
    const known = this.#kept.get(key);
    const certificate = known ?? this.#read(der);
    if (known !== undefined) this.#kept.delete(key);
    this.#kept.set(key, certificate);
    if (this.#kept.size > this.#limit) {
      const oldest = this.#kept.keys().next();
      if (oldest.done !== true) this.#kept.delete(oldest.value);
    }
    return certificate;
  }
}
