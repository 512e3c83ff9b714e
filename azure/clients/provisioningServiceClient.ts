/**
 * A provisioning service, by ARM, in an api-version that knows links by identity: azure-native 3.28 sends an older one.
 * Source: Azure REST API "Iot Dps Resource", 2026-08-31.
 */
import { API_VERSIONS } from "../apiVersions";
import { ARM_HOST } from "../hosts";
import type { ProvisioningServiceBody } from "../wire/provisioningService";
import { type ClientOptions, JsonClient } from "./jsonClient";

/** One provisioning service. */
export class ProvisioningServiceClient {
  readonly #client: JsonClient;
  readonly #path: string;
  readonly #label: string;

  /** `id` is the ARM ID. */
  constructor(id: string, options: ClientOptions) {
    this.#client = new JsonClient("arm", `https://${ARM_HOST}`, API_VERSIONS.provisioningServiceLinks, options);
    this.#path = id;
    this.#label = `provisioning service "${id.split("/").at(-1)}"`;
  }

  /** The service; undefined if there is none. */
  get(): Promise<ProvisioningServiceBody | undefined> {
    return this.#client.read(this.#path, `read ${this.#label}`);
  }

  /** Replaces the revision that has this ETag. The service is in transition when this returns. */
  async put(body: ProvisioningServiceBody, etag: string | undefined): Promise<void> {
    const operation = `link the hubs of ${this.#label}`;
    await this.#client.send({ method: "PUT", path: this.#path, ifMatch: etag, body, operation });
  }
}
