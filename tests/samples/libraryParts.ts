// Written by UPDATE_DOCS=1 npx mocha --grep ^docs, from docs/library.md.
import type { Config, Output } from "@pulumi/pulumi";
import { CertificateAuthority, DeviceCertificate, EnrollmentGroup, EnrollmentList, IndividualEnrollment, IotHub, KeyVault, ProvisioningService, SampleDevice, VerifiedCertificate } from "azure-iot-zero-touch";

declare const config: Config;
declare const resourceGroupName: Output<string>;
declare const location: string;
{
const north = new IotHub("north", {
  resourceGroupName,
  location: "northeurope",
  minimumTls: "1.2",
  localAuth: "serviceOnly",
  identity: { type: "SystemAssigned" },
  properties: {
    publicNetworkAccess: "Enabled",
    ipFilterRules: [{ filterName: "plant", action: "Accept", ipMask: "203.0.113.0/24" }],
  },
});
void north;
{
const west = new IotHub("west", { resourceGroupName, location: "westeurope", minimumTls: "1.2", localAuth: "enabled" });
const existing = {
  hostName: "plant-4-hub.azure-devices.net",
  location: "westeurope",
  resourceId: config.require("plant4HubId"),
  allocationWeight: 2,
};
const service = new ProvisioningService("plants", {
  resourceGroupName,
  location: "northeurope",
  allocationPolicy: "geoLatency",
  hubs: [north, west, existing],
});
void west;
void existing;
void service;
{
const shared = { serviceEndpoint: "plants-dps.azure-devices-provisioning.net" };
new IndividualEnrollment("press-09", { service: shared, registrationId: "press-09", symmetricKey: {} });
void shared;
{
const vault = new KeyVault("plants", {
  resourceGroupName,
  location: "northeurope",
  uses: ["keys", "certificates", "secrets"],
});
const ca = new CertificateAuthority("plants", {
  rootName: "Plants root",
  intermediateName: "Plants line 1",
  vaultKeys: { vault, rootKeyName: "plants-root", intermediateKeyName: "plants-line-1" },
});
const root = new VerifiedCertificate("plants", { service, name: "plants-root", authority: ca.root });

const group = new EnrollmentGroup("presses", { service, enrollmentGroupId: "presses", caReference: root.name });
const press = new DeviceCertificate("press-01", {
  registrationId: "press-01",
  issuer: ca.intermediate,
  revokedThumbprints: [],
  vault,
});
new SampleDevice("press-01", { service, identity: press, enrollment: group, revoked: false });

const meters = new EnrollmentList("meters", {
  service,
  enrollments: { "meter-0001": { symmetricKey: {} }, "meter-0002": { deviceId: "basement" } },
  defaultAttestation: { caReference: root.name },
  revoked: ["meter-0002"],
  revokedThumbprints: [],
  vault,
});
const pressSecret = press.secretId;
const meterKeys = meters.symmetricKeyIds;
void vault;
void ca;
void root;
void group;
void press;
void meters;
void pressSecret;
void meterKeys;
}
}
}
}
