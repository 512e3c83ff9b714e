import { ResourceGroup } from "@pulumi/azure-native/resources";
import { Config } from "@pulumi/pulumi";
import {
  CertificateAuthority,
  EnrollmentGroup,
  IotHub,
  ProvisioningService,
  VerifiedCertificate,
} from "azure-iot-zero-touch";

const config = new Config();
const location = config.require("location");
const { name: resourceGroupName } = new ResourceGroup("plants", { location });
const hub = new IotHub("plants", { resourceGroupName, location, minimumTls: "1.2", localAuth: "enabled" });
const service = new ProvisioningService("plants", { resourceGroupName, location, hubs: [hub] });
const ca = new CertificateAuthority("plants", {
  rootName: config.require("rootName"),
  intermediateName: "Plants line 1",
});
const root = new VerifiedCertificate("plants", { service, name: "plants-root", authority: ca.root });
const presses = new EnrollmentGroup("presses", { service, enrollmentGroupId: "presses", caReference: root.name });

export const idScope = service.idScope;
export const hubHostName = hub.hostName;
export const enrollmentGroupId = presses.enrollmentGroupId;
