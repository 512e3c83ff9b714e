/**
 * A device at its hub over HTTPS: telemetry, and cloud-to-device messages, which are fetched after each message that it sends.
 * Source: Azure REST API "IoT Hub – Device", 2020-03-13.
 */
import { API_VERSIONS } from "../apiVersions";
import { DeviceClient } from "../clients/deviceClient";
import type { DeviceTransport } from "../clients/mutualTls";
import type { HubListener, HubSession } from "./device";

/** Messages that are fetched at a time. */
const LIMIT = 50;
const PROPERTY = "iothub-app-";

export class HttpsHubSession implements HubSession {
  readonly broken = new Promise<Error>(() => undefined);
  readonly #client: DeviceClient;
  #listener: HubListener | undefined;

  constructor(
    private readonly transport: DeviceTransport,
    private readonly hubHost: string,
    private readonly deviceId: string,
  ) {
    this.#client = new DeviceClient(transport);
  }

  async send(message: unknown, messageId: string): Promise<204> {
    const acceptance = await this.#client.sendTelemetry(this.hubHost, this.deviceId, message, messageId);
    await this.#receive();
    return acceptance;
  }

  async listen(listener: HubListener): Promise<void> {
    this.#listener = listener;
  }

  async twin(): Promise<undefined> {}

  async report(): Promise<void> {}

  close(): Promise<void> {
    return this.transport.close();
  }

  /** A message that cannot be fetched now is fetched later: the hub keeps it. */
  async #receive(): Promise<void> {
    if (this.#listener === undefined) return;
    const base = `https://${this.hubHost}/devices/${encodeURIComponent(this.deviceId)}/messages/deviceBound`;
    const query = `?api-version=${API_VERSIONS.hubDevice}`;
    for (let count = 0; count < LIMIT; count += 1) {
      const received = await this.transport.send({ method: "GET", url: `${base}${query}` }).catch(() => undefined);
      if (received?.status !== 200) return;
      const { etag = "", ...headers } = received.headers;
      const properties = Object.entries(headers)
        .filter(([name]) => name.startsWith(PROPERTY))
        .map(([name, value]) => [name.slice(PROPERTY.length), value] as const);
      this.#listener.message(Buffer.from(received.text), Object.fromEntries(properties));
      const lockToken = encodeURIComponent(etag.replaceAll('"', ""));
      await this.transport.send({ method: "DELETE", url: `${base}/${lockToken}${query}` }).catch(() => undefined);
    }
  }
}
