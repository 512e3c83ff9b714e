import {
  isSame,
  isUnknown,
  type Properties,
  UNKNOWN,
  type Value,
  withoutNulls,
} from "../plugin-protocol/propertyValue";
import type { Autonaming, CheckFailure, CheckResult } from "../plugin-protocol/resourceProvider";
import { pathParameters } from "./armPath";
import { type AutoName, autoName } from "./autoNaming";
import { CREATE_BEFORE_DELETE } from "./inputDiff";
import { objectFailures } from "./inputValidation";
import { limitedText, optional, required, type Shapes, text } from "./propertyShape";
import type { Configuration } from "./providerConfiguration";
import type { ResourceType } from "./types/resourceType";

/** The engine's request to check inputs. */
export interface CheckRequest {
  readonly type: ResourceType;
  readonly logicalName: string;
  /** The inputs of the last run; empty for a new resource. */
  readonly former: Properties;
  readonly inputs: Properties;
  readonly seed: Uint8Array;
  readonly autonaming?: Autonaming;
}

/** The location of a resource group; undefined when there is no such group. */
export type GroupLocation = (resourceGroup: string) => Promise<string | undefined>;

/** Path parameters are inputs too: required, except for the name. */
function inputShapes({ body, path, nameParameter, parameterLimits = {} }: ResourceType): Shapes {
  const parameters = pathParameters(path).filter((name) => name !== "subscriptionId");
  const entries = parameters.map((name) => {
    const limits = parameterLimits[name];
    const shape = limits ? limitedText(limits) : text;
    return [name, name === nameParameter ? optional(shape) : required(shape)] as const;
  });
  return { ...body, ...Object.fromEntries(entries) };
}

/** Checks inputs, with all failures at once, and fills in what a program may leave out. */
export async function check(
  request: CheckRequest,
  configuration: Pick<Configuration, "location">,
  groupLocation: GroupLocation,
): Promise<CheckResult> {
  const { type } = request;
  const inputs = withoutNulls(request.inputs);
  const isNamed = inputs[type.nameParameter] !== undefined;
  const chosen = isNamed ? undefined : chooseName(request);
  if (chosen) inputs[type.nameParameter] = chosen.name;
  const failures = objectFailures(type.token, inputShapes(type), inputs);
  if (!isNamed && !chosen) failures.push(missingName(type));
  if (chosen?.isRandom) inputs[CREATE_BEFORE_DELETE] = true;
  if (type.location !== undefined && inputs.location === undefined && failures.length === 0) {
    const location = await chooseLocation(request, inputs, configuration, groupLocation);
    if (location !== undefined) inputs.location = location;
    else failures.push(missingLocation(type));
  }
  return { inputs, failures };
}

/** The name of the last run stays, and with it how the resource is replaced. */
function chooseName(request: CheckRequest): AutoName | undefined {
  const former = request.former[request.type.nameParameter];
  if (typeof former === "string") return { name: former, isRandom: request.former[CREATE_BEFORE_DELETE] === true };
  return autoName({ ...request, style: request.type.autoName });
}

async function chooseLocation(
  { type, former }: CheckRequest,
  inputs: Properties,
  configuration: Pick<Configuration, "location">,
  groupLocation: GroupLocation,
): Promise<Value | undefined> {
  const group = inputs.resourceGroupName;
  // The location of the last run stays, so that an up without changes sends no request.
  if (former.location !== undefined && isSame(group, former.resourceGroupName)) return former.location;
  if (configuration.location !== undefined) return configuration.location;
  if (type.location !== "resourceGroup" || typeof group !== "string") return undefined;
  return isUnknown(group) ? UNKNOWN : groupLocation(group);
}

const missingName = (type: ResourceType): CheckFailure => ({
  property: type.nameParameter,
  reason: `missing required property '${type.nameParameter}' of ${type.token}: automatic names are turned off (pulumi:autonaming)`,
});

const missingLocation = (type: ResourceType): CheckFailure => ({
  property: "location",
  reason: `missing required property 'location' of ${type.token}. Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'.`,
});
