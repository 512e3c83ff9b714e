import { types } from "rhea";
import type { Message } from "../../hub/events/telemetryWriter";
import { FILE_NOTIFICATION_TYPE, type LockedFileNotification } from "../../hub/files/fileNotificationQueue";
import type { Ack, DeviceBoundDraft, DeviceBoundMessage } from "../../hub/messages/cloudToDeviceQueue";
import { FEEDBACK_TYPE, type FeedbackBatch } from "../../hub/messages/feedbackQueue";
import { AmqpError, CONDITION } from "../amqpErrors";
import { type AmqpMessage, bodyBytes, dataBody } from "../amqpMessage";
import { idText } from "./idText";

/** The annotations of a message that are system properties of IoT Hub. */
const ANNOTATIONS = ["iothub-interface-id", "dt-subject", "iothub-creation-time-utc"];

const ACKS: readonly string[] = ["none", "positive", "negative", "full"] satisfies Ack[];

/** Whether a value is a time within JavaScript's dates. */
const isDate = (value: unknown): value is Date => value instanceof Date && Number.isFinite(value.getTime());

/** The bytes of a message. Throws AmqpError for a body that has none. */
export function bytesOf(message: AmqpMessage): Buffer {
  const bytes = bodyBytes(message);
  if (!bytes) throw new AmqpError(CONDITION.notImplemented, "the body of a message is its data section");
  return bytes;
}

/** Application properties as texts. Throws AmqpError for a value that is none of AMQP's simple types. */
function applicationProperties({ application_properties: given = {} }: AmqpMessage): [string, string][] {
  return Object.entries(given as Record<string, unknown>).map(([name, value]) => {
    if (isDate(value)) return [name, value.toISOString()];
    if (typeof value === "object" && value !== null) {
      throw new AmqpError(CONDITION.argument, `the application property ${name} is no simple value`);
    }
    return [name, String(value ?? "")];
  });
}

/** Returns a message that a device sends. Throws AmqpError for a body without bytes, or a property that is no simple value. */
export function telemetryOf(message: AmqpMessage): Message {
  const annotations = (message.message_annotations ?? {}) as Record<string, unknown>;
  const system: Record<string, string | undefined> = {
    "message-id": idText(message.message_id),
    "correlation-id": idText(message.correlation_id),
    "user-id": userIdOf(message),
    to: message.to,
    "content-type": message.content_type,
    "content-encoding": message.content_encoding,
    ...Object.fromEntries(ANNOTATIONS.map((name) => [name, textOf(annotations[name])])),
  };
  const present = Object.entries(system).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return {
    body: bytesOf(message),
    system: Object.fromEntries(present),
    properties: Object.fromEntries(applicationProperties(message)),
  };
}

/** A user ID is bytes in AMQP, and a text in IoT Hub. */
const userIdOf = ({ user_id: id }: AmqpMessage): string | undefined => (id ? String(id) : undefined);

const textOf = (value: unknown): string | undefined => {
  if (isDate(value)) return value.toISOString();
  return typeof value === "string" ? value : undefined;
};

/** Returns the message that a service sends to a device. Throws AmqpError for an unknown `iothub-ack`. */
export function draftOf(message: AmqpMessage, now: Date): DeviceBoundDraft {
  const { "iothub-ack": ack = "none", ...properties } = Object.fromEntries(applicationProperties(message));
  if (!ACKS.includes(ack))
    throw new AmqpError(CONDITION.argument, `iothub-ack is one of ${ACKS.join(", ")}, not ${ack}`);
  const { absolute_expiry_time: expires, ttl } = message as { absolute_expiry_time?: Date | number; ttl?: number };
  return {
    body: bytesOf(message),
    messageId: idText(message.message_id),
    correlationId: idText(message.correlation_id),
    userId: userIdOf(message),
    contentType: message.content_type,
    contentEncoding: message.content_encoding,
    ack: ack as Ack,
    expires: expires ? new Date(expires) : ttl ? new Date(now.getTime() + ttl) : undefined,
    properties,
  };
}

/** Returns a cloud-to-device message as its device receives it. */
export function deviceBoundMessage(message: DeviceBoundMessage): AmqpMessage {
  return {
    message_id: message.messageId,
    correlation_id: message.correlationId,
    user_id: message.userId === undefined ? undefined : Buffer.from(message.userId),
    to: message.to,
    content_type: message.contentType,
    content_encoding: message.contentEncoding,
    absolute_expiry_time: message.expires.getTime(),
    delivery_count: message.deliveries,
    message_annotations: {
      "x-opt-sequence-number": types.wrap_long(message.sequenceNumber),
      "x-opt-enqueued-time": types.wrap_timestamp(message.enqueued.getTime()),
      "iothub-enqueuedtime": types.wrap_timestamp(message.enqueued.getTime()),
      "iothub-deliverycount": types.wrap_int(message.deliveries),
    },
    application_properties: { ...message.properties, ...(message.ack === "none" ? {} : { "iothub-ack": message.ack }) },
    body: dataBody(message.body),
  } as unknown as AmqpMessage;
}

/** Returns feedback as the service receives it. */
export function feedbackMessage(hubName: string, { records, enqueued, deliveries }: FeedbackBatch): AmqpMessage {
  return {
    content_type: FEEDBACK_TYPE,
    content_encoding: "utf-8",
    user_id: Buffer.from(hubName),
    delivery_count: deliveries,
    message_annotations: { "iothub-enqueuedtime": types.wrap_timestamp(enqueued.getTime()) },
    body: dataBody(Buffer.from(JSON.stringify(records))),
  } as unknown as AmqpMessage;
}

/** Returns a notification of an uploaded file as the service receives it. */
export function fileNotificationMessage({ notification, enqueued, deliveries }: LockedFileNotification): AmqpMessage {
  return {
    content_type: FILE_NOTIFICATION_TYPE,
    content_encoding: "utf-8",
    delivery_count: deliveries,
    message_annotations: { "iothub-enqueuedtime": types.wrap_timestamp(enqueued.getTime()) },
    body: dataBody(Buffer.from(JSON.stringify(notification))),
  } as unknown as AmqpMessage;
}
