import { at, namesAfter, type PolicyViolation, type Resource, type Rule, UNKNOWN } from "../policyRule";
import {
  ENROLLMENT_GROUP,
  ENROLLMENT_LIST,
  INDIVIDUAL_ENROLLMENT,
  LISTED,
  PROVISIONING_SERVICE,
  VAULT,
} from "../resourceTypes";

/** The violation of an enrollment with shared keys at a path. */
function sharedKey(resource: Resource, ...path: readonly string[]): readonly PolicyViolation[] {
  const key = at(resource, [...path, "symmetricKey"]);
  if (key === undefined || key === null) return [];
  const rule = "in production devices register by certificate: a shared key is enough to impersonate a device";
  const remedy = "give the enrollment a certificate or a caReference in place of symmetricKey";
  return [{ field: [...path, "symmetricKey"].join("."), value: "[secret]", rule, remedy }];
}

/** No enrollment by shared keys, and no vault with access policies instead of roles. */
export const noSharedKeys: Rule<unknown> = (resource) => {
  if (resource.type === ENROLLMENT_GROUP || resource.type === INDIVIDUAL_ENROLLMENT) return sharedKey(resource);
  if (resource.type === ENROLLMENT_LIST) {
    return namesAfter(resource, LISTED).flatMap((id) => sharedKey(resource, `${LISTED}${id}`));
  }
  if (resource.type !== VAULT) return [];
  const field = "properties.enableRbacAuthorization";
  const value = at(resource, field);
  if (value === true || value === UNKNOWN) return [];
  const rule = "in production, Entra roles decide who may use a vault";
  return [{ field, value, rule, remedy: `set ${field} to true and assign Key Vault roles` }];
};

/** Host and policy of a connection string, without its key. */
function withoutKey(connectionString: unknown): string {
  const text = typeof connectionString === "string" ? connectionString : "";
  return text
    .split(";")
    .filter((part) => /^(HostName|SharedAccessKeyName)=/i.test(part))
    .join(";");
}

/** A hub is linked by a managed identity. */
export const linkedByIdentity: Rule<unknown> = (resource) => {
  if (resource.type !== PROVISIONING_SERVICE) return [];
  const count = at(resource, "properties.iotHubs.length");
  if (typeof count !== "number") return [];
  return Array.from({ length: count }, (_, index): readonly PolicyViolation[] => {
    const place = `properties.iotHubs.${index}`;
    const value = at(resource, `${place}.connectionString`);
    if (value === undefined || value === null || value === "") return [];
    const rule = "in production a provisioning service reaches its hub by a managed identity, and holds no key of it";
    const remedy =
      "link the hub by the service's identity (component ProvisioningService: linkBy; in the toolkit's own stack " +
      "pulumi config set linkBy identity), then run pulumi refresh, which takes the key out of the state";
    const shown = value === UNKNOWN ? "[known at the deployment]" : withoutKey(value);
    return [{ field: `${place}.connectionString`, value: shown, rule, remedy }];
  }).flat();
};
