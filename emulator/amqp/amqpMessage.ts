import { type Message, message } from "rhea";
import { AmqpError, CONDITION } from "./amqpErrors";
import { MalformedValue, ValueChecker } from "./amqpValues";
import { checkFieldTypes } from "./messageFieldTypes";

/** A message in AMQP's standard format, decoded. */
export type AmqpMessage = Message;

/** The codes of a message's sections: header to footer (AMQP 1.0, 3.2). */
const SECTIONS = { first: 0x70, last: 0x78 };
/** The most sections of a message: more than a batch of 500 messages has, and few enough to decode in some milliseconds. */
const MAX_SECTIONS = 2000;
/** The code of a section of bytes. */
const DATA = 0x75;

function checkSection(bytes: Buffer, at: number): void {
  const code = bytes[at + 1] === 0x53 ? (bytes[at + 2] ?? 0) : bytes[at + 1] === 0x80 ? (bytes[at + 9] ?? 0) : 0;
  if (bytes[at] !== 0 || code < SECTIONS.first || code > SECTIONS.last) {
    throw new MalformedValue("a message has a section of an unknown kind");
  }
}

/** Decodes a message. Throws MalformedValue. */
export function decodeMessage(bytes: Buffer): AmqpMessage {
  for (let at = 0, sections = 1; at < bytes.length; sections += 1) {
    if (sections > MAX_SECTIONS) throw new MalformedValue(`a message has more than ${MAX_SECTIONS} sections`);
    checkSection(bytes, at);
    at = new ValueChecker(bytes, at).value(bytes.length, 0);
  }
  const decoded = message.decode(bytes) as unknown as AmqpMessage;
  checkFieldTypes(decoded as unknown as Record<string, unknown>);
  return decoded;
}

/** The format of a batch of messages, as in Event Hubs (azure-iot-sdk-c, iothubtransport_amqp_telemetry_messenger.c). */
export const BATCH_FORMAT = 0x8001_3700;

/**
 * Decodes a batch: a message with a data section for each of its messages, encoded. Throws MalformedValue, and AmqpError
 * for more messages than `most`, before it decodes one.
 */
export function decodeBatch(bytes: Buffer, most: number): AmqpMessage[] {
  const { body } = decodeMessage(bytes);
  const { typecode, content } = (body ?? {}) as { readonly typecode?: number; readonly content?: unknown };
  if (typecode !== DATA) throw new MalformedValue("a batch has no data section");
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  if (parts.length > most) {
    throw new AmqpError(CONDITION.argument, `a batch has at most ${most} messages, not ${parts.length}`);
  }
  return parts.map((part) => decodeMessage(part as Buffer));
}

/** The code of the section of properties. */
const PROPERTIES = 0x73;
/** The code of a list without an element. */
const EMPTY_LIST = 0x45;

/** The bytes of a section that rhea has written: a list without an element, one of a byte for its size, or one of four. */
function sectionSize(bytes: Buffer, at: number): number {
  const kind = bytes[at + 3] ?? 0;
  if (kind === EMPTY_LIST) return 4;
  return kind < 0xd0 ? 5 + bytes.readUInt8(at + 4) : 8 + bytes.readUInt32BE(at + 4);
}

/** Takes the section of properties out if it has none: rhea always writes it. */
function withoutEmptyProperties(bytes: Buffer): Buffer {
  let at = 0;
  while ((bytes[at + 2] ?? PROPERTIES) < PROPERTIES) at += sectionSize(bytes, at);
  if (bytes[at + 2] !== PROPERTIES || bytes[at + 3] !== EMPTY_LIST) return bytes;
  bytes.copyWithin(4, 0, at);
  return bytes.subarray(4);
}

/**
 * Encodes a message; what is sent to many clients is encoded once. Like Azure's, it has no section of properties or
 * application properties without a value: azure-iot-sdk-python's own tests read the content type of each that has the first.
 */
export function encodeMessage(given: AmqpMessage): Buffer {
  const { application_properties: properties } = given;
  const isEmpty = properties !== undefined && Object.keys(properties).length === 0;
  return withoutEmptyProperties(message.encode(isEmpty ? { ...given, application_properties: undefined } : given));
}

/** A body of bytes, as devices send it and Event Hubs clients expect it. */
export const dataBody = (bytes: Buffer): unknown => message.data_section(bytes);

/** The bytes of a decoded message's body: its data sections, or a value of text or bytes; undefined for any other value. */
export function bodyBytes({ body }: AmqpMessage): Buffer | undefined {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  if (typeof body === "string") return Buffer.from(body);
  const { typecode, content } = body as { readonly typecode?: number; readonly content?: unknown };
  if (typecode !== DATA) return undefined;
  const parts = Array.isArray(content) ? content : [content];
  return Buffer.concat(parts.filter((part): part is Buffer => Buffer.isBuffer(part)));
}
