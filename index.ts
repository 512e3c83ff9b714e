/** The program: settings, components, outputs. Users and tools rely on the names of the outputs. */
import { ResourceGroup } from "@pulumi/azure-native/resources";
import {
  createTrustedRoots,
  EnrollmentGroup,
  EnrollmentList,
  IotHub,
  KeyVault,
  keepImportedProperties,
  OperatorEndpoint,
  ProvisioningService,
  Revocations,
  TelemetryReceipt,
} from "azure-iot-zero-touch";
import { adoptionOf } from "./components/adoption";
import { listedEnrollments } from "./components/enrollmentFile/readEnrollmentFile";
import { childName, isListed } from "./components/naming";
import { createSampleDevices, createSampleEnrollments } from "./components/sampleFleet";
import { loadSettings } from "./settings/loadSettings";

export = async () => {
  const settings = await loadSettings();
  const { prefix, location, tags, adopt, revoked, revokedThumbprints, disabledEnrollments } = settings;
  const enrollments = await listedEnrollments(settings);
  const options = { protect: settings.protect };
  const importOptions = { ...options, transformations: settings.keepImported ? [keepImportedProperties] : [] };

  const resourceGroup = new ResourceGroup(
    childName(prefix, "rg"),
    { resourceGroupName: settings.resourceGroupName, location, tags },
    importOptions,
  );
  const groupArgs = { resourceGroupName: resourceGroup.name, location, tags };
  const hub = new IotHub(
    prefix,
    {
      ...groupArgs,
      name: settings.hub.name,
      sku: settings.hub.sku,
      units: settings.hub.units,
      minimumTls: settings.minimumTls,
      localAuth: settings.localAuth,
    },
    importOptions,
  );
  const { name, units, allocationPolicy } = settings.provisioningService;
  const service = new ProvisioningService(
    prefix,
    {
      ...groupArgs,
      name,
      units,
      allocationPolicy,
      hubs: [hub],
      linkBy: settings.keepImported ? "unmanaged" : settings.linkBy,
      localAuth: settings.localAuth === "off" && !settings.keepImported ? "off" : undefined,
    },
    importOptions,
  );
  const { uses, uri, softDeleted, purgeProtection, principals } = settings.keyVault;
  const vaultArgs = { ...groupArgs, name: settings.keyVault.name, uses, uri, softDeleted, purgeProtection, principals };
  const vault = uses.length === 0 ? undefined : new KeyVault(prefix, vaultArgs, options);
  const vaultFor = (keyLocation: typeof settings.caKeys) => (keyLocation === "keyVault" ? vault : undefined);

  const roots = createTrustedRoots(
    prefix,
    {
      service,
      adopt,
      generations: settings.generations,
      authority: settings.authority,
      certificateName: settings.rootCertificateName,
      verification: settings.verification,
      vault: vaultFor(settings.caKeys),
    },
    options,
  );
  const authorities = { caReference: roots.caReference, secondaryCaReference: roots.secondaryCaReference };
  // Stable name, so that a new ID replaces the group. The alias covers stacks that name the group by its ID.
  const { enrollmentGroupId } = settings;
  const group = new EnrollmentGroup(
    prefix,
    {
      service,
      enrollmentGroupId,
      ...authorities,
      provisioningStatus: isListed(disabledEnrollments, enrollmentGroupId) ? "disabled" : undefined,
      adopt: adoptionOf(adopt, enrollmentGroupId),
    },
    { ...options, aliases: [{ name: enrollmentGroupId }] },
  );
  const enrollmentList =
    enrollments &&
    new EnrollmentList(
      prefix,
      {
        service,
        enrollments,
        revoked,
        revokedThumbprints,
        disabledEnrollments,
        adopt,
        trustedCertificates: roots.certificates,
        defaultAttestation: authorities,
        vault: vaultFor(settings.enrollmentKeys),
      },
      options,
    );
  const samples = createSampleEnrollments({
    service,
    adopt,
    revoked,
    revokedThumbprints,
    disabledEnrollments,
    issuer: roots.issuer,
    groupDevices: settings.groupDevices,
    individualDevices: settings.individualDevices,
    certificate: settings.device,
    vault: vaultFor(settings.deviceCredentials),
  });
  const revocations = new Revocations(
    prefix,
    { service, devices: samples.revokedDevices, thumbprints: revokedThumbprints },
    // Blocked enrollments are disabled before their devices.
    { ...options, dependsOn: [...samples.revokedEnrollments, ...(enrollmentList ? [enrollmentList] : [])] },
  );
  const devices = createSampleDevices({
    service,
    group,
    isGroupDisabled: isListed(disabledEnrollments, enrollmentGroupId),
    samples,
    temperature: settings.temperature,
    transport: settings.transport,
    dependsOn: [roots.newest, revocations],
  });

  const consumerGroup = settings.receiptConsumerGroup;
  const receipt =
    consumerGroup !== undefined && devices.length > 0
      ? new TelemetryReceipt(prefix, { hub, devices, consumerGroup })
      : undefined;

  const operator = settings.operatorEndpoint;
  const operatorEndpoint =
    operator &&
    new OperatorEndpoint(
      prefix,
      {
        location,
        tags,
        environmentId: resourceGroup.id,
        hubId: hub.resourceId,
        provisioningServiceId: service.resourceId,
        retentionDays: operator.retentionDays,
        containers: operator.containers,
      },
      options,
    );

  return {
    resourceGroupName: resourceGroup.name,
    hubName: hub.name,
    hubHostName: hub.hostName,
    provisioningServiceName: service.name,
    idScope: service.idScope,
    serviceEndpoint: service.serviceEndpoint,
    globalEndpoint: service.globalEndpoint,
    rootCertificate: roots.newest.summary,
    enrollmentGroups: [group.summary],
    individualEnrollments: samples.enrollments.map(({ summary }) => summary),
    devices: devices.map(({ summary }) => summary),
    ...(receipt && { telemetryReceipts: receipt.receipts }),
    ...(enrollmentList && { enrollmentList: enrollmentList.summary }),
    ...(operatorEndpoint && { operatorEndpoint: operatorEndpoint.summary }),
    ...(vault && { keyVault: vault.summary(roots.keyIds, samples.secretIds) }),
  };
};
