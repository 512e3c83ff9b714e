import type { Configuration } from "./configuration";
import { type Autonaming, autoName } from "./naming";
import { pathParameters } from "./paths";
import { may, must, type Shapes, text } from "./shapes";
import type { ResourceType } from "./types/resourceType";
import { type Fault, objectFaults } from "./validate";
import { isUnknown, open, type Properties, same, UNKNOWN, type Value } from "./values";

/** What the engine asks to check. */
export interface CheckRequest {
  readonly type: ResourceType;
  readonly logicalName: string;
  /** The inputs of the last run; empty for a new resource. */
  readonly former: Properties;
  readonly inputs: Properties;
  readonly seed: Uint8Array;
  readonly autonaming?: Autonaming | undefined;
}

/** The inputs with names and locations filled in, and everything that is wrong with them. */
export interface CheckResult {
  readonly inputs: Properties;
  readonly faults: readonly Fault[];
}

/** Where a resource group is; undefined when there is no such group (yet). */
export type GroupLocation = (resourceGroup: string) => Promise<string | undefined>;

/** Path parameters are inputs too: required, but for the name. */
function inputShapes(type: ResourceType): Shapes {
  const parameters = pathParameters(type.path).filter((name) => name !== "subscriptionId");
  const named = parameters.map((name) => [name, name === type.nameParameter ? may(text) : must(text)] as const);
  return { ...type.body, ...Object.fromEntries(named) };
}

/** Checks inputs, all faults at once, and fills in what a program may leave out. */
export async function check(
  request: CheckRequest,
  configuration: Pick<Configuration, "location">,
  groupLocation: GroupLocation,
): Promise<CheckResult> {
  const { type } = request;
  const inputs = Object.fromEntries(Object.entries(request.inputs).filter(([, value]) => open(value) !== null));
  const faults = objectFaults(type.token, inputShapes(type), inputs);
  if (inputs[type.nameParameter] === undefined) {
    const former = open(request.former[type.nameParameter] ?? null);
    const name = autoName({
      ...request,
      style: type.autoName,
      former: typeof former === "string" ? former : undefined,
    });
    if (name !== undefined) inputs[type.nameParameter] = name;
    else faults.push(nameless(type));
  }
  if (type.location !== "none" && inputs.location === undefined && faults.length === 0) {
    const location = await chooseLocation(request, inputs, configuration, groupLocation);
    if (location !== undefined) inputs.location = location;
    else if (type.location === "config") faults.push(placeless(type));
  }
  return { inputs, faults };
}

async function chooseLocation(
  { type, former }: CheckRequest,
  inputs: Properties,
  configuration: Pick<Configuration, "location">,
  groupLocation: GroupLocation,
): Promise<Value | undefined> {
  const group = open(inputs.resourceGroupName ?? null);
  // What the last run chose stays, so that an up without changes asks nobody.
  const stays = former.location !== undefined && same(group, open(former.resourceGroupName ?? null));
  if (stays) return former.location;
  if (configuration.location !== undefined) return configuration.location;
  if (type.location !== "resourceGroup" || typeof group !== "string") return undefined;
  return isUnknown(group) ? UNKNOWN : groupLocation(group);
}

const nameless = (type: ResourceType): Fault => ({
  property: type.nameParameter,
  reason: `missing required property '${type.nameParameter}' of ${type.token}: automatic names are turned off (pulumi:autonaming)`,
});

const placeless = (type: ResourceType): Fault => ({
  property: "location",
  reason: `missing required property 'location' of ${type.token}: set it, or run: pulumi config set azure-native:location <value>`,
});
