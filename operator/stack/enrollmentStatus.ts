/** Sets the status of enrollments that the stack does not own, by the service API. */
import { AzureError } from "../../azure/clients/azureError";
import type { EnrollmentBodies } from "../../azure/clients/enrollmentClient";
import type { AttestationMechanism, ProvisioningStatus } from "../../azure/wire/dpsEnrollment";
import { OperatorError } from "../operatorError";

/** A client of one enrollment. */
interface StatusClient<B> {
  get(): Promise<B | undefined>;
  put(body: B, etag?: string): Promise<B>;
  attestation(): Promise<AttestationMechanism | undefined>;
}

function failed(error: unknown): unknown {
  if (error instanceof AzureError && error.status === 412) {
    const remedy = "run the command again: it reads the enrollment first";
    return new OperatorError("StackFailed", "The enrollment was changed in the meantime.", remedy, { cause: error });
  }
  return error;
}

/**
 * Enables or disables an enrollment; all else stays as it is. Keys are sent along, because the service makes new ones
 * without them. A status that is set already is success. Errors: NotFound, StackFailed, AzureError.
 */
export async function setEnrollmentStatus<B extends EnrollmentBodies[keyof EnrollmentBodies]>(
  client: StatusClient<B>,
  label: string,
  provisioningStatus: ProvisioningStatus,
): Promise<void> {
  try {
    const present = await client.get();
    if (present === undefined) {
      const remedy = "check the ID: Get-StampInformation shows the stack's enrollments";
      throw new OperatorError("NotFound", `The provisioning service has no ${label}.`, remedy);
    }
    if ((present.provisioningStatus ?? "enabled") === provisioningStatus) return;
    const { type } = present.attestation;
    const attestation = type === "symmetricKey" ? await client.attestation() : undefined;
    await client.put({ ...present, attestation: attestation ?? present.attestation, provisioningStatus }, present.etag);
  } catch (error) {
    throw failed(error);
  }
}
