/** Two plants in one stack, each with a hub, a provisioning service and a root of its own. */
import { ResourceGroup } from "@pulumi/azure-native/resources";
import { CertificateAuthority } from "azure-iot-zero-touch/components/certificateAuthority";
import { EnrollmentGroup } from "azure-iot-zero-touch/components/enrollmentGroup";
import { EnrollmentList } from "azure-iot-zero-touch/components/enrollmentList";
import { IotHub } from "azure-iot-zero-touch/components/iotHub";
import { ProvisioningService } from "azure-iot-zero-touch/components/provisioningService";
import { VerifiedCertificate } from "azure-iot-zero-touch/components/verifiedCertificate";

/** What stands in one plant; `name` is the beginning of its resources' names. */
function plant(name: string, location: string) {
  const group = new ResourceGroup(`${name}-rg`, { location });
  const place = { resourceGroupName: group.name, location };
  const hub = new IotHub(name, place);
  const service = new ProvisioningService(name, { ...place, hubs: [hub] });

  const ca = new CertificateAuthority(name, { rootName: `${name} root`, intermediateName: `${name} line 1` });
  const root = new VerifiedCertificate(name, { service, name: `${name}-root`, authority: ca.root });
  new EnrollmentGroup(name, { service, enrollmentGroupId: "presses", caReference: root.name });
  new EnrollmentList(`${name}-meters`, { service, enrollments: { "meter-0001": { caReference: root.name } } });
  return { idScope: service.idScope, hub: hub.hostName };
}

export const north = plant("north", "northeurope");
export const west = plant("west", "westeurope");
