/** The registration records of an enrollment group, by the DPS service API ("Device Registration State – Query", 2021-10-01). */
import type { RegistrationState } from "../wire/dpsRegistration";
import type { DeviceServiceClient, QueryPage } from "./deviceServiceClient";

/** The devices that registered through one enrollment group. */
export class RegistrationsClient {
  readonly #client: DeviceServiceClient;
  readonly #group: string;

  /** `service` is a `serviceClient`. */
  constructor(service: DeviceServiceClient, enrollmentGroupId: string) {
    this.#client = service;
    this.#group = enrollmentGroupId;
  }

  /** A page of up to `size` records; none where there is no such group. */
  page(size: number, continuation?: string): Promise<QueryPage<RegistrationState>> {
    const operation = `query the registrations of "${this.#group}"`;
    const path = `/registrations/${encodeURIComponent(this.#group)}/query`;
    return this.#client.query({ path, query: "SELECT * FROM registrations", operation }, size, continuation);
  }
}
