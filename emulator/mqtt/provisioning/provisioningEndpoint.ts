import { GLOBAL_DEVICE_ENDPOINT } from "../../../azure/hosts";
import { nameKey } from "../../../azure/names";
import type { CallOperation } from "../../kernel/callOperation";
import { REASON_HEADER, type Request, type Response } from "../../kernel/operation";
import {
  deviceRequest,
  type MqttClient,
  type MqttConnection,
  type MqttEndpoint,
  type Publication,
} from "../mqttDependencies";
import { ConnectRefused, SUBACK_FAILURE } from "../mqttErrors";

/** `{idScope}/registrations/{id}/api-version={v}[&ClientVersion=…]` */
const USER_NAME = /^([^/]+)\/registrations\/([^/]+)\/\??(api-version=.*)$/i;
const RESPONSES = "$dps/registrations/res/";
const FILTER = `${RESPONSES}#`;
const REGISTER = "$dps/registrations/PUT/iotdps-register/?";
const STATUS = "$dps/registrations/GET/iotdps-get-operationstatus/?";

interface Device {
  readonly idScope: string;
  readonly id: string;
  readonly apiVersion: string;
}

function deviceOf({ userName, clientId }: MqttClient): Device {
  const [, idScope = "", id = "", query = ""] = USER_NAME.exec(userName) ?? [];
  const apiVersion = new URLSearchParams(query).get("api-version");
  if (!idScope || !id || !apiVersion) {
    throw new ConnectRefused(
      "badUserNameOrPassword",
      "the user name is not {idScope}/registrations/{registrationId}/api-version=…",
    );
  }
  if (nameKey("registrationId", clientId) !== nameKey("registrationId", id)) {
    throw new ConnectRefused("identifierRejected", "the client ID is not the registration ID of the user name");
  }
  return { idScope, id, apiVersion };
}

/**
 * Registration over MQTT at the device endpoint of DPS. Sources: Azure documentation "Communicate with your DPS using the
 * MQTT protocol"; topics as used by the Node and Python SDKs. CONNACK refuses clients with neither a certificate nor a
 * password, or with a wrong password; certificates are verified at registration.
 */
export function provisioningEndpoint(call: CallOperation): MqttEndpoint {
  return async (client) => {
    const device = deviceOf(client);
    if (client.password === undefined && client.clientChain().length === 0) {
      throw new ConnectRefused("notAuthorized", "neither a client certificate nor a password");
    }
    const callFor: CallForDevice = (operation, method, rest, more = {}) =>
      call(
        operation,
        deviceRequest(client, device.apiVersion, {
          method,
          host: client.host || GLOBAL_DEVICE_ENDPOINT,
          path: `/${device.idScope}/registrations/${encodeURIComponent(device.id)}${rest}`,
          overMqtt: true,
          ...more,
          params: { idScope: device.idScope, id: device.id, ...more.params },
        }),
      );
    if (client.password !== undefined) {
      const raw = Buffer.from(JSON.stringify({ registrationId: device.id }));
      const { status, headers } = await callFor("RuntimeRegistration_DeviceRegistrationStatusLookup", "POST", "", {
        raw,
      });
      if (status === 401) {
        throw new ConnectRefused("notAuthorized", headers?.[REASON_HEADER] ?? "the password is wrong");
      }
    }
    return connectionOf(client, callFor);
  };
}

type CallForDevice = (operation: string, method: string, rest: string, more?: Partial<Request>) => Promise<Response>;

function connectionOf(client: MqttClient, callFor: CallForDevice): MqttConnection {
  const reply = (requestId: string, { status, headers, body }: Response): void => {
    const retryAfter = headers?.["retry-after"];
    const wait = retryAfter === undefined ? "" : `&retry-after=${retryAfter}`;
    const topic = `${RESPONSES}${status}/?$rid=${requestId}${wait}`;
    client.send(FILTER, { topic, body: JSON.stringify(body ?? {}) });
  };
  return {
    subscribe: (filter, qos) => (filter === FILTER ? qos : SUBACK_FAILURE),
    async receive({ topic, body: raw }: Publication) {
      const properties = topic.slice(topic.indexOf("?") + 1);
      const query = new URLSearchParams(properties);
      // Verbatim: the client compares it with what it sent.
      const requestId = /(?:^|&)(?:\$|%24)rid=([^&]*)/i.exec(properties)?.[1] ?? "";
      if (topic.startsWith(REGISTER)) {
        reply(requestId, await callFor("RuntimeRegistration_RegisterDevice", "PUT", "/register", { raw }));
      } else if (topic.startsWith(STATUS)) {
        const operationId = query.get("operationId") ?? "";
        const rest = `/operations/${encodeURIComponent(operationId)}`;
        reply(
          requestId,
          await callFor("RuntimeRegistration_OperationStatusLookup", "GET", rest, { params: { operationId } }),
        );
      } else {
        throw new Error(`DPS does not accept the topic ${topic}`);
      }
    },
    closed: async () => undefined,
  };
}
