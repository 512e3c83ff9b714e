/** Device identities, by IoT Hub's service API ("Devices", 2021-04-12). */
import type { DeviceIdentity } from "../wire/hubIdentity";
import { AzureError } from "./azureError";
import { DeviceServiceClient } from "./deviceServiceClient";
import type { ClientOptions } from "./jsonClient";

/** How often a change is tried while others change the same identity. */
const TRIES = 3;

/** One device's identity in one hub. */
export class IdentityClient {
  readonly #client: DeviceServiceClient;
  readonly #path: string;
  readonly #label: string;

  /** `hubHost` is the hub's host name; device IDs are case-sensitive. */
  constructor(hubHost: string, deviceId: string, options: ClientOptions) {
    this.#client = new DeviceServiceClient("hub", hubHost, options);
    this.#path = `/devices/${encodeURIComponent(deviceId)}`;
    this.#label = `device "${deviceId}" of ${hubHost}`;
  }

  /** The identity; undefined when the hub has none. */
  get(): Promise<DeviceIdentity | undefined> {
    return this.#client.read(this.#path, `read ${this.#label}`);
  }

  /**
   * Enables or disables the device, with a reason of up to 128 characters; all else stays as it is. No device, or a
   * status that is already set, is success.
   */
  async setStatus(status: "enabled" | "disabled", statusReason: string): Promise<void> {
    for (let left = TRIES; ; left -= 1) {
      const identity = await this.get();
      if (!identity || identity.status === status) return;
      try {
        await this.#client.send({
          method: "PUT",
          path: this.#path,
          ifMatch: identity.etag === undefined ? "*" : `"${identity.etag.replaceAll('"', "")}"`,
          body: { ...identity, status, statusReason },
          operation: `set the status of ${this.#label} to ${status}`,
        });
        return;
      } catch (error) {
        // Changed meanwhile, perhaps by this very request, sent again after its response was lost: read the current status.
        if (!(error instanceof AzureError) || error.status !== 412 || left <= 1) throw error;
      }
    }
  }

  /** Deletes the identity whatever its ETag; already gone is success. */
  async delete(): Promise<void> {
    await this.#client.remove(this.#path, "*", `delete ${this.#label}`);
  }
}
