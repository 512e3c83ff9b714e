import { formatResourceId } from "../../azure/resourceIds";
import { STACK } from "../paths";
import type { PendingOperation } from "./state";

/** How the id of one azure-native type follows from its inputs: namespace, types, and the inputs that are the names. */
interface IdRule {
  readonly namespace: string;
  readonly types: readonly string[];
  readonly names: readonly string[];
}

/** The azure-native types of this toolkit whose creation takes a request to Azure. Names are inputs after auto-naming. */
const ID_RULES: Readonly<Record<string, IdRule>> = Object.freeze({
  "azure-native:devices:IotHubResource": {
    namespace: "Microsoft.Devices",
    types: ["IotHubs"],
    names: ["resourceName"],
  },
  "azure-native:deviceprovisioningservices:IotDpsResource": {
    namespace: "Microsoft.Devices",
    types: ["provisioningServices"],
    names: ["provisioningServiceName"],
  },
  "azure-native:deviceprovisioningservices:DpsCertificate": {
    namespace: "Microsoft.Devices",
    types: ["provisioningServices", "certificates"],
    names: ["provisioningServiceName", "certificateName"],
  },
});

/** The ARM id that a begun creation gave its resource; undefined where it does not follow from the inputs. */
export function idOf(operation: PendingOperation, subscriptionId: string): string | undefined {
  const { type, inputs = {} } = operation.resource;
  const group = inputs.resourceGroupName;
  if (typeof group !== "string") return undefined;
  if (type === "azure-native:resources:ResourceGroup")
    return `/subscriptions/${subscriptionId}/resourceGroups/${group}`;
  const rule = ID_RULES[type];
  if (rule === undefined) return undefined;
  const names = rule.names.map((name) => inputs[name]);
  if (!names.every((name) => typeof name === "string")) return undefined;
  const { namespace, types } = rule;
  return formatResourceId({ subscriptionId, resourceGroup: group, namespace, types, names: names as string[] });
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
