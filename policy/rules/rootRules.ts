import { at, type Rule, UNKNOWN } from "../policyRule";
import {
  CERTIFICATE_AUTHORITY,
  DPS_CERTIFICATE,
  ENROLLMENT_GROUP,
  ENROLLMENT_LIST,
  HUB,
  PROVISIONING_SERVICE,
  RESOURCE_GROUP,
  REVOCATIONS,
  VAULT,
  VERIFIED_CERTIFICATE,
} from "../resourceTypes";

/** Every CA certificate of a provisioning service is verified: Azure accepts only verified ones in enrollments. */
export const verifiedRoots: Rule<unknown> = (resource) => {
  if (resource.type !== DPS_CERTIFICATE) return [];
  const value = at(resource, "properties.isVerified");
  if (value === true || value === UNKNOWN) return [];
  const rule = "devices under an unverified CA certificate cannot register";
  const remedy = "use the component VerifiedCertificate, which proves possession of the CA's key";
  return [{ field: "properties.isVerified", value, rule, remedy }];
};

/** A root is verified by proof of possession, not by assertion. */
export const provenRoots: Rule<unknown> = (resource) => {
  const rule = "in production possession of the root's key is proven, not asserted";
  if (resource.type === VERIFIED_CERTIFICATE) {
    const value = at(resource, "verification");
    const remedy = "pulumi config set verification proofOfPossession";
    return value === "asserted" ? [{ field: "verification", value, rule, remedy }] : [];
  }
  if (resource.type !== DPS_CERTIFICATE || at(resource, "properties.isVerified") !== true) return [];
  const remedy = "use the component VerifiedCertificate with verification: proofOfPossession";
  return [{ field: "properties.isVerified", value: true, rule, remedy }];
};

/** What a wrong edit must not delete; without the revocations, revoked devices would be accepted again. */
const PROTECTED: readonly string[] = [
  RESOURCE_GROUP,
  HUB,
  PROVISIONING_SERVICE,
  VAULT,
  CERTIFICATE_AUTHORITY,
  VERIFIED_CERTIFICATE,
  ENROLLMENT_GROUP,
  ENROLLMENT_LIST,
  REVOCATIONS,
];

/** Pulumi refuses to delete or replace what every device depends on. */
export const protectedResources: Rule<unknown> = ({ type, isProtected }) => {
  if (!PROTECTED.includes(type) || isProtected) return [];
  const rule = "in production it must be protected from deletion and replacement: devices depend on it";
  return [{ field: "protect", value: false, rule, remedy: "pulumi config set protect true" }];
};
