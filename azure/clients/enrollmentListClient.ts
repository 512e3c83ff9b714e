/**
 * The individual enrollments of a provisioning service all together: bulk operations and queries of the service API.
 * Source: Azure REST API "Device Provisioning Service – Individual Enrollment – Run Bulk Operation, Query", 2021-10-01.
 */
import { explain } from "../explain";
import type { Explanation } from "../explanation";
import type { BulkEnrollment, BulkMode, IndividualEnrollmentBody } from "../wire/dpsEnrollment";
import type { DeviceServiceClient, QueryPage } from "./deviceServiceClient";

/** Most enrollments that one bulk operation takes. */
export const BULK_LIMIT = 10;

/** One enrollment that a bulk operation refused; the others of the call were done. */
export interface BulkRefusal {
  readonly registrationId: string;
  /** Azure's own code as text: `409201`. */
  readonly code: string;
  /** Azure's own words. */
  readonly said: string;
  readonly explanation: Explanation;
}

interface BulkAnswer {
  readonly errors?: readonly { registrationId: string; errorCode: number; errorStatus?: string }[] | null;
}

/** The individual enrollments of one provisioning service. */
export class EnrollmentListClient {
  readonly #client: DeviceServiceClient;

  /** `service` is a `serviceClient`. */
  constructor(service: DeviceServiceClient) {
    this.#client = service;
  }

  /**
   * Runs one bulk operation on 1 to {@link BULK_LIMIT} enrollments; returns the refused ones. A deletion from a
   * service that is gone itself is done.
   */
  async run(mode: BulkMode, enrollments: readonly BulkEnrollment[]): Promise<readonly BulkRefusal[]> {
    const { body } = await this.#client.send({
      method: "POST",
      path: "/enrollments",
      body: { mode, enrollments },
      operation: `${mode === "updateIfMatchETag" ? "update" : mode} ${enrollments.length} individual enrollments at once`,
      alsoAccepted: mode === "delete" ? [404] : undefined,
    });
    return ((body as BulkAnswer | undefined)?.errors ?? []).map(({ registrationId, errorCode, errorStatus }) => {
      const code = String(errorCode);
      return {
        registrationId,
        code,
        said: errorStatus ?? "",
        explanation: explain("dps", code, Math.floor(errorCode / 1000)),
      };
    });
  }

  /** A page of up to `size` enrollments, without symmetric keys; none where the service is gone itself. */
  page(size: number, continuation?: string): Promise<QueryPage<IndividualEnrollmentBody>> {
    const operation = "query the individual enrollments";
    const call = { path: "/enrollments/query", query: "SELECT * FROM enrollments", operation };
    return this.#client.query(call, size, continuation);
  }
}
