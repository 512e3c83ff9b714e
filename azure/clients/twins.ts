/** Device twins of a hub page by page, by IoT Hub's service API ("Query", 2021-04-12), which tells devices' thumbprints. */
import { API_VERSIONS } from "../apiVersions";
import type { DeviceAuthentication } from "../wire/identity";
import { DeviceServiceClient } from "./deviceService";
import type { ClientOptions } from "./jsonClient";

/** What of a twin says whose it is. */
export interface TwinSummary {
  readonly deviceId: string;
  readonly x509Thumbprint?: DeviceAuthentication["x509Thumbprint"];
}

/** A page of a hub's twins. */
export interface TwinPage {
  readonly twins: readonly TwinSummary[];
  /** What the next page is asked for with; absent on the last one. */
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
    const answer = await this.#client.send({
      method: "POST",
      path: "/devices/query",
      apiVersion: API_VERSIONS.hubService,
      headers: {
        "x-ms-max-item-count": String(size),
        ...(continuation === undefined ? {} : { "x-ms-continuation": continuation }),
      },
      body: { query: "SELECT * FROM devices" },
      operation: `query the devices of ${this.#hub}`,
      alsoAccepted: [404],
    });
    if (answer.status === 404) return { twins: [] };
    const twins = answer.body as readonly TwinSummary[];
    return answer.continuation === undefined ? { twins } : { twins, continuation: answer.continuation };
  }
}
