/** An IoT hub, by ARM: its built-in endpoint, and the keys that open it. Source: Azure REST API "IoT Hub Resource", 2023-06-30. */
import { API_VERSIONS } from "../apiVersions";
import { ARM_HOST } from "../hosts";
import type { IotHubBody } from "../wire/iotHub";
import { isObject } from "../wire/jsonObject";
import { type ClientOptions, JsonClient } from "./jsonClient";

/** One IoT hub. */
export class IotHubClient {
  readonly #client: JsonClient;
  readonly #path: string;
  readonly #label: string;

  /** `id` is the ARM ID. */
  constructor(id: string, options: ClientOptions) {
    this.#client = new JsonClient("arm", `https://${ARM_HOST}`, API_VERSIONS.iotHubs, options);
    this.#path = id;
    this.#label = `hub "${id.split("/").at(-1)}"`;
  }

  /** The hub; undefined if there is none. */
  get(): Promise<IotHubBody | undefined> {
    return this.#client.read(this.#path, `read ${this.#label}`);
  }

  /** The primary key of a shared access policy; undefined if the hub has no such policy. */
  async primaryKey(policy: string): Promise<string | undefined> {
    const path = `${this.#path}/IotHubKeys/${encodeURIComponent(policy)}/listkeys`;
    const operation = `read the key of the policy "${policy}" of ${this.#label}`;
    const { body } = await this.#client.send({ method: "POST", path, operation, alsoAccepted: [404] });
    return isObject(body) && typeof body.primaryKey === "string" ? body.primaryKey : undefined;
  }
}
