import { nameError } from "../../../azure/names";
import type { CustomAllocationDefinition, IndividualEnrollmentBody } from "../../../azure/wire/dpsEnrollment";
import { initialTwinError } from "../../hub/twins/twinRules";
import type { LinkedHub } from "../../kernel/directory";
import { dpsError } from "../dpsErrors";
import { isAbsent, shown } from "../requestJson";
import type { EnrollmentKind, EnrollmentSettings } from "./enrollmentRecord";

/** The settings of a request that a schema has checked. */
export type SettingsBody = Partial<IndividualEnrollmentBody> & { readonly credentialPolicyName?: string };

/** Context for validating settings. */
export interface SettingsContext {
  readonly kind: EnrollmentKind;
  readonly linkedHubs: readonly LinkedHub[];
  /** Collects validation errors. */
  readonly addError: (text: string) => void;
}

function checkHubs(hubs: readonly string[], { allocationPolicy }: SettingsBody, context: SettingsContext): void {
  for (const hub of hubs) {
    if (!context.linkedHubs.some(({ hostName }) => hostName === hub)) {
      context.addError(`the hub ${shown(hub)} is not linked to the provisioning service`);
    }
  }
  if (allocationPolicy === "static" && new Set(hubs).size > 1) {
    context.addError(`the allocation policy static has at most one hub; here are ${new Set(hubs).size}`);
  }
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol);
}

function readCustom(
  { customAllocationDefinition: given }: SettingsBody,
  { addError }: SettingsContext,
): CustomAllocationDefinition {
  const { webhookUrl = "", apiVersion = "" } = given ?? {};
  const where = "customAllocationDefinition";
  // The message leaves out the URL: its query contains a key.
  if (!isWebUrl(webhookUrl)) addError(`${where}.webhookUrl is no http or https URL`);
  if (!apiVersion) addError(`${where}.apiVersion is missing`);
  return { webhookUrl, apiVersion };
}

/** Reads an enrollment's settings. Collects validation errors in the context; throws for what is not emulated. */
export function readSettings(body: SettingsBody, context: SettingsContext): EnrollmentSettings {
  const { kind, addError } = context;
  if (!isAbsent(body.credentialPolicyName)) {
    throw dpsError("notEmulated", "credentialPolicyName is not emulated by the local Azure");
  }
  const isIndividual = kind === "individual";
  const allocationPolicy = body.allocationPolicy ?? undefined;
  const iotHubs = body.iotHubs?.map((hub) => hub.toLowerCase());
  checkHubs(
    [...(iotHubs ?? []), ...(isAbsent(body.iotHubHostName) ? [] : [body.iotHubHostName.toLowerCase()])],
    body,
    context,
  );
  const deviceId = isIndividual && body.deviceId ? body.deviceId : undefined;
  const wrongId = deviceId && nameError("deviceId", deviceId);
  if (wrongId) addError(wrongId);
  const twinError = body.initialTwin && initialTwinError(body.initialTwin);
  if (twinError) addError(`initialTwin: ${twinError}`);
  return {
    deviceId,
    iotEdge: body.capabilities ? (body.capabilities.iotEdge ?? false) : undefined,
    iotHubHostName: body.iotHubHostName ?? undefined,
    initialTwin: body.initialTwin ?? undefined,
    provisioningStatus: body.provisioningStatus === undefined ? "enabled" : body.provisioningStatus,
    reprovisionPolicy: body.reprovisionPolicy
      ? {
          updateHubAssignment: body.reprovisionPolicy.updateHubAssignment ?? true,
          migrateDeviceData: body.reprovisionPolicy.migrateDeviceData ?? true,
        }
      : undefined,
    allocationPolicy,
    // Clients that read, modify and write send it with other policies too.
    customAllocationDefinition: allocationPolicy === "custom" ? readCustom(body, context) : undefined,
    iotHubs,
    optionalDeviceInformation: isIndividual ? (body.optionalDeviceInformation ?? undefined) : undefined,
  };
}
