/** The program: settings, components, outputs. The names of the outputs are relied on by users and tools. */
import { ResourceGroup } from "@pulumi/azure-native/resources";
import { CertificateAuthority } from "./components/certificateAuthority";
import { DeviceCertificate } from "./components/deviceCertificate";
import { EnrollmentGroup } from "./components/enrollmentGroup";
import { IndividualEnrollment } from "./components/individualEnrollment";
import { IotHub } from "./components/iotHub";
import { childName } from "./components/naming";
import { ProvisioningService } from "./components/provisioningService";
import { SampleDevice } from "./components/sampleDevice";
import { VerifiedCertificate } from "./components/verifiedCertificate";
import { loadSettings } from "./settings";

export = async () => {
  const settings = await loadSettings();
  const { prefix, location, temperature, enrollmentGroupId } = settings;
  const group = new ResourceGroup(childName(prefix, "rg"), { location, ...settings.resourceGroup });
  const place = { resourceGroupName: group.name, location };
  const hub = new IotHub(prefix, { ...place, ...settings.hub });
  const service = new ProvisioningService(prefix, { ...place, ...settings.provisioningService, hubs: [hub] });

  const ca = new CertificateAuthority(prefix, settings.authority);
  const root = new VerifiedCertificate(prefix, { service, authority: ca.root, ...settings.root });
  const identify = (registrationId: string) =>
    new DeviceCertificate(registrationId, { registrationId, issuer: ca.intermediate, ...settings.device });

  const line = new EnrollmentGroup(enrollmentGroupId, { service, enrollmentGroupId, caReference: root.name });
  const members = settings.groupDevices.map((id) => {
    return new SampleDevice(id, { service, identity: identify(id), enrollment: line, temperature });
  });

  const singles = settings.individualDevices.map(({ registrationId: id, deviceId }) => {
    const identity = identify(id);
    const { certificate } = identity;
    const enrollment = new IndividualEnrollment(id, { service, registrationId: id, deviceId, certificate });
    // The device shows a chain, and a chain must end at a verified CA for an individual enrollment too.
    const device = new SampleDevice(id, { service, identity, enrollment, temperature }, { dependsOn: root });
    return { enrollment, device };
  });

  return {
    resourceGroupName: group.name,
    hubName: hub.name,
    hubHostName: hub.hostName,
    provisioningServiceName: service.name,
    idScope: service.idScope,
    serviceEndpoint: service.serviceEndpoint,
    globalEndpoint: service.globalEndpoint,
    rootCertificate: root.summary,
    enrollmentGroups: [line.summary],
    individualEnrollments: singles.map(({ enrollment }) => enrollment.summary),
    devices: [...members, ...singles.map(({ device }) => device)].map((device) => device.summary),
  };
};
