"use strict";
/**
 * Makes, changes, deletes, recovers and purges a vault with @azure/arm-keyvault, and a role assignment at it with
 * @azure/arm-authorization; makes and reads a key of the vault on the way; prints what it saw. Arguments: resource group, name of the vault, object id of the caller.
 */
const { AuthorizationManagementClient } = require("@azure/arm-authorization");
const { KeyVaultManagementClient } = require("@azure/arm-keyvault");
const { DefaultAzureCredential } = require("@azure/identity");

const [group, name, principalId] = process.argv.slice(2);
const tenantId = process.env.AZURE_TENANT_ID;
const subscription = process.env.AZURE_SUBSCRIPTION_ID;
const credential = new DefaultAzureCredential();
const { keys, vaults } = new KeyVaultManagementClient(credential, subscription);
const roles = new AuthorizationManagementClient(credential, subscription);
const location = "westeurope";
const base = { tenantId, sku: { family: "A", name: "standard" } };

async function refusal(work) {
  try {
    await work();
  } catch (error) {
    return [error.statusCode, error.code];
  }
  return undefined;
}

const names = async (items) => {
  const all = [];
  for await (const item of items) all.push(item.name);
  return all;
};

async function main() {
  const seen = {};
  const create = (properties) =>
    vaults.createOrUpdate(group, name, { location, properties: { ...base, ...properties } });
  seen.free = (await vaults.checkNameAvailability({ name, type: "Microsoft.KeyVault/vaults" })).nameAvailable;
  const made = await create({ softDeleteRetentionInDays: 7 });
  seen.byRoles = made.properties.enableRbacAuthorization;
  seen.uri = made.properties.vaultUri;
  seen.taken = (await vaults.checkNameAvailability({ name, type: "Microsoft.KeyVault/vaults" })).reason;
  seen.listed = await names(vaults.listByResourceGroup(group));
  const policies = [{ tenantId, objectId: principalId, permissions: { secrets: ["get"] } }];
  const added = await vaults.updateAccessPolicy(group, name, "add", { properties: { accessPolicies: policies } });
  seen.policies = added.properties.accessPolicies.length;
  seen.patched = (await vaults.update(group, name, { tags: { changed: "yes" } })).tags;
  const rotationPolicy = { lifetimeActions: [{ trigger: { timeAfterCreate: "P1Y" }, action: { type: "rotate" } }] };
  const key = await keys.createIfNotExist(group, name, "line", { properties: { kty: "EC", rotationPolicy } });
  const same = await keys.createIfNotExist(group, name, "line", { properties: { kty: "RSA" } });
  const version = key.keyUriWithVersion.split("/").at(-1);
  seen.key = [key.kty, key.curveName, key.keyUri, key.rotationPolicy.lifetimeActions[0].trigger.timeAfterCreate];
  seen.sameKey = same.keyUriWithVersion === key.keyUriWithVersion;
  seen.keys = await names(keys.list(group, name));
  seen.versions = (await names(keys.listVersions(group, name, "line"))).length;
  seen.version = (await keys.getVersion(group, name, "line", version)).name === version;
  seen.noKey = await refusal(() => keys.get(group, name, "none"));
  const [role] = await (async () => {
    const all = [];
    const filter = "roleName eq 'Key Vault Secrets User'";
    for await (const item of roles.roleDefinitions.list(made.id, { filter })) all.push(item);
    return all;
  })();
  const guid = "00000000-0000-4000-8000-00000000aaaa";
  const wanted = { roleDefinitionId: role.id, principalId, principalType: "ServicePrincipal" };
  seen.role = (await roles.roleAssignments.create(made.id, guid, wanted)).principalId === principalId;
  seen.twice = await refusal(() => roles.roleAssignments.create(made.id, guid.replace(/a/g, "b"), wanted));
  seen.assignments = await names(roles.roleAssignments.listForScope(made.id, { filter: "atScope()" }));
  await roles.roleAssignments.delete(made.id, guid);
  await vaults.delete(group, name);
  seen.deleted = (await vaults.getDeleted(name, location)).properties.vaultId === made.id;
  seen.inTheWay = await refusal(() => create({}));
  seen.recovered = (await create({ createMode: "recover" })).name;
  await vaults.delete(group, name);
  await vaults.purgeDeleted(name, location);
  seen.left = await names(vaults.listDeleted());
  console.log(JSON.stringify(seen));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
