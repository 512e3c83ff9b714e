/** Where a local Azure listens. The defaults suit clients on the same machine; a container sets all of them. */
export interface ListenOptions {
  /**
   * The address of all listeners. Default `127.0.0.1`. Whoever reaches another one can use it as devices and clients of
   * Azure do, with their credentials, and its control listener with its token.
   */
  readonly host?: string;
  /** The proxy's port; the control, TLS and identity listeners have the next three. Default: free ports, which stay the same for a folder. */
  readonly port?: number;
  /** The name or address by which clients reach it. Default `127.0.0.1`. */
  readonly publicHost?: string;
  /** Further ports of the TLS listener, such as 443 and 8883, for clients that a network alias or a hosts file leads here. */
  readonly tlsPorts?: readonly number[];
}

/** The address that only this machine reaches. */
export const LOOPBACK = "127.0.0.1";

/** Whether others than this machine reach an address. */
export const isExposed = (host: string): boolean => !/^(?:127(?:\.\d{1,3}){3}|localhost|::1)$/.test(host);

/** The first of the four consecutive ports. */
const LAST_BASE = 65_532;

const isPort = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 65_535;

/** Checks the options. Throws RangeError or TypeError with the option, the value and the remedy. */
export function checkListenOptions({ host, port, publicHost, tlsPorts = [] }: ListenOptions): void {
  if (port !== undefined && !(isPort(port) && port <= LAST_BASE)) {
    throw new RangeError(`The port ${port} is not possible. To fix: use a whole number from 1 to ${LAST_BASE}.`);
  }
  const wrong = tlsPorts.find((each) => !isPort(each));
  if (wrong !== undefined) {
    throw new RangeError(`The TLS port ${wrong} is not possible. To fix: use whole numbers from 1 to 65535.`);
  }
  for (const name of [host, publicHost]) {
    if (name !== undefined && !/^[a-z0-9.:_-]+$/i.test(name)) {
      throw new TypeError(`"${name}" is neither a host name nor an address. To fix: leave out scheme, port and path.`);
    }
  }
}
