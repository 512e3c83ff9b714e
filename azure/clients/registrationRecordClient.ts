/** Registration records, by the DPS service API ("Device Registration State", 2021-10-01). */
import { API_VERSIONS } from "../apiVersions";
import type { RegistrationState } from "../wire/dpsRegistration";
import { DeviceServiceClient } from "./deviceServiceClient";
import type { ClientOptions } from "./jsonClient";

/** The record of one device's registration. */
export class RegistrationRecordClient {
  readonly #client: DeviceServiceClient;
  readonly #path: string;
  readonly #label: string;

  /** `serviceEndpoint` is the service's host name. */
  constructor(serviceEndpoint: string, registrationId: string, options: ClientOptions) {
    this.#client = new DeviceServiceClient("dps", serviceEndpoint, options);
    this.#path = `/registrations/${encodeURIComponent(registrationId)}`;
    this.#label = `the registration record of "${registrationId}"`;
  }

  /** The record; undefined when the device has not registered. */
  async get(): Promise<RegistrationState | undefined> {
    const { path, apiVersion } = { path: this.#path, apiVersion: API_VERSIONS.dpsService };
    const operation = `read ${this.#label}`;
    const response = await this.#client.send({ method: "GET", path, apiVersion, operation, alsoAccepted: [404] });
    return response.status === 404 ? undefined : (response.body as RegistrationState);
  }

  /** Deletes the record whatever its ETag; already gone is success. */
  async delete(): Promise<void> {
    await this.#client.send({
      method: "DELETE",
      path: this.#path,
      apiVersion: API_VERSIONS.dpsService,
      ifMatch: "*",
      operation: `delete ${this.#label}`,
      alsoAccepted: [404],
    });
  }
}
