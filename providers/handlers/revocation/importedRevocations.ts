/** Revocations that no stack has: the devices that bear the toolkit's mark, at the service or in a hub. */
import type { IndividualEnrollmentBody } from "../../../azure/wire/dpsEnrollment";
import { eachOf } from "../enrollment/bulkChanges";
import type { AzureGateway } from "../resource/azureGateway";
import { unknownCertificate } from "../resource/unknownCertificate";
import { type Blocked, keyOf, type Revoked } from "./revokedDevices";
import { itemsOf } from "./thumbprintSearch";

type Gateway = Pick<AzureGateway, "enrollmentList" | "registrationRecord" | "identity">;

/** The certificate by which an enrollment blocks a device: its thumbprint. */
function certificateOf({ attestation }: IndividualEnrollmentBody): Pick<Revoked, "certificate"> {
  const thumbprint = attestation.x509?.clientCertificates?.primary?.info?.sha1Thumbprint;
  return thumbprint === undefined ? {} : { certificate: unknownCertificate(thumbprint) };
}

/**
 * The devices that an earlier program has blocked. A device with an enrollment of its own has the mark on its identity only,
 * and the enrollment was enabled before. `isOurs` knows the mark of an enrollment, and `mark` is that of an identity.
 */
export async function markedDevices(
  gateway: Gateway,
  service: string,
  isOurs: (body: IndividualEnrollmentBody) => boolean,
  mark: string,
): Promise<{ readonly devices: readonly Revoked[]; readonly blocked: readonly Blocked[] }> {
  const disabled: IndividualEnrollmentBody[] = [];
  for await (const body of itemsOf(gateway.enrollmentList(service)))
    if (body.provisioningStatus === "disabled") disabled.push(body);
  const found: { readonly device: Revoked; readonly blocked: Blocked }[] = [];
  await eachOf(disabled, async (body) => {
    const { registrationId } = body;
    const { assignedHub, deviceId } = (await gateway.registrationRecord(service, registrationId).get()) ?? {};
    const isAssigned = assignedHub !== undefined && deviceId !== undefined;
    const place = isAssigned ? { assignedHub, deviceId } : {};
    if (isOurs(body))
      found.push({ device: { registrationId, ...certificateOf(body) }, blocked: { registrationId, ...place } });
    else if (isAssigned && (await gateway.identity(assignedHub, deviceId).get())?.statusReason === mark)
      found.push({ device: { registrationId }, blocked: { registrationId, ...place, wasEnabled: true } });
  });
  found.sort((one, other) => (keyOf(one.device) < keyOf(other.device) ? -1 : 1));
  return { devices: found.map(({ device }) => device), blocked: found.map(({ blocked }) => blocked) };
}
