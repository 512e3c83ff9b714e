import { parseSas } from "../../../azure/sas";
import type { AuthenticatedDevice } from "../../hub/devices/authenticateDevice";
import type { DeviceKey } from "../../kernel/deviceKey";
import { REASON_HEADER, type Request, WireError } from "../../kernel/operation";
import { deviceRequest, type MqttClient, type MqttEndpoint } from "../mqttDependencies";
import { ConnectRefused } from "../mqttErrors";
import { HubConnection, type HubConnectionDependencies } from "./hubConnection";

/** `{host}/{deviceId}[/{moduleId}]/[?]api-version={v}[&…]` */
const USER_NAME = /^([^/]+)\/([^/]+)(?:\/([^/?]+))?\/\??(api-version=.*)$/i;

interface Device extends DeviceKey {
  readonly host: string;
  readonly apiVersion: string;
  /** `model-id`: a digital twin model (Azure documentation, "IoT Plug and Play device developer guide"). */
  readonly modelId: string | undefined;
}

function deviceOf({ userName, clientId, host: named }: MqttClient): Device {
  const [, host = "", deviceId = "", moduleId, query = ""] = USER_NAME.exec(userName) ?? [];
  const fields = new URLSearchParams(query);
  const apiVersion = fields.get("api-version");
  if (!host || !deviceId || !apiVersion) {
    const form = "{host}/{deviceId}[/{moduleId}]/?api-version=…";
    throw new ConnectRefused("badUserNameOrPassword", `the user name is not ${form}`);
  }
  if (named !== "" && named !== host.toLowerCase()) {
    throw new ConnectRefused("notAuthorized", `the user name is for ${host}, the connection is to ${named}`);
  }
  if (clientId !== (moduleId === undefined ? deviceId : `${deviceId}/${moduleId}`)) {
    throw new ConnectRefused("identifierRejected", "the client ID is not the device or module of the user name");
  }
  return { host: host.toLowerCase(), deviceId, moduleId, apiVersion, modelId: fields.get("model-id") || undefined };
}

/** CONNACK's codes by status; that of 400 is a guess. */
const REFUSALS: Readonly<Record<number, ConstructorParameters<typeof ConnectRefused>[0]>> = {
  400: "badUserNameOrPassword",
  401: "notAuthorized",
  403: "notAuthorized",
  404: "notAuthorized",
};

/** Converts an HTTPS error to a CONNACK code. */
function refusal(error: unknown): ConnectRefused {
  if (!(error instanceof WireError)) throw error;
  const reason = error.headers[REASON_HEADER] ?? error.message;
  return new ConnectRefused(REFUSALS[error.status] ?? "serverUnavailable", reason);
}

/** Connects devices and modules to an IoT hub. A new connection of a client ends the previous one. */
export function hubEndpoint(deps: HubConnectionDependencies): MqttEndpoint {
  return async (client) => {
    const { host, apiVersion, modelId, ...key } = deviceOf(client);
    const request = deviceRequest(client, apiVersion, telemetryOf(host, key));
    let sender: AuthenticatedDevice;
    try {
      sender = deps.devices.authenticate(request, key);
      if (modelId !== undefined) {
        await deps.devices.setModel({ hub: sender.hub.key, ...key }, modelId);
        // The client may have been disabled or deleted meanwhile.
        sender = { ...deps.devices.authenticate(request, key), modelId };
      }
    } catch (error) {
      throw refusal(error);
    }
    const expiry = client.password === undefined ? undefined : parseSas(client.password)?.expiry;
    return new HubConnection({ hub: sender.hub.key, ...key }, client, sender, request, expiry, deps);
  };
}

/** A request that sends telemetry of a device or module. */
function telemetryOf(
  host: string,
  { deviceId, moduleId }: DeviceKey,
): Pick<Request, "method" | "host" | "path" | "params"> {
  const module = moduleId === undefined ? "" : `/modules/${encodeURIComponent(moduleId)}`;
  const path = `/devices/${encodeURIComponent(deviceId)}${module}/messages/events`;
  return { method: "POST", host, path, params: moduleId === undefined ? { deviceId } : { deviceId, moduleId } };
}
