import { REASON_HEADER, WireError } from "../../kernel/operation";
import {
  type Authenticate,
  type CallOperation,
  deviceRequest,
  type MqttClient,
  type MqttEndpoint,
  type Publication,
} from "../mqttDependencies";
import { ConnectRefused, SUBACK_FAILURE } from "../mqttErrors";

/** `{host}/{deviceId}[/{moduleId}]/[?]api-version={v}[&…]` */
const USER_NAME = /^([^/]+)\/([^/]+)(?:\/([^/?]+))?\/\??(api-version=.*)$/i;

/** System properties of a topic's property bag and their HTTPS headers. */
const SYSTEM: ReadonlyMap<string, string> = new Map([
  ["$.mid", "iothub-messageid"],
  ["$.cid", "iothub-correlationid"],
  ["$.ct", "iothub-contenttype"],
  ["$.ce", "iothub-contentencoding"],
  ["$.to", "iothub-to"],
  ["$.uid", "iothub-userid"],
]);

/** Returns the headers for a topic's property bag, `a=1&%24.ct=…`. Throws for an unsupported system property. */
export function headersOf(bag: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const pair of bag.split("&").filter((each) => each !== "")) {
    const at = pair.indexOf("=");
    // A property bag is percent-encoded by RFC 3986: a plus is no blank.
    const name = decodeURIComponent(at < 0 ? pair : pair.slice(0, at));
    const system = SYSTEM.get(name);
    if (name.startsWith("$.") && system === undefined) {
      throw new Error(`NotEmulated: the local Azure does not support the system property ${name}`);
    }
    headers[system ?? `iothub-app-${name}`] = at < 0 ? "" : decodeURIComponent(pair.slice(at + 1));
  }
  return headers;
}

interface Device {
  readonly host: string;
  readonly id: string;
  readonly apiVersion: string;
}

function deviceOf({ userName, clientId, host: named }: MqttClient): Device {
  const [, host = "", id = "", module, query = ""] = USER_NAME.exec(userName) ?? [];
  const apiVersion = new URLSearchParams(query).get("api-version");
  if (!host || !id || !apiVersion) {
    throw new ConnectRefused("badUserNameOrPassword", "the user name is not {host}/{deviceId}/?api-version=…");
  }
  if (module !== undefined) throw new ConnectRefused("serverUnavailable", "NotEmulated: modules over MQTT");
  if (named !== "" && named !== host.toLowerCase()) {
    throw new ConnectRefused("notAuthorized", `the user name is for ${host}, the connection is to ${named}`);
  }
  if (clientId !== id) {
    throw new ConnectRefused("identifierRejected", "the client ID is not the device ID of the user name");
  }
  return { host: host.toLowerCase(), id, apiVersion };
}

/** Converts an HTTPS error to a CONNACK code. */
function refusal(error: unknown): ConnectRefused {
  if (!(error instanceof WireError)) throw error;
  const reason = error.headers[REASON_HEADER] ?? error.message;
  const known = error.status === 401 || error.status === 403 || error.status === 404;
  return new ConnectRefused(known ? "notAuthorized" : "serverUnavailable", reason);
}

/**
 * Telemetry of devices over MQTT at an IoT hub. Source: Azure documentation "Communicate with an IoT hub using the MQTT
 * protocol". Twins, direct methods and cloud-to-device messages are not emulated: subscriptions get SUBACK 128. A new
 * connection of a device ends the previous one.
 */
export function hubEndpoint(authenticate: Authenticate, call: CallOperation): MqttEndpoint {
  const connected = new Map<string, MqttClient>();
  return async (client) => {
    const device = deviceOf(client);
    const path = `/devices/${encodeURIComponent(device.id)}/messages/events`;
    const { host, id: deviceId, apiVersion } = device;
    const request = deviceRequest(client, apiVersion, { method: "POST", host, path, params: { deviceId } });
    try {
      authenticate(request, { deviceId });
    } catch (error) {
      throw refusal(error);
    }
    const key = `${device.host}/${device.id}`;
    connected.get(key)?.end("the device has a new connection");
    connected.set(key, client);

    const topic = `devices/${device.id}/messages/events/`;
    const send = async ({ topic: given, body: raw, retain }: Publication, more: Record<string, string> = {}) => {
      // The trailing slash is optional without properties.
      if (!`${given}/`.startsWith(topic)) throw new Error(`NotEmulated or not allowed: publishing to ${given}`);
      const headers = { ...request.headers, ...headersOf(given.slice(topic.length).replace(/^\?|\/$/g, "")), ...more };
      if (retain) headers["iothub-app-mqtt-retain"] = "true";
      const { status, body } = await call("Device_SendDeviceEvent", { ...request, headers, raw });
      if (status >= 400) throw new Error(`telemetry was refused: ${status} ${JSON.stringify(body)}`);
    };
    return {
      subscribe: () => SUBACK_FAILURE,
      receive: (publication) => send(publication),
      async closed(clean) {
        if (connected.get(key) === client) connected.delete(key);
        if (!clean && client.will) await send(client.will, { "iothub-app-iothub-MessageType": "Will" });
      },
    };
  };
}
