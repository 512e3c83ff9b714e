import type { Attested } from "../attestation/attest";
import type { DeviceDependencies } from "../attestation/identifyDevice";
import { deviceRegistration } from "../registrations/registrationStore";
import { askWebhook } from "./allocationWebhook";
import { assign } from "./assignDevice";

/** The registrations that wait for a webhook's answer, by the operation's id. */
export class CustomAllocation {
  readonly #parts: DeviceDependencies;
  readonly #running = new Set<string>();

  constructor(deps: DeviceDependencies) {
    this.#parts = deps;
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
    const deps = this.#parts;
    const known = deps.registrations.find(attested.service.key, attested.registrationId);
    const choice = await askWebhook(attested, known, payload, deps);
    await deps.database.together(() => {
      const { idScope, key } = attested.service;
      // A service that ARM removed meanwhile keeps nothing.
      if (deps.directory.provisioningServiceByIdScope(idScope)?.key !== key) return;
      const state = deviceRegistration(assign(attested, choice, deps));
      deps.operations.finish(operationId, state);
    });
  }
}
