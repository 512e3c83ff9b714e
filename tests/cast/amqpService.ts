import { strict as assert } from "node:assert";
import { type AmqpService, amqpService } from "../../emulator/amqp/amqpService";
import { eventHubsEndpoints } from "../../emulator/amqp/eventHubs/eventHubsEndpoint";
import { hubAmqpEndpoint } from "../../emulator/amqp/hub/hubAmqpEndpoint";
import { provisioningAmqpEndpoint } from "../../emulator/amqp/provisioning/provisioningAmqpEndpoint";
import { admitOperations, callOperations } from "../../emulator/kernel/callOperation";
import type { DataPlane } from "./dataPlane";

/** AMQP in front of DPS and hubs in memory; an internal error fails the test unless `failed` takes it. */
export function amqpOver(
  { directory, clock, hubs, dps }: DataPlane,
  failed = (_service: string, error: unknown): void => assert.fail(String(error)),
): AmqpService {
  const { devices, service, eventStore } = hubs;
  const provisioning = provisioningAmqpEndpoint(callOperations(dps.deviceDefinition, failed));
  return amqpService({
    endpoints: {
      ...eventHubsEndpoints({ directory, clock, events: eventStore }),
      hub: hubAmqpEndpoint({ directory, clock, devices, service, admit: admitOperations(hubs.definition) }),
      dps: provisioning,
      dpsDevice: provisioning,
    },
    log: () => undefined,
    failed,
  });
}
