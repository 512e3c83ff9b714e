// biome-ignore-all format: a table of contents, one paragraph per component with every argument by name
/** The program: settings, components, outputs. Users and tools rely on the names of the outputs. */
import { ResourceGroup } from "@pulumi/azure-native/resources";
import { adoptionOf } from "./components/adoption";
import { listedEnrollments } from "./components/enrollmentFile/readEnrollmentFile";
import { EnrollmentGroup } from "./components/enrollmentGroup";
import { EnrollmentList } from "./components/enrollmentList";
import { keepImportedProperties } from "./components/importedResources";
import { IotHub } from "./components/iotHub";
import { KeyVault } from "./components/keyVault";
import { childName } from "./components/naming";
import { ProvisioningService } from "./components/provisioningService";
import { createSampleFleet } from "./components/sampleFleet";
import { createTrustedRoots } from "./components/trustedRoots";
import { loadSettings } from "./settings/loadSettings";

export = async () => {
  const settings = await loadSettings();
  const { prefix, location, tags, resourceGroupName, minimumTls, localAuth, protect, adopt, revoked, revokedThumbprints } = settings;
  const { caKeys, deviceCredentials, enrollmentKeys, enrollmentGroupId, groupDevices, individualDevices, individualsFile } = settings;
  const enrollments = await listedEnrollments({ individualsFile, groupDevices, individualDevices });
  const protectOptions = { protect };
  const importOptions = { protect, transformations: settings.keepImported ? [keepImportedProperties] : [] };

  const resourceGroup = new ResourceGroup(childName(prefix, "rg"), { resourceGroupName, location, tags }, importOptions);
  const hub = new IotHub(prefix, { resourceGroupName: resourceGroup.name, location, tags, minimumTls, localAuth,
    name: settings.hub.name, sku: settings.hub.sku, units: settings.hub.units }, importOptions);
  const { name, units, allocationPolicy } = settings.provisioningService;
  const service = new ProvisioningService(prefix, { resourceGroupName: resourceGroup.name, location, tags,
    name, units, allocationPolicy, hubs: [hub] }, importOptions);
  const { uses, uri, softDeleted, purgeProtection } = settings.keyVault;
  const vault = uses.length === 0 ? undefined : new KeyVault(prefix, { resourceGroupName: resourceGroup.name, location, tags,
    name: settings.keyVault.name, uri, uses, softDeleted, purgeProtection }, protectOptions);
  const vaultFor = (keyLocation: typeof caKeys) => (keyLocation === "keyVault" ? vault : undefined);
  const roots = createTrustedRoots(prefix, { service, generations: settings.generations, authority: settings.authority,
    certificateName: settings.rootCertificateName, verification: settings.verification, adopt, vault: vaultFor(caKeys) }, protectOptions);
  const { caReference, secondaryCaReference, certificates: trustedCertificates, newest: root, issuer } = roots;
  // Stable name, so that a new ID replaces the group. The alias covers stacks that name the group by its ID.
  const group = new EnrollmentGroup(prefix, { service, enrollmentGroupId, caReference, secondaryCaReference,
    adopt: adoptionOf(adopt, enrollmentGroupId) }, { protect, aliases: [{ name: enrollmentGroupId }] });
  const enrollmentList = enrollments && new EnrollmentList(prefix, { service, enrollments, trustedCertificates, revoked, revokedThumbprints,
    adopt, defaultAttestation: { caReference, secondaryCaReference }, vault: vaultFor(enrollmentKeys) }, protectOptions);
  const fleet = createSampleFleet(prefix, { service, root, issuer, group, groupDevices, individualDevices, enrollmentList,
    certificate: settings.device, vault: vaultFor(deviceCredentials), revoked, revokedThumbprints, adopt,
    temperature: settings.temperature }, protectOptions);

  return {
    resourceGroupName: resourceGroup.name, hubName: hub.name, hubHostName: hub.hostName, provisioningServiceName: service.name,
    idScope: service.idScope, serviceEndpoint: service.serviceEndpoint, globalEndpoint: service.globalEndpoint,
    rootCertificate: root.summary, enrollmentGroups: [group.summary],
    individualEnrollments: fleet.enrollments.map(({ summary }) => summary), devices: fleet.devices.map(({ summary }) => summary),
    ...(enrollmentList && { enrollmentList: enrollmentList.summary }), ...(vault && { keyVault: vault.summary(roots.keyIds, fleet.secretIds) }),
  };
};
