import { type Message, message } from "rhea";
import { MalformedValue, ValueChecker } from "./amqpValues";

/** A message in AMQP's standard format, decoded. */
export type AmqpMessage = Message;

/** The codes of a message's sections: header to footer (AMQP 1.0, 3.2). */
const SECTIONS = { first: 0x70, last: 0x78 };
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
  for (let at = 0; at < bytes.length; ) {
    checkSection(bytes, at);
    at = new ValueChecker(bytes, at).value(bytes.length, 0);
  }
  return message.decode(bytes) as unknown as AmqpMessage;
}

/** Encodes a message; what is sent to many clients is encoded once. */
export const encodeMessage = (given: AmqpMessage): Buffer => message.encode(given);

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
