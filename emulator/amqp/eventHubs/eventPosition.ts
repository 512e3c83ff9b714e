import type { EventPosition } from "../../hub/events/eventStore";
import { AmqpError, CONDITION } from "../amqpErrors";

/** The filter of a receiver's source in which Event Hubs clients say where they start. */
const SELECTOR = "apache.org:selector-filter:string";
const FORM = /^\s*amqp\.annotation\.(x-opt-[a-z-]+)\s*(>=?)\s*'?([^'\s]*)'?\s*$/i;

const COLUMNS: Readonly<Record<string, EventPosition["by"]>> = {
  "x-opt-offset": "offset",
  "x-opt-sequence-number": "sequenceNumber",
  "x-opt-enqueued-time": "enqueued",
  "x-opt-enqueuedtimeutc": "enqueued",
};

/** What a receiver starts with: the oldest event, the next one to arrive (`latest`), or those after a position. */
export type Start = "earliest" | "latest" | EventPosition;

/** Reads where a receiver starts from its filters. Without one: the oldest event. Throws com.microsoft:argument-error. */
export function readStart(filters: Readonly<Record<string, unknown>>): Start {
  const given = filters[SELECTOR];
  if (given === undefined || given === null) return "earliest";
  const text = (given as { readonly value?: unknown }).value ?? given;
  if (typeof text !== "string") throw invalid("");
  const [, annotation = "", operator, value = ""] = FORM.exec(text) ?? [];
  const by = COLUMNS[annotation.toLowerCase()];
  if (by === undefined) throw invalid(text);
  if (by === "offset" && value === "@latest") return "latest";
  if (value === "-1") return "earliest";
  const number = Number(value);
  if (value === "" || !Number.isSafeInteger(number)) throw invalid(text);
  return { by, value: number, isInclusive: operator === ">=" };
}

const invalid = (text: string): AmqpError =>
  new AmqpError(CONDITION.argument, `The filter '${text.slice(0, 200)}' is not valid.`);
