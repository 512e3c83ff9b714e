import { regionKey } from "../../azure/names";
import { type DoctorResult, fail, ok, warn } from "../doctorResult";
import { member, subscriptionCheck, textOf } from "./subscriptionCheck";

/** Where a type of a resource provider can be made; empty where the provider does not say. */
function locationsOf(body: unknown, type: string): readonly string[] {
  const types = member(body, "resourceTypes");
  const found = Array.isArray(types)
    ? types.find((each) => textOf(each, "resourceType").toLowerCase() === type.toLowerCase())
    : undefined;
  const locations = member(found, "locations");
  return Array.isArray(locations) ? locations.map((each) => regionKey(String(each))) : [];
}

/** The providers of an operator endpoint, beside that of its containers. */
const OPERATOR_PROVIDERS = [
  ["Microsoft.ManagedIdentity", ["userAssignedIdentities"]],
  ["Microsoft.Storage", ["storageAccounts"]],
] as const;

/** The resource providers are registered, and serve the region. */
export const providers = subscriptionCheck("Resource providers", async (arm, plan) => {
  const needed = [
    ["Microsoft.Devices", ["IotHubs", "ProvisioningServices"]],
    ...(plan?.vault === undefined ? [] : ([["Microsoft.KeyVault", ["vaults"]]] as const)),
    ...(plan?.operator === undefined ? [] : OPERATOR_PROVIDERS),
    ...(plan?.operator === "containers"
      ? ([["Microsoft.App", ["managedEnvironments", "containerApps"]]] as const)
      : []),
  ] as const;
  const findings: DoctorResult[] = [];
  for (const [namespace, types] of needed) {
    const { body } = await arm.send("GET", `/providers/${namespace}`, "2021-04-01");
    const state = textOf(body, "registrationState") || "NotRegistered";
    const remedy = `az provider register --namespace ${namespace} --wait`;
    if (state === "Registered") findings.push(ok(`${namespace} is registered`));
    else findings.push(warn(`${namespace} is ${state}; Pulumi registers it where it may`, remedy));
    for (const type of plan === undefined ? [] : types) {
      const locations = locationsOf(body, type);
      if (plan === undefined || locations.length === 0 || locations.includes(regionKey(plan.location))) continue;
      const way = `pulumi config set azure-native:location with one of ${locations.slice(0, 8).join(", ")}, …`;
      findings.push(fail(`${namespace}/${type} is not offered in ${plan.location}`, way));
    }
  }
  return findings;
});
