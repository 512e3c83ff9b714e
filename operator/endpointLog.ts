import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../certs/clock";

/** Name of the log in an instance's state folder. */
export const ENDPOINT_LOG = "endpoint.log";

/** A log longer than this, in bytes, is put aside; one older log is kept. */
const LIMIT = 10_000_000;

/** The endpoint's own log: one JSON object a line, with sign-ins, refusals and defects. Transcripts have the commands. */
export class EndpointLog {
  private length: number;

  constructor(
    private readonly file: string,
    private readonly clock: Clock,
    private readonly instance: string,
  ) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.length = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Notes an event. A full disk loses the note and ends nothing. */
  note(event: string, data: Readonly<Record<string, unknown>>): void {
    const line = `${JSON.stringify({ time: this.clock.now().toISOString(), instance: this.instance, event, ...data })}\n`;
    try {
      if (this.length > LIMIT) {
        renameSync(this.file, `${this.file}.1`);
        this.length = 0;
      }
      appendFileSync(this.file, line, { mode: 0o600 });
      this.length += line.length;
    } catch {}
  }
}
