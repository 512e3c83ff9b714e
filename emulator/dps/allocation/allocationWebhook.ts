import { setTimeout as pause } from "node:timers/promises";
import type { InitialTwin } from "../../../azure/wire/dpsEnrollment";
import type { Attested } from "../attestation/attest";
import type { DpsDependencies } from "../dpsDependencies";
import { wireEnrollment } from "../enrollments/enrollmentBody";
import type { Registration } from "../registrations/registrationStore";
import { isAbsent, isObject, type Json } from "../requestJson";
import { candidatesOf } from "./allocationPolicies";
import { type Choice, hubChoice } from "./chooseHub";
import type { WebhookResponse } from "./postJson";

/**
 * How often and when DPS asks again: ten times, after a second, then nine seconds later each time (Azure documentation,
 * "Use custom allocation policies – Troubleshooting").
 */
const RETRIES = 10;
const retryDelayMs = (retry: number): number => 1000 + retry * 9000;

/** The codes of the same table. */
const FAILED = { errorCode: 400207, errorMessage: "CustomAllocationFailed" } as const;
const NO_HUB = { errorCode: 400208, errorMessage: "CustomAllocationIotHubNotSpecified" } as const;
const UNAUTHORIZED = { errorCode: 400209, errorMessage: "CustomAllocationUnauthorizedAccess" } as const;

/** The secrets in a webhook's address are not told, not even to itself, as in the documents' logs. */
const masked = (url: string): string => url.replace(/\?.*$/s, "?****");

/** What DPS sends to the webhook (Azure documentation, "Understand custom allocation policies – AllocationRequest"). */
function allocationRequest(attested: Attested, known: Registration | undefined, payload: unknown): Json {
  const { service, registrationId, enrollment, proof } = attested;
  const body = wireEnrollment(enrollment) as unknown as Json;
  const { customAllocationDefinition: custom } = enrollment.settings;
  const told = custom ? { customAllocationDefinition: { ...custom, webhookUrl: masked(custom.webhookUrl) } } : {};
  const { attestation } = enrollment;
  const { by, ...tpm } = attestation.by === "tpm" ? attestation : { by: proof.by === "key" ? "symmetricKey" : "x509" };
  return {
    [enrollment.kind === "group" ? "enrollmentGroup" : "individualEnrollment"]: { ...body, ...told },
    deviceRuntimeContext: {
      registrationId,
      ...(known?.hub === undefined ? {} : { currentIotHubHostName: known.hub }),
      ...(known?.deviceId === undefined ? {} : { currentDeviceId: known.deviceId }),
      [by]: tpm,
      ...(payload === undefined ? {} : { payload }),
    },
    linkedHubs: candidatesOf(service, enrollment.settings).map(({ hostName }) => hostName),
  };
}

function readAnswer({ status, text }: WebhookResponse, { service }: Attested, deps: DpsDependencies): Choice {
  if (status === 401) return UNAUTHORIZED;
  if (status < 200 || status > 299) return FAILED;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return FAILED;
  }
  if (!isObject(body)) return FAILED;
  const { iotHubHostName, initialTwin, payload } = body;
  if (isAbsent(iotHubHostName) || iotHubHostName === "") return NO_HUB;
  const hub = typeof iotHubHostName === "string" ? iotHubHostName.toLowerCase() : "";
  // DPS has keys for linked hubs only.
  if (!service.linkedHubs.some(({ hostName }) => hostName === hub)) return FAILED;
  return hubChoice(hub, service, deps, {
    ...(isObject(initialTwin) ? { initialTwin: initialTwin as InitialTwin } : {}),
    ...(isAbsent(payload) ? {} : { payload }),
  });
}

/**
 * Asks an enrollment's webhook where the device is to go. Answers of 429 and above, and no answer in time, are asked for
 * again; the waits between are Azure's when real delays are on, else none. Never rejects: what goes wrong is a failed choice.
 */
export async function callAllocationWebhook(
  attested: Attested,
  known: Registration | undefined,
  payload: unknown,
  deps: DpsDependencies,
): Promise<Choice> {
  const url = attested.enrollment.settings.customAllocationDefinition?.webhookUrl;
  if (url === undefined) return FAILED;
  const request = allocationRequest(attested, known, payload);
  for (let retry = 0; retry <= RETRIES; retry += 1) {
    const response = await deps.postJson(url, request).catch(() => undefined);
    if (response !== undefined && response.status < 429) return readAnswer(response, attested, deps);
    if (retry < RETRIES && deps.switches.realDelays) await pause(retryDelayMs(retry), undefined, { ref: false });
  }
  return FAILED;
}
