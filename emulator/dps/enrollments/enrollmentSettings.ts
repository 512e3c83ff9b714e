import { nameError } from "../../../azure/names";
import type {
  AllocationPolicy,
  CustomAllocationDefinition,
  ProvisioningStatus,
} from "../../../azure/wire/dpsEnrollment";
import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { LinkedHub } from "../../kernel/directory";
import { dpsError } from "../dpsErrors";
import { isAbsent, shown } from "../requestJson";
import type { EnrollmentKind, EnrollmentSettings } from "./enrollmentRecord";

/** Context for validating settings. */
export interface SettingsContext {
  readonly kind: EnrollmentKind;
  readonly linkedHubs: readonly LinkedHub[];
  /** Collects validation errors. */
  readonly addError: (text: string) => void;
}

const STATUSES: readonly ProvisioningStatus[] = ["enabled", "disabled"];
const POLICIES: readonly AllocationPolicy[] = ["hashed", "geoLatency", "static", "custom"];

function readChoice<T extends string>(
  body: JsonObject,
  name: string,
  choices: readonly T[],
  context: SettingsContext,
): T | undefined {
  const given = body[name];
  if (isAbsent(given)) return undefined;
  const found = typeof given === "string" && choices.find((choice) => choice.toLowerCase() === given.toLowerCase());
  if (found) return found;
  context.addError(`${name} is ${shown(given)}, none of ${choices.join(", ")}`);
  return undefined;
}

/** Reads a flag of a member that is an object. */
function readFlag(body: JsonObject, where: string, name: string, fallback: boolean, context: SettingsContext): boolean {
  const holder = body[where];
  if (isAbsent(holder)) return fallback;
  if (!isObject(holder)) {
    context.addError(`${where} is no object`);
    return fallback;
  }
  const value = holder[name];
  if (isAbsent(value)) return fallback;
  if (typeof value !== "boolean") context.addError(`${where}.${name} is neither true nor false`);
  return value === true;
}

function readHubs(body: JsonObject, policy: AllocationPolicy | undefined, context: SettingsContext): readonly string[] {
  const { iotHubs, iotHubHostName } = body;
  if (!isAbsent(iotHubs) && !(Array.isArray(iotHubs) && iotHubs.every((each) => typeof each === "string"))) {
    context.addError("iotHubs is no list of host names");
    return [];
  }
  if (!isAbsent(iotHubHostName) && typeof iotHubHostName !== "string")
    context.addError("iotHubHostName is no host name");
  const hubs = [...((iotHubs as string[] | undefined | null) ?? [])].map((hub) => hub.toLowerCase());
  const named = typeof iotHubHostName === "string" ? [...hubs, iotHubHostName.toLowerCase()] : hubs;
  for (const hub of named) {
    if (!context.linkedHubs.some(({ hostName }) => hostName === hub)) {
      context.addError(`the hub ${shown(hub)} is not linked to the provisioning service`);
    }
  }
  if (policy === "static" && new Set(named).size !== 1) {
    context.addError(`the allocation policy static has exactly one hub; here are ${new Set(named).size}`);
  }
  return hubs;
}

function readTwin(twin: unknown, context: SettingsContext): void {
  if (isAbsent(twin)) return;
  const properties = isObject(twin) ? twin.properties : undefined;
  const desired = isObject(properties) ? properties.desired : undefined;
  const objects = isObject(twin) ? [twin.tags, properties, desired] : [twin];
  if (objects.some((part) => !isAbsent(part) && !isObject(part))) {
    context.addError("initialTwin, its tags, properties and properties.desired are objects");
  }
}

const isWebUrl = (text: string): boolean => URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol);

function readCustom(
  given: unknown,
  policy: AllocationPolicy | undefined,
  { addError }: SettingsContext,
): CustomAllocationDefinition | undefined {
  // Clients that read, modify and write send it with other policies too.
  if (policy !== "custom") return undefined;
  const { webhookUrl, apiVersion } = isObject(given) ? given : ({} as JsonObject);
  const where = "customAllocationDefinition";
  // The message leaves out the URL: its query contains a key.
  if (typeof webhookUrl !== "string" || !isWebUrl(webhookUrl)) addError(`${where}.webhookUrl is no http or https URL`);
  if (typeof apiVersion !== "string" || apiVersion === "") addError(`${where}.apiVersion is missing`);
  return { webhookUrl: String(webhookUrl), apiVersion: String(apiVersion) };
}

function readDeviceId(body: JsonObject, { kind, addError }: SettingsContext): string | undefined {
  if (kind === "group" || isAbsent(body.deviceId) || body.deviceId === "") return undefined;
  const wrong =
    typeof body.deviceId === "string"
      ? nameError("deviceId", body.deviceId)
      : `deviceId ${shown(body.deviceId)} is no text`;
  if (wrong) addError(wrong);
  return String(body.deviceId);
}

/** Reads an enrollment's settings. Collects validation errors in the context; throws for what is not emulated. */
export function readSettings(body: JsonObject, context: SettingsContext): EnrollmentSettings {
  const allocationPolicy = readChoice(body, "allocationPolicy", POLICIES, context);
  if (!isAbsent(body.credentialPolicyName)) {
    throw dpsError("notEmulated", "credentialPolicyName is not emulated by the local Azure");
  }
  const customAllocationDefinition = readCustom(body.customAllocationDefinition, allocationPolicy, context);
  const provisioningStatus = readChoice(body, "provisioningStatus", STATUSES, context);
  const hubs = readHubs(body, allocationPolicy, context);
  readTwin(body.initialTwin, context);
  const deviceId = readDeviceId(body, context);
  const { optionalDeviceInformation } = body;
  if (!isAbsent(optionalDeviceInformation) && !isObject(optionalDeviceInformation)) {
    context.addError("optionalDeviceInformation is no object");
  }
  return {
    deviceId,
    iotEdge: readFlag(body, "capabilities", "iotEdge", false, context),
    iotHubHostName: typeof body.iotHubHostName === "string" ? body.iotHubHostName : undefined,
    initialTwin: isObject(body.initialTwin) ? (body.initialTwin as EnrollmentSettings["initialTwin"]) : undefined,
    provisioningStatus: provisioningStatus ?? "enabled",
    reprovisionPolicy: {
      updateHubAssignment: readFlag(body, "reprovisionPolicy", "updateHubAssignment", true, context),
      migrateDeviceData: readFlag(body, "reprovisionPolicy", "migrateDeviceData", true, context),
    },
    allocationPolicy,
    customAllocationDefinition,
    iotHubs: isAbsent(body.iotHubs) ? undefined : hubs,
    optionalDeviceInformation:
      isObject(optionalDeviceInformation) && context.kind === "individual" ? optionalDeviceInformation : undefined,
  };
}
