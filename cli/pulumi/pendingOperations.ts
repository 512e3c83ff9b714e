import type { PendingOperation } from "./stackState";

const GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";
const HUB = `${GROUP}/providers/Microsoft.Devices/IotHubs/{resourceName}`;
const PROVISIONING = `${GROUP}/providers/Microsoft.Devices/provisioningServices/{provisioningServiceName}`;

/** The ids of this toolkit's azure-native types. The names in braces are inputs, after auto-naming. */
const IDS: Readonly<Record<string, string>> = Object.freeze({
  "azure-native:resources:ResourceGroup": GROUP,
  "azure-native:iothub:IotHubResource": HUB,
  "azure-native:iothub:IotHubResourceEventHubConsumerGroup": `${HUB}/eventHubEndpoints/{eventHubEndpointName}/ConsumerGroups/{name}`,
  "azure-native:deviceprovisioningservices:IotDpsResource": PROVISIONING,
  "azure-native:deviceprovisioningservices:DpsCertificate": `${PROVISIONING}/certificates/{certificateName}`,
  "azure-native:keyvault:Vault": `${GROUP}/providers/Microsoft.KeyVault/vaults/{vaultName}`,
  "azure-native:authorization:RoleAssignment":
    "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
});

/** The ARM id that a begun creation gave its resource; undefined where it does not follow from the inputs. */
export function idOf(operation: PendingOperation, subscriptionId: string): string | undefined {
  const { type, inputs = {} } = operation.resource;
  const template = Object.hasOwn(IDS, type) ? IDS[type] : undefined;
  if (template === undefined) return undefined;
  const values: Record<string, unknown> = { ...inputs, subscriptionId };
  let whole = true;
  const id = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    // A secret name is an object in the state.
    whole &&= typeof value === "string" && value !== "";
    return String(value);
  });
  return whole ? id : undefined;
}

/** An exported stack, as far as it is changed here; all else in it passes through. */
export interface ExportedStack {
  readonly version: number;
  readonly deployment: {
    readonly resources?: readonly { readonly urn: string }[];
    readonly pending_operations?: readonly PendingOperation[];
  };
}

/**
 * What a killed run left open, settled in the exported state as Pulumi's guide to repairing a stack does by hand. A begun
 * creation whose id is known becomes a resource: the refresh that follows keeps it where it came into being, and drops it
 * where it did not; without that it would stay behind in Azure, unknown to the state. Other begun creations are dropped: they
 * are dynamic resources, whose `create` is create-or-update. Pending updates and deletions are settled by the refresh.
 *
 * `pulumi refresh --import-pending-creates` is not used: in 3.256 it only renames the operation, and no resource comes of
 * it (tried: the IoT hub stayed behind).
 */
export function settled(stack: ExportedStack, subscriptionId: string): ExportedStack {
  const { resources = [], pending_operations: pending = [] } = stack.deployment;
  const known = new Set(resources.map(({ urn }) => urn));
  const arrived = pending
    .filter(({ type, resource }) => type === "creating" && !known.has(resource.urn))
    .map((operation) => ({ operation, id: idOf(operation, subscriptionId) }))
    .filter(({ id }) => id !== undefined)
    .map(({ operation: { resource }, id }) => ({ ...resource, id, outputs: resource.inputs ?? {} }));
  const open = pending.filter(({ type }) => type !== "creating");
  const deployment = { ...stack.deployment, resources: [...resources, ...arrived], pending_operations: open };
  return { ...stack, deployment };
}
