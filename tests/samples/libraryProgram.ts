// Written by UPDATE_DOCS=1 npx mocha --grep ^docs, from docs/library.md.
import { ResourceGroup } from "@pulumi/azure-native/resources";
import { CertificateAuthority, EnrollmentGroup, IotHub, ProvisioningService, VerifiedCertificate } from "azure-iot-zero-touch";

const location = "northeurope";
const { name: resourceGroupName } = new ResourceGroup("plants", { location });
const hub = new IotHub("plants", { resourceGroupName, location, minimumTls: "1.2", localAuth: "enabled" });
const service = new ProvisioningService("plants", { resourceGroupName, location, hubs: [hub] });
const ca = new CertificateAuthority("plants", { rootName: "Plants root", intermediateName: "Plants line 1" });
const root = new VerifiedCertificate("plants", { service, name: "plants-root", authority: ca.root });
new EnrollmentGroup("presses", { service, enrollmentGroupId: "presses", caReference: root.name });
export const idScope = service.idScope;
