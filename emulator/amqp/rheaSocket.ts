import { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import { CONNECTION_LIMITS, deadline } from "../kernel/connectionLimits";

/** What rhea needs of a socket: it gets whole, checked frames. */
export class RheaSocket extends EventEmitter {
  readonly localAddress = "";
  readonly remoteAddress = "";

  constructor(private readonly stream: Duplex) {
    super();
  }

  write(bytes: Buffer): void {
    if (this.stream.writableEnded || this.stream.destroyed) return;
    // The frames of one turn leave together.
    if (this.stream.writableCorked === 0) {
      this.stream.cork();
      setImmediate(() => this.stream.uncork());
    }
    this.stream.write(bytes);
  }

  end(): void {
    // After rhea's turn, in which it writes the last frame.
    setImmediate(() => this.stream.end());
    // The client may not close its side.
    deadline(this.stream, CONNECTION_LIMITS.shutdown);
  }
}
