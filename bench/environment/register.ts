import type { Agent } from "node:https";
import { API_VERSIONS } from "../../azure/apiVersions";
import { GLOBAL_DEVICE_ENDPOINT } from "../../azure/hosts";
import type { RegistrationOperation } from "../../azure/wire/dpsRegistration";
import { type LocalAzure, type Response, send } from "./localAzure";
import type { Device } from "./registrationEnvironment";

/** Registers one device as a device does: TLS, register, poll until assigned; one new connection a device. */
export async function register(azure: LocalAzure, idScope: string, device: Device): Promise<void> {
  const agent = azure.agent(GLOBAL_DEVICE_ENDPOINT, device);
  try {
    const base = `/${idScope}/registrations/${device.registrationId}`;
    const version = `api-version=${API_VERSIONS.dpsDevice}`;
    const body = JSON.stringify({ registrationId: device.registrationId });
    let operation = parse(await call(azure.port, agent, "PUT", `${base}/register?${version}`, body));
    while (operation.status === "assigning") {
      const path = `${base}/operations/${operation.operationId}?${version}`;
      operation = parse(await call(azure.port, agent, "GET", path));
    }
    if (operation.status !== "assigned") throw new Error(`${device.registrationId}: ${JSON.stringify(operation)}`);
  } finally {
    agent.destroy();
  }
}

function parse({ status, text }: Response): RegistrationOperation {
  if (status >= 400) throw new Error(`registration returned ${status}: ${text}`);
  return JSON.parse(text) as RegistrationOperation;
}

function call(port: number, agent: Agent, method: string, path: string, body?: string): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return send(port, { host: GLOBAL_DEVICE_ENDPOINT, method, path, headers, ...(body ? { body } : {}) }, agent);
}
