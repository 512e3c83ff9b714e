import type { Message } from "../../hub/events/telemetryWriter";
import type { DeviceBoundMessage } from "../../hub/messages/cloudToDeviceQueue";
import { type Property, readBag, writeBag } from "./propertyBag";

/** Topic filters to which every client subscribes. */
export const TWIN_RESPONSES = "$iothub/twin/res/#";
export const DESIRED_PATCHES = "$iothub/twin/PATCH/properties/desired/#";
export const METHODS = "$iothub/methods/POST/#";

/** A topic to which a client publishes. `requestId` is verbatim: the client compares it with what it sent. */
export type ClientTopic =
  | { readonly kind: "telemetry"; readonly properties: readonly Property[] }
  | { readonly kind: "getTwin" | "patchReported"; readonly requestId: string }
  | { readonly kind: "methodResponse"; readonly status: number; readonly requestId: string };

/** The names of system properties in a bag, and in Event Hubs. */
const SYSTEM: ReadonlyMap<string, string> = new Map([
  ["$.mid", "message-id"],
  ["$.cid", "correlation-id"],
  ["$.ct", "content-type"],
  ["$.ce", "content-encoding"],
  ["$.to", "to"],
  ["$.uid", "user-id"],
  ["$.exp", "absolute-expiry-time"],
  ["$.on", "iothub-outputname"],
  ["$.sub", "dt-subject"],
  ["$.ifid", "iothub-interface-id"],
  ["$.ctime", "iothub-creation-time-utc"],
]);

/** What the Java SDK says of the connection: the hub knows it itself. */
const CONNECTION_PROPERTIES: readonly string[] = ["$.cdid", "$.cmid"];

const REQUEST = /^\$iothub\/twin\/(GET|PATCH\/properties\/reported)\/?\?(.*)$/;
const METHOD_RESPONSE = /^\$iothub\/methods\/res\/(-?\d{1,9})\/?\?(.*)$/;

const requestIdOf = (query: string): string => /(?:^|&)(?:\$|%24)rid=([^&]*)/i.exec(query)?.[1] ?? "";

/**
 * Reads a topic to which the client at `path` (`devices/ID`, `devices/ID/modules/ID`) publishes. Undefined for a topic that
 * the hub does not have. Throws URIError for an invalid percent-encoding.
 */
export function readTopic(topic: string, path: string): ClientTopic | undefined {
  const events = `${path}/messages/events/`;
  // The trailing slash is optional without properties.
  if (`${topic}/`.startsWith(events)) {
    return { kind: "telemetry", properties: readBag(topic.slice(events.length).replace(/^\?|\/$/g, "")) };
  }
  const [, resource, query = ""] = REQUEST.exec(topic) ?? [];
  if (resource) return { kind: resource === "GET" ? "getTwin" : "patchReported", requestId: requestIdOf(query) };
  const [, status, more = ""] = METHOD_RESPONSE.exec(topic) ?? [];
  return status === undefined
    ? undefined
    : { kind: "methodResponse", status: Number(status), requestId: requestIdOf(more) };
}

/** Returns a message with the properties of its topic. Throws for a system property that is not emulated. */
export function messageOf(given: readonly Property[], body: Buffer): Message {
  const [system, properties] = [new Map<string, string>(), new Map<string, string>()];
  for (const [name, value = ""] of given) {
    const known = SYSTEM.get(name);
    if (known !== undefined) system.set(known, value);
    else if (!name.startsWith("$.")) properties.set(name, value);
    else if (!CONNECTION_PROPERTIES.includes(name))
      throw new Error(`NotEmulated: the local Azure does not support the system property ${name}`);
  }
  return { body, system: Object.fromEntries(system), properties: Object.fromEntries(properties) };
}

/** Returns the topic of a cloud-to-device message. */
export function deviceBoundTopic(path: string, message: DeviceBoundMessage): string {
  const { messageId, to, correlationId, userId, contentType, contentEncoding, ack, properties } = message;
  const expiry = message.hasOwnExpiry ? message.expires.toISOString() : undefined;
  const system: readonly Property[] = [
    ["$.mid", messageId],
    ["$.exp", expiry],
    ["$.to", to],
    ["$.cid", correlationId],
    ["$.uid", userId],
    ["$.ct", contentType],
    ["$.ce", contentEncoding],
    ["iothub-ack", ack === "none" ? undefined : ack],
  ];
  const present = system.filter(([, value]) => value !== undefined);
  return `${path}/messages/devicebound/${writeBag([...present, ...Object.entries(properties)])}`;
}
