import type { Attested } from "../attestation/attest";
import type { DpsDependencies } from "../dpsDependencies";
import { deviceRegistration } from "../registrations/registrationBody";
import { callAllocationWebhook } from "./allocationWebhook";
import { assignDevice } from "./assignDevice";

/** The registrations that wait for a webhook's response, by operation ID. */
export class CustomAllocation {
  readonly #deps: DpsDependencies;
  readonly #running = new Set<string>();

  constructor(deps: DpsDependencies) {
    this.#deps = deps;
  }

  /** Calls the webhook unless a call is pending, and assigns the device on its response. Returns at once. */
  start(operationId: string, attested: Attested, payload: unknown): void {
    if (this.#running.has(operationId)) return;
    this.#running.add(operationId);
    // Rejects only if the database was closed: the first poll after a restart calls the webhook again.
    const forget = (): void => void this.#running.delete(operationId);
    this.#finish(operationId, attested, payload).then(forget, forget);
  }

  async #finish(operationId: string, attested: Attested, payload: unknown): Promise<void> {
    const deps = this.#deps;
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
