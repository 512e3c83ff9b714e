import { MalformedValue } from "./amqpValues";

type Judge = (value: unknown) => boolean;

const isText: Judge = (value) => typeof value === "string";
const isNumber: Judge = (value) => typeof value === "number" && Number.isFinite(value);
/** rhea reads a time past JavaScript's dates as a number or an invalid date. */
const isTime: Judge = (value) => isNumber(value instanceof Date ? value.getTime() : value);
/** AMQP 1.0, 3.2.11 to 3.2.14: a number, a UUID, bytes or text. */
const isId: Judge = (value) => isText(value) || isNumber(value) || Buffer.isBuffer(value);
const isMap: Judge = (value) => typeof value === "object" && !Array.isArray(value) && !Buffer.isBuffer(value);

/** The fields of a message by their types (AMQP 1.0, 3.2.1 to 3.2.5): rhea takes any value in each. */
const FIELDS: Readonly<Record<string, Judge>> = {
  ttl: isNumber,
  delivery_annotations: isMap,
  message_annotations: isMap,
  message_id: isId,
  user_id: (value) => Buffer.isBuffer(value),
  to: isText,
  subject: isText,
  reply_to: isText,
  correlation_id: isId,
  content_type: isText,
  content_encoding: isText,
  absolute_expiry_time: isTime,
  creation_time: isTime,
  group_id: isText,
  group_sequence: isNumber,
  reply_to_group_id: isText,
  application_properties: isMap,
};

/** Checks the fields of a decoded message, and removes those that are null. Throws MalformedValue. */
export function checkFieldTypes(message: Record<string, unknown>): void {
  for (const [name, judge] of Object.entries(FIELDS)) {
    const value = message[name];
    if (value === null) delete message[name];
    else if (value !== undefined && !judge(value)) {
      throw new MalformedValue(`the field ${name.replaceAll("_", "-")} of the message has a value of another type`);
    }
  }
}
