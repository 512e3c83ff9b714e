/** The program: settings, components, outputs. The names of the outputs are relied on by users and tools. */
import { ResourceGroup } from "@pulumi/azure-native/resources";
import { listedEnrollments } from "./components/enrollmentFile/readEnrollmentFile";
import { EnrollmentGroup } from "./components/enrollmentGroup";
import { EnrollmentList } from "./components/enrollmentList";
import { IotHub } from "./components/iotHub";
import { KeyVault } from "./components/keyVault";
import { caKeyNames, childName } from "./components/naming";
import { ProvisioningService } from "./components/provisioningService";
import { SampleFleet } from "./components/sampleFleet";
import { TrustedRoots } from "./components/trustedRoots";
import { loadSettings } from "./settings/settings";

export = async () => {
  const settings = await loadSettings();
  const enrollments = await listedEnrollments(settings);
  const { prefix, location, enrollmentGroupId, governance } = settings;
  const held = governance.protect ? { protect: true } : {};
  const kept = governance.keepImported ? { ...held, ignoreChanges: ["tags", "managedBy"] } : held;
  const group = new ResourceGroup(childName(prefix, "rg"), { location, ...settings.resourceGroup }, kept);
  const place = { resourceGroupName: group.name, location, governance };
  const hub = new IotHub(prefix, { ...place, ...settings.hub });
  const service = new ProvisioningService(prefix, { ...place, ...settings.provisioningService, hubs: [hub] });

  const { caKeys, deviceCredentials, enrollmentKeys } = settings.keyVault;
  const vault = settings.keyVault.vault && new KeyVault(prefix, { ...place, ...settings.keyVault.vault });
  const inVault = (keeper: typeof caKeys) => (vault && keeper === "keyVault" ? { vault } : undefined);
  const key = vault && caKeys === "keyVault" ? { vault, ...caKeyNames(prefix) } : undefined;

  const trust = { ...settings, ...held, authority: { ...settings.authority, key }, service };
  const roots = new TrustedRoots(prefix, trust);
  const { issuer, newest: root, references } = roots;
  const adopt = settings.adopt.get(enrollmentGroupId.toLowerCase());
  // By a name that stays, so that another ID replaces the group: DPS lets a CA stand in one group only, and the old one
  // must go first. It was named by its ID before.
  const named = { ...held, aliases: [{ name: enrollmentGroupId }] };
  const line = new EnrollmentGroup(prefix, { service, enrollmentGroupId, ...references, adopt }, named);
  const listing = { ...settings, service, otherwise: references, trustedCertificates: roots.certificates };
  const store = inVault(enrollmentKeys);
  const listed = enrollments && new EnrollmentList(prefix, { ...listing, enrollments, store }, held);
  const device = { ...settings.device, store: inVault(deviceCredentials) };
  const fleet = new SampleFleet(prefix, { ...settings, ...held, device, service, group: line, root, issuer, listed });

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
    individualEnrollments: fleet.enrollments.map((enrollment) => enrollment.summary),
    devices: fleet.devices.map((device) => device.summary),
    ...(listed && { enrollmentList: listed.summary }),
    ...(vault && { keyVault: vault.summary(roots.keyIds, fleet.secretIds) }),
  };
};
