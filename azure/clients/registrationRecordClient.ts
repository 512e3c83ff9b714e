/** Registration records, by the DPS service API ("Device Registration State", 2021-10-01). */
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
  get(): Promise<RegistrationState | undefined> {
    return this.#client.read(this.#path, `read ${this.#label}`);
  }

  /** Deletes the record whatever its ETag; already gone is success. */
  async delete(): Promise<void> {
    await this.#client.remove(this.#path, "*", `delete ${this.#label}`);
  }
}
