import type { Operation, Request, Response } from "../../kernel/operation";
import type { ClientKey } from "../connections/clientKey";
import { authenticateDevice } from "../devices/authenticateDevice";
import type { HubDependencies } from "../hubDependencies";
import { hubError } from "../hubErrors";
import { type DeviceBoundMessage, LOCK_MS } from "./cloudToDeviceQueue";

/** The longest lock that a device can ask for, in seconds; Azure's limit is not documented. */
const LONGEST_LOCK = 300;

/** Returns the authenticated client of a request. Throws the hub's 401 or 404. */
function clientOf(request: Request, deps: HubDependencies): ClientKey {
  const { deviceId = "", moduleId } = request.params;
  const { hub } = authenticateDevice(request, { deviceId, moduleId }, deps);
  deps.identities.heard(hub.key, deviceId);
  return { hub: hub.key, deviceId, moduleId };
}

/** Milliseconds of `messageLockTimeout`. Throws ArgumentInvalid. */
function lockMsOf({ query }: Request): number {
  const given = query.get("messagelocktimeout");
  if (given === undefined) return LOCK_MS;
  const seconds = /^\d{1,3}$/.test(given) ? Number(given) : 0;
  if (seconds < 1 || seconds > LONGEST_LOCK) {
    throw hubError("ArgumentInvalid", `messageLockTimeout is not from 1 to ${LONGEST_LOCK} seconds`);
  }
  return seconds * 1000;
}

/** `12/9/2019 1:05:00 PM` */
function timeOf(at: Date): string {
  const [hours, rest] = [at.getUTCHours(), at.toISOString().slice(13, 19)];
  const date = `${at.getUTCMonth() + 1}/${at.getUTCDate()}/${at.getUTCFullYear()}`;
  return `${date} ${hours % 12 || 12}${rest} ${hours < 12 ? "AM" : "PM"}`;
}

/** Text as a header takes it: what is no ASCII is percent-encoded. How Azure sends it is not known. */
const headerValue = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text.replace(/[\ud800-\udfff]/g, ""));
const headerName = (text: string): string =>
  /^[\w.-]+$/.test(text) ? text : encodeURIComponent(text).replace(/[^\w.%-]/g, "_");

/** A message's properties as headers, by the names that the az extension azure-iot expects of Azure. */
function headersOf(message: DeviceBoundMessage): Record<string, string> {
  const { messageId = "", correlationId = "", userId = "", contentType, contentEncoding } = message;
  const system: Record<string, string | undefined> = {
    "iothub-messageid": messageId,
    "iothub-correlationid": correlationId,
    "iothub-sequencenumber": String(message.sequenceNumber),
    "iothub-to": message.to,
    "iothub-userid": userId,
    "iothub-ack": message.ack,
    "iothub-expiry": timeOf(message.expires),
    "iothub-deliverycount": String(message.deliveries),
    "iothub-enqueuedtime": timeOf(message.enqueued),
    ContentType: contentType,
    ContentEncoding: contentEncoding,
  };
  const application = Object.entries(message.properties).map(([name, value]) => [
    `iothub-app-${headerName(name)}`,
    value,
  ]);
  const all = [...Object.entries(system), ...application].flatMap(([name = "", value]) =>
    value === undefined ? [] : [[name, headerValue(value)]],
  );
  return { ...Object.fromEntries(all), etag: `"${message.lockToken}"` };
}

/**
 * The operations by which devices receive cloud-to-device messages over HTTPS, one at a time (Azure REST API "Device", 2020-03-13).
 */
export function deviceBoundOperations(deps: HubDependencies): Operation[] {
  const { messages, database } = deps;

  const receive = async (request: Request): Promise<Response> => {
    const client = clientOf(request, deps);
    const lockMs = lockMsOf(request);
    const message = await database.groupCommit(() => messages.receive(client, { lockMs }));
    return message ? { status: 200, headers: headersOf(message), body: message.body } : { status: 204 };
  };

  const settle = (end: (client: ClientKey, lockToken: string, request: Request) => boolean) => {
    return async (request: Request): Promise<Response> => {
      const client = clientOf(request, deps);
      const { lockToken = "" } = request.params;
      if (await database.groupCommit(() => end(client, lockToken, request))) return { status: 204 };
      const reason = `lock token ${lockToken}`;
      throw hubError("DeviceMessageLockLost", "the lock of the message is unknown or has lapsed", { reason });
    };
  };
  // `?reject`, with or without a value.
  const complete = settle((client, lockToken, { query }) =>
    query.has("reject") ? messages.reject(client, lockToken) : messages.complete(client, lockToken),
  );
  const abandon = settle((client, lockToken) => messages.abandon(client, lockToken));

  const owners = [
    ["Device", "/devices/:deviceId/messages/deviceBound"],
    ["Module", "/devices/:deviceId/modules/:moduleId/messages/deviceBound"],
  ] as const;
  return owners.flatMap(([owner, path]): Operation[] => {
    const named = (verb: string) => `Device_${verb}${owner}BoundNotification`;
    return [
      { name: named("Receive"), method: "GET", path, handle: receive },
      { name: named("Complete"), method: "DELETE", path: `${path}/:lockToken`, handle: complete },
      { name: named("Abandon"), method: "POST", path: `${path}/:lockToken/abandon`, rawBody: true, handle: abandon },
    ];
  });
}
