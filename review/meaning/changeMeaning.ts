/** The meaning of a change, by the resource's type. */
import type { Change } from "../change";
import { code, prose } from "../displayValue";
import { because, type ChangeReader, loss, type ReviewContext, type ReviewFinding, unsettled } from "../reviewFinding";
import { certificateAuthority, deviceCertificate, verifiedCertificate } from "./authorityMeaning";
import { deviceRegistration, revocations, telemetryReceipt } from "./deviceMeaning";
import { enrollmentGroup, enrollmentList, individualEnrollment } from "./enrollmentMeaning";
import { hub, provisioningService, resourceGroup } from "./hubMeaning";
import { hubLinks, serviceIdentity } from "./linkMeaning";
import { roleAssignment } from "./roleMeaning";
import { vault, vaultPart } from "./vaultMeaning";

/** The most destructive first. */
const READERS: Readonly<Record<string, ChangeReader>> = Object.freeze({
  "azure-native:resources:ResourceGroup": resourceGroup,
  "azure-native:iothub:IotHubResource": hub,
  "azure-native:deviceprovisioningservices:IotDpsResource": provisioningService,
  "azure-native:keyvault:Vault": vault,
  "pulumi-nodejs:dynamic/iot:CertificateAuthority": certificateAuthority,
  "pulumi-nodejs:dynamic/iot:VerifiedCertificate": verifiedCertificate,
  "pulumi-nodejs:dynamic/iot:DeviceCertificate": deviceCertificate,
  "pulumi-nodejs:dynamic/iot:EnrollmentGroup": enrollmentGroup,
  "pulumi-nodejs:dynamic/iot:IndividualEnrollment": individualEnrollment,
  "pulumi-nodejs:dynamic/iot:EnrollmentList": enrollmentList,
  "pulumi-nodejs:dynamic/iot:HubLinks": hubLinks,
  "pulumi-nodejs:dynamic/iot:ServiceIdentity": serviceIdentity,
  "pulumi-nodejs:dynamic/iot:DeviceRegistration": deviceRegistration,
  "pulumi-nodejs:dynamic/iot:TelemetryReceipt": telemetryReceipt,
  "pulumi-nodejs:dynamic/iot:Revocations": revocations,
  "azure-native:authorization:RoleAssignment": roleAssignment,
  "pulumi-nodejs:dynamic/iot:VaultName": vaultPart,
  "pulumi-nodejs:dynamic/iot:VaultAccess": vaultPart,
});

const ORDER = Object.keys(READERS);

/** Sort key of a change's findings: 0 for the most destructive. */
export function weightOf({ token }: Change): number {
  const at = ORDER.indexOf(token);
  return at < 0 ? ORDER.length : at;
}

/** A resource of another type: its deletion and replacement are destructive, too. */
const unknown: ChangeReader = (change) => {
  const what = `${change.type} ${code(change.name)}`;
  const lost = loss(change, {
    deleted: `${what} is **deleted**.`,
    replaced: `${what} is **replaced**${because(change)}.`,
  });
  if (lost.length > 0) return lost;
  return [{ section: "other", text: `${what} is ${change.action === "update" ? "updated" : "new"}.` }];
};

/** Changed tags of any Azure resource. */
function tags(change: Change): readonly ReviewFinding[] {
  const changed = change.action === "update" ? change.differences.filter(({ property }) => property === "tags") : [];
  if (changed.length === 0) return [];
  const paths = changed.map(({ path }) => code(path)).join(", ");
  return [{ section: "twins", text: `${change.type} ${code(change.name)} gets other Azure tags: ${paths}.` }];
}

/** What the change means. An update without a finding of its own gets a general one, so the report is complete. */
export function meaningOf(change: Change, context: ReviewContext): readonly ReviewFinding[] {
  const known = READERS[change.token];
  const found = [...(known ?? unknown)(change, context), ...tags(change)];
  if (found.length > 0 || change.action !== "update" || change.after.revoked === true) return found;
  const why = [
    ...change.differences.map(({ path }) => code(path)),
    ...unsettled(change).map(({ what, state }) => `${code(what)} is ${prose(state)}`),
  ];
  const reason = why.length === 0 ? ", though no visible input differs" : `: ${why.join(", ")}`;
  return [{ section: "other", text: `${change.type} ${code(change.name)} is updated${reason}.` }];
}
