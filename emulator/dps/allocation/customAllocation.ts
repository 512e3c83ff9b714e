import { setTimeout as pause } from "node:timers/promises";
import type { InitialTwin } from "../../../azure/wire/dpsEnrollment";
import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { initialTwinError } from "../../hub/twins/twinRules";
import { parseJson } from "../../kernel/parseJson";
import type { Attested } from "../attestation/attest";
import type { DpsDependencies } from "../dpsDependencies";
import { wireEnrollment } from "../enrollments/enrollmentBody";
import { deviceRegistration } from "../registrations/registrationBody";
import type { Registration } from "../registrations/registrationStore";
import { isAbsent } from "../requestJson";
import { assignDevice } from "./assignDevice";
import { type Choice, candidatesOf, hubChoice } from "./chooseHub";
import type { WebhookResponse } from "./postJson";

/**
 * Retries of DPS: ten, the first after a second, each one nine seconds later than the one before (Azure documentation,
 * "Use custom allocation policies – Troubleshooting").
 */
const RETRIES = 10;
const retryDelayMs = (retry: number): number => 1000 + retry * 9000;

/** Error codes of the same table. */
const FAILED = { errorCode: 400207, errorMessage: "CustomAllocationFailed" } as const;
const NO_HUB = { errorCode: 400208, errorMessage: "CustomAllocationIotHubNotSpecified" } as const;
const UNAUTHORIZED = { errorCode: 400209, errorMessage: "CustomAllocationUnauthorizedAccess" } as const;

/** Masks the secrets in a webhook's URL, even in the request to the webhook itself, as in the documentation's logs. */
const masked = (url: string): string => url.replace(/\?.*$/s, "?****");

/** Returns the request to the webhook (Azure documentation, "Understand custom allocation policies – AllocationRequest"). */
function allocationRequest(attested: Attested, known: Registration | undefined, payload: unknown): JsonObject {
  const { service, registrationId, enrollment, proof } = attested;
  const body = wireEnrollment(enrollment) as unknown as JsonObject;
  const { customAllocationDefinition: custom } = enrollment.settings;
  const customAllocationDefinition = custom && { ...custom, webhookUrl: masked(custom.webhookUrl) };
  const { attestation } = enrollment;
  const { by, ...tpm } = attestation.by === "tpm" ? attestation : { by: proof.by === "key" ? "symmetricKey" : "x509" };
  return {
    [enrollment.kind === "group" ? "enrollmentGroup" : "individualEnrollment"]: { ...body, customAllocationDefinition },
    deviceRuntimeContext: {
      registrationId,
      currentIotHubHostName: known?.hub,
      currentDeviceId: known?.deviceId,
      [by]: tpm,
      payload,
    },
    linkedHubs: candidatesOf(service, enrollment.settings).map(({ hostName }) => hostName),
  };
}

function readResponse({ status, text }: WebhookResponse, { service }: Attested, deps: DpsDependencies): Choice {
  if (status === 401) return UNAUTHORIZED;
  if (status < 200 || status > 299) return FAILED;
  let body: unknown;
  try {
    body = parseJson(Buffer.from(text));
  } catch {
    return FAILED;
  }
  if (!isObject(body)) return FAILED;
  const { iotHubHostName, initialTwin, payload } = body;
  if (isAbsent(iotHubHostName) || iotHubHostName === "") return NO_HUB;
  const hub = typeof iotHubHostName === "string" ? iotHubHostName.toLowerCase() : "";
  // DPS has access to linked hubs only.
  if (!service.linkedHubs.some(({ hostName }) => hostName === hub)) return FAILED;
  const twin = isObject(initialTwin) ? (initialTwin as InitialTwin) : undefined;
  if (twin && initialTwinError(twin)) return FAILED;
  return hubChoice(hub, service, deps, { initialTwin: twin, payload: payload ?? undefined });
}

/**
 * Calls an enrollment's webhook to choose a hub. Retries after a status of 429 and above and after a timeout, with Azure's
 * delays if real delays are on, else without delay. Never rejects: errors become a failed choice.
 */
async function callAllocationWebhook(
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
    if (response !== undefined && response.status < 429) return readResponse(response, attested, deps);
    if (retry < RETRIES && deps.switches.realDelays) await pause(retryDelayMs(retry), undefined, { ref: false });
  }
  return FAILED;
}

/** The registrations that wait for a webhook's response, by operation ID. */
export class CustomAllocation {
  readonly #running = new Set<string>();

  constructor(private readonly deps: DpsDependencies) {}

  /** Calls the webhook unless a call is pending, and assigns the device on its response. Returns at once. */
  start(operationId: string, attested: Attested, payload: unknown): void {
    if (this.#running.has(operationId)) return;
    this.#running.add(operationId);
    // Rejects only if the database was closed: the first poll after a restart calls the webhook again.
    const forget = (): void => void this.#running.delete(operationId);
    this.#finish(operationId, attested, payload).then(forget, forget);
  }

  async #finish(operationId: string, attested: Attested, payload: unknown): Promise<void> {
    const { deps } = this;
    const known = deps.registrations.find(attested.service.key, attested.registrationId);
    const choice = await callAllocationWebhook(attested, known, payload, deps);
    await deps.database.groupCommit(() => {
      const { idScope, key } = attested.service;
      // ARM may have removed the service in the meantime.
      if (deps.directory.provisioningServiceByIdScope(idScope)?.key !== key) return;
      const state = deviceRegistration(assignDevice(attested, choice, deps));
      deps.operations.finish(operationId, state);
    });
  }
}
