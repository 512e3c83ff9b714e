import type { Attested } from "../attestation/attest";
import type { DpsDependencies } from "../dpsDependencies";
import { deviceRegistration } from "../registrations/registrationBody";
import { callAllocationWebhook } from "./allocationWebhook";
import { assignDevice } from "./assignDevice";

/** The registrations that wait for a webhook's answer, by the operation's id. */
export class CustomAllocation {
  readonly #deps: DpsDependencies;
  readonly #running = new Set<string>();

  constructor(deps: DpsDependencies) {
    this.#deps = deps;
  }

  /** Asks the webhook unless that is under way, and assigns the device when it has answered. Returns at once. */
  start(operationId: string, attested: Attested, payload: unknown): void {
    if (this.#running.has(operationId)) return;
    this.#running.add(operationId);
    // Only a store that was closed meanwhile rejects: the next poll after the next start asks the webhook anew.
    const forget = (): void => void this.#running.delete(operationId);
    this.#finish(operationId, attested, payload).then(forget, forget);
  }

  async #finish(operationId: string, attested: Attested, payload: unknown): Promise<void> {
    const deps = this.#deps;
    const known = deps.registrations.find(attested.service.key, attested.registrationId);
    const choice = await callAllocationWebhook(attested, known, payload, deps);
    await deps.database.together(() => {
      const { idScope, key } = attested.service;
      // A service that ARM removed meanwhile keeps nothing.
      if (deps.directory.provisioningServiceByIdScope(idScope)?.key !== key) return;
      const state = deviceRegistration(assignDevice(attested, choice, deps));
      deps.operations.finish(operationId, state);
    });
  }
}
