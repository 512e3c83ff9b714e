import type { PendingOperation } from "./stackState";

const GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";
const HUB = `${GROUP}/providers/Microsoft.Devices/IotHubs/{resourceName}`;
const PROVISIONING = `${GROUP}/providers/Microsoft.Devices/provisioningServices/{provisioningServiceName}`;

/** The ids of this toolkit's types. The names in braces are inputs, after auto-naming. */
const IDS: Readonly<Record<string, string>> = Object.freeze({
  "azure-native:resources:ResourceGroup": GROUP,
  "azure-native:iothub:IotHubResource": HUB,
  "azure-native:iothub:IotHubResourceEventHubConsumerGroup": `${HUB}/eventHubEndpoints/{eventHubEndpointName}/ConsumerGroups/{name}`,
  "azure-native:deviceprovisioningservices:IotDpsResource": PROVISIONING,
  "azure-native:deviceprovisioningservices:DpsCertificate": `${PROVISIONING}/certificates/{certificateName}`,
  "azure-native:keyvault:Vault": `${GROUP}/providers/Microsoft.KeyVault/vaults/{vaultName}`,
  "azure-native:authorization:RoleAssignment":
    "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
  // Their `read` needs no more than the inputs. The other dynamic resources have outputs that only their `create` knows.
  "pulumi-nodejs:dynamic/iot:VerifiedCertificate": "{provisioningServiceId}/certificates/{name}",
  "pulumi-nodejs:dynamic/iot:EnrollmentGroup": "{serviceEndpoint}/enrollmentGroups/{enrollmentGroupId}",
  "pulumi-nodejs:dynamic/iot:IndividualEnrollment": "{serviceEndpoint}/enrollments/{registrationId}",
  "pulumi-nodejs:dynamic/iot:DeviceRegistration": "{idScope}/registrations/{registrationId}",
  "pulumi-nodejs:dynamic/iot:EnrollmentList": "{serviceEndpoint}/enrollmentList",
  "pulumi-nodejs:dynamic/iot:Revocations": "{serviceEndpoint}/revocations",
});

type Values = Readonly<Record<string, unknown>>;

/** The outputs of a resource of which an interrupted operation may have created a part: the refresh drops what is not there. */
const POSSIBLE_OUTPUTS: Readonly<Record<string, (inputs: Values, outputs: Values) => Values>> = Object.freeze({
  "pulumi-nodejs:dynamic/iot:EnrollmentList": (inputs, outputs) => ({ ...inputs, ...outputs }),
  // Blocked perhaps, and not known as revoked: the next `up` blocks them again, or no longer.
  "pulumi-nodejs:dynamic/iot:Revocations": (inputs, outputs) => {
    const blocked = (outputs.blocked ?? []) as readonly { readonly registrationId: unknown }[];
    const devices = (Array.isArray(inputs.devices) ? inputs.devices : []) as readonly { registrationId?: unknown }[];
    const more = devices
      .map(({ registrationId }) => ({ registrationId }))
      .filter(
        ({ registrationId: id }) => typeof id === "string" && !blocked.some((each) => each.registrationId === id),
      );
    return { ...inputs, devices: [], thumbprints: [], unmatched: [], ...outputs, blocked: [...blocked, ...more] };
  },
});

/** The outputs of the resource of an interrupted operation, from those in the state, which a begun creation has none of. */
function outputsOf({ resource }: PendingOperation, outputs?: Values): Values {
  const { type, inputs = {} } = resource;
  const possible = Object.hasOwn(POSSIBLE_OUTPUTS, type) ? POSSIBLE_OUTPUTS[type] : undefined;
  if (possible !== undefined && inputs.vaultUri === undefined) return possible(inputs, outputs ?? {});
  return outputs ?? inputs;
}

/**
 * The id that a begun creation gave its resource; undefined where it does not follow from the inputs, and where a vault keeps
 * a part of the resource.
 */
export function idOf(operation: PendingOperation, subscriptionId: string): string | undefined {
  const { type, inputs = {} } = operation.resource;
  const template = Object.hasOwn(IDS, type) ? IDS[type] : undefined;
  if (template === undefined || inputs.vaultUri !== undefined) return undefined;
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

/** A resource of an exported stack, as far as it is changed here; all else in it passes through. */
interface StateResource {
  readonly urn: string;
  /** Replaced, and still to be deleted. */
  readonly delete?: boolean;
  /** Deleted for a replacement that is still to be created. */
  readonly pendingReplacement?: boolean;
  readonly outputs?: Values;
}

/** An exported stack. */
export interface ExportedStack {
  readonly version: number;
  readonly deployment: {
    readonly resources?: readonly StateResource[];
    readonly pending_operations?: readonly PendingOperation[];
  };
}

/**
 * What a killed run left open, settled in the exported state as Pulumi's guide to repairing a stack does by hand. A begun
 * creation whose id is known becomes a resource: the refresh that follows keeps it where it came into being, and drops it
 * where it did not; without that it would stay behind in Azure, unknown to the state. As part of a replacement it takes the
 * place of the old resource, which is deleted next. Other begun creations are dropped: they are dynamic resources, whose
 * `create` is create-or-update. Pending updates and deletions are settled by the refresh; those of many things get all that
 * they may have created as outputs.
 *
 * `pulumi refresh --import-pending-creates` is not used: in 3.256 it only renames the operation, and no resource comes of
 * it (tried: the IoT hub stayed behind).
 */
export function settled(stack: ExportedStack, subscriptionId: string): ExportedStack {
  const { resources = [], pending_operations: pending = [] } = stack.deployment;
  const begun = new Map<string, StateResource>();
  for (const operation of pending.filter(({ type }) => type === "creating")) {
    const { resource } = operation;
    const id = idOf(operation, subscriptionId);
    const created = { ...resource, id, outputs: outputsOf(operation) };
    if (id !== undefined) begun.set(resource.urn, created);
  }
  const updated = new Map(pending.filter(({ type }) => type === "updating").map((each) => [each.resource.urn, each]));
  const live = resources
    .filter((each) => each.delete !== true)
    .map((each) => {
      const operation = updated.get(each.urn);
      return operation === undefined ? each : { ...each, outputs: outputsOf(operation, each.outputs) };
    });
  const replaced = live.filter(({ urn }) => begun.has(urn));
  const deployment = {
    ...stack.deployment,
    resources: [
      // In the place of the old one: what depends on it follows.
      ...live.map((each) => begun.get(each.urn) ?? each),
      ...[...begun.values()].filter(({ urn }) => !replaced.some((each) => each.urn === urn)),
      // The CLI takes a resource of the same URN only before those to be deleted.
      ...resources.filter((each) => each.delete === true),
      ...replaced.filter((each) => each.pendingReplacement !== true).map((each) => ({ ...each, delete: true })),
    ],
    pending_operations: pending.filter(({ type }) => type !== "creating"),
  };
  return { ...stack, deployment };
}
