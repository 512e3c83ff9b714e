import { types } from "rhea";
import type { PartitionState } from "../../hub/events/eventStore";
import type { PartitionEvent } from "../../hub/events/hubEvent";
import { type AmqpMessage, dataBody, encodeMessage } from "../amqpMessage";

/** Fields of AMQP's properties by the name that IoT Hub gives them. */
const PROPERTIES: Readonly<Record<string, keyof AmqpMessage>> = {
  "message-id": "message_id",
  "correlation-id": "correlation_id",
  "content-type": "content_type",
  "content-encoding": "content_encoding",
  to: "to",
};

const timestamp = (text: string): unknown => types.wrap_timestamp(Date.parse(text));

/** What a receiver that asks for runtime information gets with each event (`enable-receiver-runtime-metric`). */
const runtimeOf = (state: PartitionState, now: Date): Record<string, unknown> => ({
  last_enqueued_sequence_number: types.wrap_long(state.lastSequenceNumber),
  last_enqueued_offset: String(state.lastOffset),
  last_enqueued_time_utc: types.wrap_timestamp((state.lastEnqueued ?? new Date(0)).getTime()),
  runtime_info_retrieval_time_utc: types.wrap_timestamp(now.getTime()),
});

/** Encodes an event with its annotations, as IoT Hub's built-in endpoint sends it. */
export function encodeEvent(
  event: PartitionEvent,
  runtime?: { readonly state: PartitionState; readonly now: Date },
): Buffer {
  const annotations: Record<string, unknown> = {
    "x-opt-sequence-number": types.wrap_long(event.sequenceNumber),
    "x-opt-offset": String(event.offset),
    "x-opt-enqueued-time": types.wrap_timestamp(event.enqueued.getTime()),
  };
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(event.systemProperties)) {
    const field = PROPERTIES[name];
    if (field !== undefined) fields[field] = value;
    else if (name === "user-id") fields.user_id = Buffer.from(value);
    else annotations[name] = name === "iothub-enqueuedtime" ? timestamp(value) : value;
  }
  return encodeMessage({
    ...fields,
    message_annotations: annotations,
    delivery_annotations: runtime && runtimeOf(runtime.state, runtime.now),
    application_properties: event.properties,
    body: dataBody(event.body),
  } as AmqpMessage);
}
