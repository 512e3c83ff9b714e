import { STACK } from "../paths";
import type { PendingOperation } from "./state";

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
    // A secret name stands as an object in the state.
    whole &&= typeof value === "string" && value !== "";
    return String(value);
  });
  return whole ? id : undefined;
}

/**
 * The arguments of the `pulumi refresh` that settles what a killed run left open. A creation whose id is known is
 * imported: refresh then reads it and keeps it where it came into being, and drops it where it did not. Without that the
 * next `up` would meet a resource that "already exists". The others are dynamic resources, whose `create` is
 * create-or-update: they are cleared and made again. Begun updates and deletions are settled by the reading itself.
 */
export function settleArguments(pending: readonly PendingOperation[], subscriptionId: string): readonly string[] {
  const imports: string[] = [];
  for (const operation of pending) {
    if (operation.type !== "creating") continue;
    const id = idOf(operation, subscriptionId);
    if (id !== undefined)
      imports.push("--import-pending-creates", operation.resource.urn, "--import-pending-creates", id);
  }
  const settle = ["refresh", "--yes", "--skip-preview", "--non-interactive", "--suppress-outputs", "--stack", STACK];
  return [...settle, ...imports, "--clear-pending-creates"];
}
