import { types } from "rhea";
import { textOrEmpty } from "../../../azure/wire/jsonObject";
import type { EventStore } from "../../hub/events/eventStore";
import type { HubRecord } from "../../kernel/directory";
import { AmqpError, amqpErrorOf, CONDITION } from "../amqpErrors";
import type { AmqpMessage } from "../amqpMessage";

const STATUS: Readonly<Record<string, number>> = {
  [CONDITION.argument]: 400,
  [CONDITION.unauthorized]: 401,
  [CONDITION.notFound]: 404,
  [CONDITION.notImplemented]: 501,
};

const response = (status: number, description: string, body: unknown, error?: AmqpError): AmqpMessage => ({
  application_properties: {
    "status-code": types.wrap_int(status),
    "status-description": description,
    ...(error ? { "error-condition": types.wrap_symbol(error.condition) } : {}),
  },
  body,
});

const STRING = 0xa1;

function hubBody({ events, partitionCount }: HubRecord): unknown {
  const ids = Array.from({ length: partitionCount }, (_, index) => String(index));
  return {
    type: "com.microsoft:eventhub",
    name: events.path,
    created_at: types.wrap_timestamp(0),
    partition_count: types.wrap_int(partitionCount),
    partition_ids: types.wrap_array(ids, STRING, undefined),
    georeplication_factor: types.wrap_int(1),
  };
}

function partitionBody({ key, events: { path }, partitionCount }: HubRecord, id: string, store: EventStore): unknown {
  if (!/^\d{1,4}$/.test(id) || Number(id) >= partitionCount) {
    throw new AmqpError(
      CONDITION.argument,
      `The specified partition is invalid for an EventHub partition sender or receiver: '${id}'.`,
    );
  }
  const state = store.partition(key, Number(id));
  return {
    type: "com.microsoft:partition",
    name: path,
    partition: id,
    begin_sequence_number: types.wrap_long(state.firstSequenceNumber),
    last_enqueued_sequence_number: types.wrap_long(state.lastSequenceNumber),
    last_enqueued_offset: String(state.lastOffset),
    last_enqueued_time_utc: types.wrap_timestamp((state.lastEnqueued ?? new Date(0)).getTime()),
    is_partition_empty: state.isEmpty,
  };
}

/** Responds to READ of an event hub's or a partition's properties. `hubOf` finds the hub by the event hub's name, or throws AmqpError. */
export function respondToManagement(
  request: AmqpMessage,
  hubOf: (path: string) => HubRecord,
  store: EventStore,
): AmqpMessage {
  const { operation, type, name, partition } = request.application_properties ?? {};
  try {
    const hub = hubOf(textOrEmpty(name));
    const what = `${textOrEmpty(operation).toUpperCase()} ${textOrEmpty(type).toLowerCase()}`;
    if (what === "READ com.microsoft:eventhub") return response(200, "OK", hubBody(hub));
    if (what === "READ com.microsoft:partition") {
      return response(
        200,
        "OK",
        partitionBody(hub, typeof partition === "number" ? String(partition) : textOrEmpty(partition), store),
      );
    }
    throw new AmqpError(CONDITION.notImplemented, `$management has no operation ${what}.`);
  } catch (error) {
    const refusal = amqpErrorOf(error);
    return response(STATUS[refusal.condition] ?? 500, refusal.description, null, refusal);
  }
}
