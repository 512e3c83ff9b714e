import { CONNECTION_LIMITS } from "../kernel/connectionLimits";
import { AmqpError, CONDITION } from "./amqpErrors";
import { MAX_FRAME } from "./frameReader";
import type { RheaConnection, RheaFrame, RheaLink, RheaSession } from "./rheaConnection";

/** The most sessions of a connection: a client of Event Hubs has one a partition, one of several devices one a device. */
export const MAX_SESSIONS = 256;
/** The most links of a connection, and the highest handle in a session. */
export const MAX_LINKS = 1024;
const MAX_HANDLE = 255;
/** The most deliveries that one disposition settles: more than a session has under way. */
const MAX_RANGE = 8192;
/** The most bytes of a connection's messages that are not whole: dozens of devices may send large ones at once. */
const MAX_PARTIAL = 8 * 1024 * 1024;
/** Bytes of the smallest frame that a client may ask for (AMQP 1.0, 2.4.1), and of a link's name. */
const MIN_FRAME = 512;
const MAX_NAME = 512;
/** The shortest idle time-out of a client in milliseconds: the local Azure sends an empty frame twice in it. */
const MIN_IDLE = 1000;
/** Of a raw message: rhea decodes those of format 0 itself. */
export const RAW_FORMAT = 0xffff_ff00;
/** Descriptors of a source, a target and a coordinator. */
const TERMINI = new Set([0x28, 0x29, "amqp:source:list", "amqp:target:list"]);

const isWhole = (value: unknown, most: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most;

function check(isRight: boolean, condition: string, why: string): asserts isRight {
  if (!isRight) throw new AmqpError(condition, why);
}

function checkOpen({ performative: open }: RheaFrame): void {
  const { max_frame_size: size, idle_time_out: idle } = open;
  check(
    size === undefined || size === null || (typeof size === "number" && size >= MIN_FRAME),
    CONDITION.framing,
    `max-frame-size is less than ${MIN_FRAME}`,
  );
  if (idle !== undefined && idle !== null) {
    check(
      typeof idle === "number" && (idle === 0 || idle >= MIN_IDLE),
      CONDITION.notAllowed,
      `idle-time-out is less than ${MIN_IDLE}`,
    );
  }
}

function checkAttach(session: RheaSession, { performative: attach }: RheaFrame): void {
  const { name, handle } = attach;
  const known = session.remote.handles;
  check(
    typeof name === "string" && name.length > 0 && name.length <= MAX_NAME,
    CONDITION.notAllowed,
    "the link's name is too long",
  );
  check(
    isWhole(handle, MAX_HANDLE) && known[handle] === undefined,
    CONDITION.framing,
    `the handle ${String(handle)} is in use, or is higher than ${MAX_HANDLE}`,
  );
  const links = Object.values(session.connection.local_channel_map).flatMap((each) =>
    Object.keys(each?.local.handles ?? {}),
  );
  check(links.length < MAX_LINKS, CONDITION.limit, `more than ${MAX_LINKS} links`);
  for (const terminus of [attach.value[5], attach.value[6]]) {
    const descriptor: unknown = terminus?.descriptor?.value;
    check(
      descriptor === undefined || TERMINI.has(descriptor as number),
      CONDITION.notImplemented,
      "the local Azure has no transactions",
    );
  }
}

const partialBytes = (link: RheaLink | undefined): number =>
  (link?._incomplete?.frames ?? []).reduce((sum, each) => sum + (each?.length ?? 0), 0);

/** Bytes of a connection's messages that are not whole: every link may have begun one. */
class PartialMessages {
  readonly #links = new Set<RheaLink>();

  constructor(private readonly maxMessage: number) {}

  /** Notes a frame of a message. Throws AmqpError where the connection has too many bytes. */
  note(link: RheaLink, isMore: boolean): void {
    this.#links.delete(link);
    if (!isMore) return;
    this.#links.add(link);
    if (this.#links.size * this.maxMessage <= MAX_PARTIAL) return;
    const bytes = [...this.#links].reduce((sum, each) => sum + (each.is_open() ? partialBytes(each) : 0), 0);
    check(bytes <= MAX_PARTIAL, CONDITION.limit, `more than ${MAX_PARTIAL} bytes of messages that are not whole`);
  }
}

/** Checks a transfer before rhea takes it: credit and the message's size so far. Marks it, so that rhea leaves it encoded. */
function checkTransfer(
  session: RheaSession,
  { performative: transfer, payload }: RheaFrame,
  maxMessage: number,
): RheaLink {
  const link = session.remote.handles[transfer.handle];
  check(link?.is_receiver() === true, CONDITION.framing, "a transfer on a link that the client does not send on");
  const before = partialBytes(link);
  check(link.credit > 0, CONDITION.transferLimit, "a transfer without credit");
  check(
    before + (payload?.length ?? 0) <= maxMessage,
    CONDITION.tooLarge,
    `a message of more than ${maxMessage} bytes`,
  );
  check(transfer.aborted !== true, CONDITION.notImplemented, "the local Azure does not support aborted deliveries");
  if (!transfer.message_format) transfer.message_format = RAW_FORMAT;
  return link;
}

/**
 * Puts Azure's limits in front of rhea's handlers of frames, and of its own: rhea trusts its peer. A frame that breaks one
 * throws AmqpError, which ends the connection. `maxMessage`: bytes of a client's largest message.
 */
export function guardFrames(connection: RheaConnection, maxMessage: number): void {
  const { on_open, on_begin, on_attach, on_flow, on_transfer, on_disposition } = connection;
  const partial = new PartialMessages(maxMessage);
  const sessionOf = ({ channel }: RheaFrame): RheaSession => {
    const session = connection.remote_channel_map[channel];
    check(session !== undefined, CONDITION.framing, `the channel ${channel} has no session`);
    return session;
  };
  connection.on_open = (frame) => {
    checkOpen(frame);
    on_open.call(connection, frame);
  };
  connection.on_begin = (frame) => {
    const isFirst = connection.remote_channel_map[frame.channel] === undefined;
    const own = frame.performative.remote_channel;
    check(
      isFirst && frame.channel < MAX_SESSIONS && (own ?? undefined) === undefined,
      CONDITION.framing,
      `a session on the channel ${frame.channel}`,
    );
    check(
      Object.keys(connection.local_channel_map).length < MAX_SESSIONS,
      CONDITION.limit,
      `more than ${MAX_SESSIONS} sessions`,
    );
    on_begin.call(connection, frame);
    sessionOf(frame).local.begin.handle_max = MAX_HANDLE;
  };
  connection.on_attach = (frame) => {
    const session = sessionOf(frame);
    checkAttach(session, frame);
    on_attach.call(connection, frame);
    const { handle } = frame.performative;
    const link = session.remote.handles[handle];
    // rhea looks for the handle beside the performative, and would keep every link that the client has detached.
    if (link) link.remote.handle = handle;
  };
  connection.on_flow = (frame) => {
    const session = sessionOf(frame);
    const { performative: flow } = frame;
    const link = session.remote.handles[flow.handle];
    // Optional in AMQP, and numbers for rhea: the count of a link, and the next transfer of a session without any.
    if (link && (flow.delivery_count ?? undefined) === undefined) flow.delivery_count = link.delivery_count;
    if ((flow.next_incoming_id ?? undefined) === undefined) flow.next_incoming_id = 0;
    on_flow.call(connection, frame);
  };
  connection.on_transfer = (frame) => {
    const link = checkTransfer(sessionOf(frame), frame, maxMessage);
    on_transfer.call(connection, frame);
    partial.note(link, frame.performative.more === true);
  };
  connection.on_disposition = (frame) => {
    const { first, last } = frame.performative;
    const isRange = (last ?? undefined) === undefined || (isWhole(last, 0xffff_ffff) && last - first < MAX_RANGE);
    check(
      isWhole(first, 0xffff_ffff) && isRange,
      CONDITION.framing,
      `a disposition of more than ${MAX_RANGE} deliveries`,
    );
    on_disposition.call(connection, frame);
  };
}

/** How many fields a performative has, by its code (AMQP 1.0, 2.7). */
const FIELDS: Readonly<Record<number, number>> = {
  16: 10,
  17: 8,
  18: 14,
  19: 11,
  20: 11,
  21: 6,
  22: 3,
  23: 1,
  24: 1,
};

/** Writes all fields of every performative, as Azure does: rhea ends a list with its last value, and azure-eventhub for Python reads further. */
export function writeWholeFrames(connection: RheaConnection): void {
  const { _write_frame: write } = connection;
  connection._write_frame = (channel, frame, payload) => {
    const fields = FIELDS[frame?.constructor.descriptor?.numeric ?? 0];
    if (frame && fields !== undefined) frame.value.length = fields;
    write.call(connection, channel, frame, payload);
  };
}

/** What the local Azure announces of itself in `open`. */
export const OPEN_LIMITS = Object.freeze({
  max_frame_size: MAX_FRAME,
  channel_max: MAX_SESSIONS - 1,
  idle_time_out: CONNECTION_LIMITS.amqpIdle,
});
