import { MalformedValue, ValueChecker } from "./amqpValues";

/** Bytes of the largest frame, as Azure announces it. */
export const MAX_FRAME = 65_536;

const HEADER_LENGTH = 8;
const PROTOCOL = Buffer.from("AMQP");
/** The type of frames after SASL; that of SASL is 1. */
const AMQP_FRAME = 0;

/**
 * Cuts a client's bytes into protocol headers and whole frames, and checks them, so that rhea sees well-formed ones only.
 */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;
  /** Bytes that must be there before a look at them is worth it. */
  #needed = HEADER_LENGTH;

  /** `take` receives a header or a frame. */
  constructor(private readonly take: (frame: Buffer) => void) {}

  /** Takes bytes as they arrive. Throws MalformedValue for what is no frame. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return;
    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    let size = sizeOf(bytes);
    for (; size !== undefined && size <= bytes.length; size = sizeOf(bytes)) {
      const frame = bytes.subarray(0, size);
      bytes = bytes.subarray(size);
      if (!isHeader(frame)) checkFrame(frame);
      this.take(frame);
    }
    this.#chunks = bytes.length === 0 ? [] : [bytes];
    this.#length = bytes.length;
    this.#needed = size ?? HEADER_LENGTH;
  }
}

const isHeader = (bytes: Buffer): boolean => bytes.subarray(0, PROTOCOL.length).equals(PROTOCOL);

/** The size of the frame that the bytes begin with; undefined if they are too few to know. */
function sizeOf(bytes: Buffer): number | undefined {
  if (bytes.length < PROTOCOL.length) return undefined;
  if (isHeader(bytes)) return HEADER_LENGTH;
  const size = bytes.readUInt32BE(0);
  if (size < HEADER_LENGTH || size > MAX_FRAME) throw new MalformedValue(`a frame of ${size} bytes`);
  return size;
}

/** Checks a frame's header and its performative. A transfer's payload follows, which is checked when it is whole. */
function checkFrame(frame: Buffer): void {
  const offset = (frame[4] ?? 0) * 4;
  const type = frame[5] ?? 0;
  if (offset < HEADER_LENGTH || offset > frame.length)
    throw new MalformedValue("a frame's data offset lies outside of it");
  if (type > 1) throw new MalformedValue(`a frame of type ${type}`);
  if (offset === frame.length) return;
  const end = new ValueChecker(frame, offset).value(frame.length, 0);
  if (type !== AMQP_FRAME && end !== frame.length) throw new MalformedValue("bytes after a SASL frame");
}
