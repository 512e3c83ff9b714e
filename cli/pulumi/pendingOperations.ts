import { dynamicType } from "../../azure/toolkitTypes";
import type { PendingCreate } from "../../emulator/contract/pendingCreates";
import { isLive, type PendingOperation } from "./stackState";

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

/**
 * The id that a begun creation gave its resource; undefined where it does not follow from the inputs, and where a vault keeps
 * a part of the resource.
 */
export function idOf(operation: PendingOperation, subscriptionId: string): string | undefined {
  const { inputs = {} } = operation.resource;
  const type = dynamicType(operation.resource.type);
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

/** When the operation was under way at the earliest and at the latest, ISO 8601. */
interface Period {
  readonly from: string;
  readonly until: string;
}

/** Prefix of the inputs of a list that are its entries. */
const ENTRY = "device:";

/** The outputs with which `read` finds out what an interrupted operation did; `outputs` are those in the state. */
type UnsettledOutputs = (inputs: Values, outputs: Values | undefined, period: Period) => Values;

/** An enrollment is ours only if it says what was asked for. */
const begunEnrollment: UnsettledOutputs = (inputs, outputs) => outputs ?? { ...inputs, begun: true };

const UNSETTLED_OUTPUTS: Readonly<Record<string, UnsettledOutputs>> = Object.freeze({
  "pulumi-nodejs:dynamic/iot:EnrollmentGroup": begunEnrollment,
  "pulumi-nodejs:dynamic/iot:IndividualEnrollment": begunEnrollment,
  "pulumi-nodejs:dynamic/iot:EnrollmentList": (inputs, outputs, period) => {
    const isEntry = ([name]: readonly [string, unknown]): boolean => name.startsWith(ENTRY);
    const own = Object.fromEntries(Object.entries(inputs).filter((each) => !isEntry(each)));
    const known = outputs ?? own;
    const more = Object.entries(inputs).filter((each) => isEntry(each) && !(each[0] in known));
    const begun = more.map(([name, entry]) => [name.slice(ENTRY.length), { entry, ...period }]);
    return { ...known, begun: { ...Object.fromEntries(begun), ...(known.begun as object | undefined) } };
  },
  // Blocked perhaps, and not known as revoked: the next `up` blocks them again, or no longer.
  "pulumi-nodejs:dynamic/iot:Revocations": (inputs, outputs = { ...inputs, devices: [], thumbprints: [] }) => {
    const blocked = (outputs.blocked ?? []) as readonly { readonly registrationId: unknown }[];
    const devices = (Array.isArray(inputs.devices) ? inputs.devices : []) as readonly { registrationId?: unknown }[];
    const more = devices
      .map(({ registrationId }) => ({ registrationId }))
      .filter(
        ({ registrationId: id }) => typeof id === "string" && !blocked.some((each) => each.registrationId === id),
      );
    return { ...outputs, blocked: [...blocked, ...more] };
  },
});

/** The outputs of the resource of an interrupted operation. */
function outputsOf({ resource }: PendingOperation, outputs: Values | undefined, period: Period): Values {
  const { inputs = {} } = resource;
  const type = dynamicType(resource.type);
  const unsettled = Object.hasOwn(UNSETTLED_OUTPUTS, type) ? UNSETTLED_OUTPUTS[type] : undefined;
  if (unsettled === undefined || inputs.vaultUri !== undefined) return outputs ?? inputs;
  return unsettled(inputs, outputs, period);
}

/** A resource of an exported stack, as far as it is changed here; all else in it passes through. */
interface StateResource {
  readonly urn: string;
  readonly id?: string;
  /** Replaced, and still to be deleted. */
  readonly delete?: boolean;
  /** Deleted for a replacement that is still to be created. */
  readonly pendingReplacement?: boolean;
  readonly parent?: string;
  readonly outputs?: Values;
}

/** An exported stack. */
export interface ExportedStack {
  readonly version: number;
  readonly deployment: {
    /** `time`: of the checkpoint. */
    readonly manifest?: { readonly time?: string };
    readonly resources?: readonly StateResource[];
    readonly pending_operations?: readonly PendingOperation[];
  };
}

/** What settles a state beside the state itself. */
export interface SettledBy {
  readonly subscriptionId: string;
  readonly now: Date;
  /** Creates that a killed plugin left. Default none. */
  readonly creates?: readonly PendingCreate[];
}

/**
 * The resource of a create that a killed plugin of azure-native left, without inputs: the refresh reads them, as an import does.
 * Undefined for one of another stack, or without its provider, and where the state or a pending operation has one of its URN.
 */
function createdAlone({ urn, id }: PendingCreate, { deployment }: ExportedStack): StateResource | undefined {
  const { resources = [], pending_operations: pending = [] } = deployment;
  const [stack = "", project = "", qualifiedType = ""] = urn.split("::");
  const types = qualifiedType.split("$");
  const type = types.at(-1) ?? "";
  const inStack = resources.filter((each) => each.urn.startsWith(`${stack}::${project}::`));
  const provider = inStack.findLast((each) => each.urn.includes("::pulumi:providers:azure-native::"));
  // Nothing is deleted by a file's word: a replacement of what the state has is left to whoever finds it.
  const isKnown =
    inStack.some((each) => each.urn === urn && isLive(each)) || pending.some(({ resource }) => resource.urn === urn);
  if (provider?.id === undefined || isKnown) return undefined;
  const parentType = types.length > 1 ? types.slice(0, -1).join("$") : "pulumi:pulumi:Stack";
  const [parent, ...others] = inStack.filter((each) => each.urn.split("::")[2] === parentType);
  const created = { urn, id, type, custom: true, inputs: {}, outputs: {}, provider: `${provider.urn}::${provider.id}` };
  return parent === undefined || others.length > 0 ? created : { ...created, parent: parent.urn };
}

/**
 * What a killed run left open, settled in the exported state as Pulumi's guide to repairing a stack does by hand. A begun
 * creation whose id is known becomes a resource: the refresh that follows keeps it where it came into being, and drops it
 * where it did not; without that it would stay behind in Azure, unknown to the state. As part of a replacement it takes the
 * place of the old resource, which is deleted next. Other begun creations are dropped: they are dynamic resources, whose
 * `create` is create-or-update. Pending updates and deletions are settled by the refresh; those of many things note in their
 * outputs what they may have done.
 *
 * `pulumi refresh --import-pending-creates` is not used: in 3.256 it only renames the operation, and no resource comes of
 * it (tried: the IoT hub stayed behind).
 */
export function settled(stack: ExportedStack, { subscriptionId, now, creates = [] }: SettledBy): ExportedStack {
  const { manifest, resources = [], pending_operations: pending = [] } = stack.deployment;
  const period = { from: manifest?.time ?? now.toISOString(), until: now.toISOString() };
  const begun = new Map<string, StateResource>();
  for (const operation of pending.filter(({ type }) => type === "creating")) {
    const { resource } = operation;
    const id = idOf(operation, subscriptionId);
    const created = { ...resource, id, outputs: outputsOf(operation, undefined, period) };
    if (id !== undefined) begun.set(resource.urn, created);
  }
  for (const create of creates) {
    const created = createdAlone(create, stack);
    if (created !== undefined) begun.set(created.urn, created);
  }
  const updated = new Map(pending.filter(({ type }) => type === "updating").map((each) => [each.resource.urn, each]));
  const live = resources
    .filter((each) => each.delete !== true)
    .map((each) => {
      const operation = updated.get(each.urn);
      return operation === undefined ? each : { ...each, outputs: outputsOf(operation, each.outputs, period) };
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
