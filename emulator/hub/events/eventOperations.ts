import type { IncomingHttpHeaders } from "node:http";
import { isObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request } from "../../kernel/operation";
import { parseJson } from "../../kernel/parseJson";
import { authenticateDevice } from "../devices/authenticateDevice";
import type { HubDependencies } from "../hubDependencies";
import { hubError } from "../hubErrors";
import { MESSAGE_LIMIT, type Message } from "./telemetryWriter";

const APPLICATION = "iothub-app-";

/** Headers of system properties, and their names in Event Hubs. */
const SYSTEM: ReadonlyMap<string, string> = new Map([
  ["iothub-messageid", "message-id"],
  ["iothub-correlationid", "correlation-id"],
  ["iothub-contenttype", "content-type"],
  ["iothub-contentencoding", "content-encoding"],
  ["iothub-to", "to"],
  ["iothub-userid", "user-id"],
  ["iothub-expiry", "absolute-expiry-time"],
  ["iothub-outputname", "iothub-outputname"],
  ["iothub-interface-id", "iothub-interface-id"],
  ["iothub-dt-subject", "dt-subject"],
  ["iothub-creation-time-utc", "iothub-creation-time-utc"],
]);

function propertiesOf(given: Readonly<Record<string, unknown>>): Pick<Message, "system" | "properties"> {
  const [system, properties] = [new Map<string, string>(), new Map<string, string>()];
  for (const [name, value] of Object.entries(given)) {
    const known = SYSTEM.get(name.toLowerCase());
    if (known !== undefined) system.set(known, String(value));
    else if (name.toLowerCase().startsWith(APPLICATION)) properties.set(name.slice(APPLICATION.length), String(value));
  }
  return { system: Object.fromEntries(system), properties: Object.fromEntries(properties) };
}

function readBatch(raw: Buffer): Message[] {
  const malformed = (why: string) => hubError("IotHubFormatError", `the batch is malformed: ${why}`);
  let items: unknown;
  try {
    items = parseJson(raw);
  } catch {
    throw malformed("it is not JSON");
  }
  if (!Array.isArray(items) || items.length === 0) throw malformed("it is no list of messages");
  return items.map((item: unknown, index) => {
    const { body, base64Encoded = true, properties = {} } = isObject(item) ? item : {};
    if (typeof body !== "string" || !isObject(properties)) {
      throw malformed(`message ${index} has no body of text or its properties are no object`);
    }
    if (Object.values(properties).some((value) => typeof value === "object" && value !== null)) {
      throw malformed(`a property of message ${index} is no simple value`);
    }
    return {
      body: Buffer.from(body, base64Encoded === false ? "utf8" : "base64"),
      ...propertiesOf(properties),
    };
  });
}

function readSingle(headers: IncomingHttpHeaders, raw: Buffer): Message {
  const { system, properties } = propertiesOf(headers);
  // As documented for HTTPS: Content-Type and Content-Encoding describe the message's body.
  const type = headers["content-type"];
  const encoding = headers["content-encoding"]?.trim();
  return {
    body: raw,
    system: {
      ...(type === undefined ? {} : { "content-type": type }),
      ...(encoding === undefined ? {} : { "content-encoding": encoding }),
      ...system,
    },
    properties,
  };
}

/** The messages of one request: one, or a batch (`application/vnd.microsoft.iothub.json`). Over 256 KB: 413001. */
export function readMessages(headers: IncomingHttpHeaders, raw: Buffer): Message[] {
  if (raw.length > MESSAGE_LIMIT) {
    throw hubError("MessageTooLarge", `the limit is ${MESSAGE_LIMIT} bytes, properties included, not ${raw.length}`);
  }
  const batch = /^application\/vnd\.microsoft\.iothub\.json\b/i.test(headers["content-type"] ?? "");
  return batch ? readBatch(raw) : [readSingle(headers, raw)];
}

/** The operations on device-to-cloud events. */
export function eventOperations(deps: HubDependencies): Operation[] {
  /** Stores telemetry; it is durable once the response is 204. */
  const send = async (request: Request) => {
    const { deviceId = "", moduleId } = request.params;
    const sender = authenticateDevice(request, { deviceId, moduleId }, deps);
    await deps.telemetry.send(sender, readMessages(request.headers, request.raw));
    return { status: 204, headers: { "content-length": "0", vary: "Origin", server: "Microsoft-HTTPAPI/2.0" } };
  };
  const senders = [
    ["Device_SendDeviceEvent", "/devices/:deviceId/messages/events"],
    ["Device_SendModuleEvent", "/devices/:deviceId/modules/:moduleId/messages/events"],
  ] as const;
  return senders.map(([name, path]): Operation => {
    return { name, path, method: "POST", rawBody: true, bodyLimit: MESSAGE_LIMIT, handle: send };
  });
}
