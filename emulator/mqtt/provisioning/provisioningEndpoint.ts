import { GLOBAL_DEVICE_ENDPOINT } from "../../../azure/hosts";
import { nameKey } from "../../../azure/names";
import { REASON_HEADER } from "../../kernel/errorDetail";
import type { Request, Response } from "../../kernel/operation";
import {
  CONNACK,
  ConnectRefused,
  type Endpoint,
  type Link,
  type Publication,
  REFUSED,
  type Visitor,
} from "../mqttEndpoint";

/** Answers a call as the device API over HTTPS does: the same operations, the same errors. */
export type Responder = (operation: string, request: Request) => Promise<Response>;

/** `{idScope}/registrations/{id}/api-version={v}[&ClientVersion=…]` */
const USER_NAME = /^([^/]+)\/registrations\/([^/]+)\/\??(api-version=.*)$/i;
const REPLIES = "$dps/registrations/res/";
const REGISTER = "$dps/registrations/PUT/iotdps-register/?";
const STATUS = "$dps/registrations/GET/iotdps-get-operationstatus/?";

interface Device {
  readonly idScope: string;
  readonly id: string;
  readonly apiVersion: string;
}

function deviceOf({ userName, clientId }: Visitor): Device {
  const [, idScope = "", id = "", query = ""] = USER_NAME.exec(userName) ?? [];
  const apiVersion = new URLSearchParams(query).get("api-version");
  if (!idScope || !id || !apiVersion) {
    throw new ConnectRefused(
      CONNACK.badUserNameOrPassword,
      "the user name is not {idScope}/registrations/{registrationId}/api-version=…",
    );
  }
  if (nameKey("registrationId", clientId) !== nameKey("registrationId", id)) {
    throw new ConnectRefused(CONNACK.identifierRejected, "the client ID is not the registration ID of the user name");
  }
  return { idScope, id, apiVersion };
}

/**
 * Registration over MQTT at the device endpoint of DPS. Sources: Azure documentation "Communicate with your DPS using the
 * MQTT protocol"; the topics as the Node and Python SDKs were seen to use them. Who shows neither certificate nor
 * password, or a wrong password, is refused by CONNACK; certificates are judged when the device registers.
 */
export function provisioningEndpoint(response: Responder): Endpoint {
  return async (visitor) => {
    const device = deviceOf(visitor);
    if (visitor.password === undefined && visitor.clientChain().length === 0) {
      throw new ConnectRefused(CONNACK.notAuthorized, "neither a client certificate nor a password");
    }
    const ask = (operation: string, method: string, rest: string, more: Partial<Request> = {}): Promise<Response> =>
      response(operation, {
        method,
        host: visitor.host || GLOBAL_DEVICE_ENDPOINT,
        path: `/${device.idScope}/registrations/${encodeURIComponent(device.id)}${rest}`,
        query: new Map([["api-version", device.apiVersion]]),
        headers: visitor.password === undefined ? {} : { authorization: visitor.password },
        body: undefined,
        raw: Buffer.alloc(0),
        overMqtt: true,
        clientChain: visitor.clientChain,
        ...more,
        params: { idScope: device.idScope, id: device.id, ...more.params },
      });
    if (visitor.password !== undefined) {
      const raw = Buffer.from(JSON.stringify({ registrationId: device.id }));
      const { status, headers } = await ask("RuntimeRegistration_DeviceRegistrationStatusLookup", "POST", "", { raw });
      if (status === 401) {
        throw new ConnectRefused(CONNACK.notAuthorized, headers?.[REASON_HEADER] ?? "the password is wrong");
      }
    }
    return linkOf(visitor, ask);
  };
}

type Ask = (operation: string, method: string, rest: string, more?: Partial<Request>) => Promise<Response>;

function linkOf(visitor: Visitor, ask: Ask): Link {
  const reply = (requestId: string, { status, headers, body }: Response): void => {
    const retryAfter = headers?.["retry-after"];
    const wait = retryAfter === undefined ? "" : `&retry-after=${retryAfter}`;
    visitor.send(`${REPLIES}${status}/?$rid=${requestId}${wait}`, JSON.stringify(body ?? {}));
  };
  return {
    subscribe: (topic, qos) => (topic === `${REPLIES}#` ? qos : REFUSED),
    async receive({ topic, body: raw }: Publication) {
      const bag = topic.slice(topic.indexOf("?") + 1);
      const query = new URLSearchParams(bag);
      // As it was written: the client looks for what it sent.
      const requestId = /(?:^|&)(?:\$|%24)rid=([^&]*)/i.exec(bag)?.[1] ?? "";
      if (topic.startsWith(REGISTER)) {
        reply(requestId, await ask("RuntimeRegistration_RegisterDevice", "PUT", "/register", { raw }));
      } else if (topic.startsWith(STATUS)) {
        const operationId = query.get("operationId") ?? "";
        const rest = `/operations/${encodeURIComponent(operationId)}`;
        reply(
          requestId,
          await ask("RuntimeRegistration_OperationStatusLookup", "GET", rest, { params: { operationId } }),
        );
      } else {
        throw new Error(`DPS takes nothing at the topic ${topic}`);
      }
    },
    closed: async () => undefined,
  };
}
