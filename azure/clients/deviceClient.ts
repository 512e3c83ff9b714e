/**
 * A device over plain HTTPS: register with DPS, send telemetry to its hub.
 * Sources: Azure REST API "Runtime Registration", 2021-06-01; "IoT Hub – Send Device Event", 2020-03-13.
 */

import { API_VERSIONS } from "../apiVersions";
import type { Device } from "../devices/device";
import {
  type AssignedRegistration,
  type DeviceOptions,
  type DeviceResponse,
  DeviceTask,
} from "../devices/registration";
import { AzureError, UnreachableError } from "./azureError";
import type { DeviceRequest, DeviceTransport } from "./mutualTls";

/** Speaks for one device through a transport that shows its certificate. */
export class DeviceClient implements Device {
  constructor(
    private readonly transport: DeviceTransport,
    private readonly options: DeviceOptions = {},
  ) {}

  register(globalEndpoint: string, idScope: string, registrationId: string): Promise<AssignedRegistration> {
    const task = new DeviceTask("dpsDevice", `register device "${registrationId}"`, this.options);
    const base = `https://${globalEndpoint}/${encodeURIComponent(idScope)}/registrations/${encodeURIComponent(registrationId)}`;
    const query = `?api-version=${API_VERSIONS.dpsDevice}`;
    const body = JSON.stringify({ registrationId });
    const send = (call: DeviceRequest) => this.#send(task.operation, call);
    return task.register({
      register: () => send({ method: "PUT", url: `${base}/register${query}`, body }),
      status: (operationId) =>
        send({ method: "GET", url: `${base}/operations/${encodeURIComponent(operationId)}${query}` }),
    });
  }

  async sendTelemetry(hubHost: string, deviceId: string, message: unknown, messageId: string): Promise<204> {
    const task = new DeviceTask("hub", `send telemetry of device "${deviceId}"`, this.options);
    const url = `https://${hubHost}/devices/${encodeURIComponent(deviceId)}/messages/events?api-version=${API_VERSIONS.hubDevice}`;
    const headers = { "iothub-messageid": messageId };
    const call = { method: "POST", url, headers, body: JSON.stringify(message) } as const;
    const { status } = await task.send(() => this.#send(task.operation, call));
    if (status !== 204) throw new AzureError("hub", task.operation, { status });
    return 204;
  }

  close(): Promise<void> {
    return this.transport.close();
  }

  async #send(operation: string, call: DeviceRequest): Promise<DeviceResponse> {
    try {
      return await this.transport.send(call);
    } catch (cause) {
      throw new UnreachableError(operation, new URL(call.url).host, cause);
    }
  }
}
