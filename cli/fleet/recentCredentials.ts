import { createSecureContext } from "node:tls";
import type { DeviceCredentials } from "../../azure/clients/mutualTls";

/**
 * Reads the credentials of devices, and parses each once for two connections that follow one another: a device registers, and
 * then sends its first message to its hub. Keeps those of at most `limit` devices; `ca` is PEM, default Node's roots.
 */
export class RecentCredentials {
  readonly #kept = new Map<string, DeviceCredentials>();

  constructor(
    private readonly read: (registrationId: string) => Promise<DeviceCredentials>,
    private readonly ca: string | undefined,
    private readonly limit: number,
  ) {}

  /** The credentials of a device, with their TLS context. Errors: those of `read`. */
  async of(registrationId: string): Promise<DeviceCredentials> {
    const kept = this.#kept.get(registrationId);
    if (kept !== undefined) {
      this.#kept.delete(registrationId);
      return kept;
    }
    const { certificateChain, privateKey } = await this.read(registrationId);
    const secureContext = createSecureContext({ cert: certificateChain, key: privateKey, ca: this.ca });
    const credentials = { certificateChain, privateKey, ca: this.ca, secureContext };
    this.#kept.set(registrationId, credentials);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > this.limit) this.#kept.delete(oldest);
    return credentials;
  }
}
