/** Device twins of a hub page by page, by IoT Hub's service API ("Query", 2021-04-12), which returns devices' thumbprints. */
import { API_VERSIONS } from "../apiVersions";
import type { DeviceAuthentication } from "../wire/hubIdentity";
import { DeviceServiceClient } from "./deviceServiceClient";
import type { ClientOptions } from "./jsonClient";

/** The part of a twin that identifies its device. */
export interface TwinSummary {
  readonly deviceId: string;
  readonly x509Thumbprint?: DeviceAuthentication["x509Thumbprint"];
}

/** A page of a hub's twins, and what the next one is asked for with; absent on the last one. */
export interface TwinPage {
  readonly twins: readonly TwinSummary[];
  readonly continuation?: string;
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
  async page(size: number, continuation?: string): Promise<TwinPage> {
    const call = {
      path: "/devices/query",
      apiVersion: API_VERSIONS.hubService,
      query: "SELECT * FROM devices",
      operation: `query the devices of ${this.#hub}`,
    };
    const { items: twins, ...next } = await this.#client.query<TwinSummary>(call, size, continuation);
    return { twins, ...next };
  }
}
