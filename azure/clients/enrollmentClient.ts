/**
 * Enrollments, by the DPS service API. Create sends no If-Match, so an existing record is never overwritten unseen.
 * Source: Azure REST API "Device Provisioning Service – Enrollment Group, Individual Enrollment", 2021-10-01.
 */
import type { AttestationMechanism, EnrollmentGroupBody, IndividualEnrollmentBody } from "../wire/dpsEnrollment";
import { DeviceServiceClient } from "./deviceServiceClient";
import type { ClientOptions } from "./jsonClient";

/** A client of one provisioning service, by its host name: connections and sign-in are shared by all that is asked with it. */
export const serviceClient = (serviceEndpoint: string, options: ClientOptions): DeviceServiceClient =>
  new DeviceServiceClient("dps", serviceEndpoint, options);

/** The two kinds of enrollment: path segment, and their name in messages. */
const KINDS = {
  group: { segment: "enrollmentGroups", label: "enrollment group" },
  individual: { segment: "enrollments", label: "individual enrollment" },
} as const;

/** The wire form of each kind. */
export interface EnrollmentBodies {
  group: EnrollmentGroupBody;
  individual: IndividualEnrollmentBody;
}

/** One enrollment of one provisioning service. */
export class EnrollmentClient<K extends keyof EnrollmentBodies> {
  readonly #client: DeviceServiceClient;
  readonly #path: string;
  readonly #label: string;

  /** `service` says where: a {@link serviceClient}, which many may share. `id` is the group or registration ID. */
  constructor(kind: K, service: DeviceServiceClient, id: string) {
    this.#client = service;
    this.#path = `/${KINDS[kind].segment}/${encodeURIComponent(id)}`;
    this.#label = `${KINDS[kind].label} "${id}"`;
  }

  /** The current enrollment; undefined if there is none. */
  get(): Promise<EnrollmentBodies[K] | undefined> {
    return this.#client.read(this.#path, `read ${this.#label}`);
  }

  /** Creates (no `etag`; 409201 when it exists) or replaces what has this `etag` (412 when it has another). */
  async put(body: EnrollmentBodies[K], etag?: string): Promise<EnrollmentBodies[K]> {
    const operation = `${etag === undefined ? "create" : "update"} ${this.#label}`;
    const response = await this.#client.send({ method: "PUT", path: this.#path, body, ifMatch: etag, operation });
    return response.body as EnrollmentBodies[K];
  }

  /** The attestation with its symmetric keys, which {@link get} does not return; undefined if there is no enrollment. */
  async attestation(): Promise<AttestationMechanism | undefined> {
    const response = await this.#client.send({
      method: "POST",
      path: `${this.#path}/attestationmechanism`,
      operation: `read the keys of ${this.#label}`,
      alsoAccepted: [404],
    });
    return response.status === 404 ? undefined : (response.body as AttestationMechanism);
  }

  /** Deletes; already gone is success. `etag` may be `*`. */
  async delete(etag: string): Promise<void> {
    await this.#client.remove(this.#path, etag, `delete ${this.#label}`);
  }
}
