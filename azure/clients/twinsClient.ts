/** Device twins of a hub page by page, by IoT Hub's service API ("Query", 2021-04-12), which returns devices' thumbprints. */
import type { DeviceAuthentication } from "../wire/hubIdentity";
import { DeviceServiceClient, type QueryPage } from "./deviceServiceClient";
import type { ClientOptions } from "./jsonClient";

/** The part of a twin that identifies its device. */
export interface TwinSummary {
  readonly deviceId: string;
  readonly x509Thumbprint?: DeviceAuthentication["x509Thumbprint"];
}

/** The twins of one hub. */
export class TwinsClient {
  readonly #client: DeviceServiceClient;
  readonly #hub: string;

  /** `hubHost` is the hub's host name. */
  constructor(hubHost: string, options: ClientOptions) {
    this.#client = new DeviceServiceClient("hub", hubHost, options);
    this.#hub = hubHost;
  }

  /** A page of up to `size` twins; none where the hub is gone itself. */
  page(size: number, continuation?: string): Promise<QueryPage<TwinSummary>> {
    const operation = `query the devices of ${this.#hub}`;
    return this.#client.query(
      { path: "/devices/query", query: "SELECT * FROM devices", operation },
      size,
      continuation,
    );
  }
}
