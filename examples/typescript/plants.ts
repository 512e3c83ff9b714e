/** Two plants in one stack, each with a hub, a provisioning service and a root of its own. */
import { ResourceGroup } from "@pulumi/azure-native/resources";
import {
  CertificateAuthority,
  EnrollmentGroup,
  EnrollmentList,
  IotHub,
  ProvisioningService,
  VerifiedCertificate,
} from "azure-iot-zero-touch";

/** The resources of one plant; their names start with `name`. */
function plant(name: string, location: string) {
  const group = new ResourceGroup(`${name}-rg`, { location });
  const resourceGroupName = group.name;
  const hub = new IotHub(name, { resourceGroupName, location, minimumTls: "1.2", localAuth: "enabled" });
  const service = new ProvisioningService(name, { resourceGroupName, location, hubs: [hub] });

  const ca = new CertificateAuthority(name, { rootName: `${name} root`, intermediateName: `${name} line 1` });
  const root = new VerifiedCertificate(name, { service, name: `${name}-root`, authority: ca.root });
  new EnrollmentGroup(name, { service, enrollmentGroupId: "presses", caReference: root.name });
  const enrollments = { "meter-0001": { caReference: root.name } };
  new EnrollmentList(`${name}-meters`, { service, enrollments, revoked: [], revokedThumbprints: [] });
  return { idScope: service.idScope, hub: hub.hostName };
}

export const north = plant("north", "northeurope");
export const west = plant("west", "westeurope");
