import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { isObject } from "../../azure/wire/jsonObject";
import { SetupError } from "../../bootstrap/setupError.cjs";

/** The start of a run, the first line of what it adds. */
export interface RunStarted {
  readonly event: "started";
  readonly idScope: string;
  readonly endpoint: string;
  /** `INDEX/COUNT`. */
  readonly shard: string;
  /** Devices of the shard. */
  readonly devices: number;
  /** Milliseconds since 1970, as every `at`. */
  readonly at: number;
}

/** A device that DPS assigned to a hub. */
export interface DeviceRegistered {
  readonly event: "registered";
  readonly index: number;
  readonly registrationId: string;
  readonly deviceId: string;
  /** Host name. */
  readonly hub: string;
  /** Milliseconds from the first request to the assignment, retries included. */
  readonly ms: number;
  readonly attempts: number;
  readonly at: number;
}

/** A device's messages that the hub accepted, those of earlier lines included. */
export interface MessagesSent {
  readonly event: "sent";
  readonly index: number;
  readonly messages: number;
  readonly at: number;
}

/** A device that the service refused, or that did not reach it. */
export interface DeviceFailed {
  readonly event: "failed";
  readonly index: number;
  readonly registrationId: string;
  readonly step: "register" | "telemetry";
  /** Azure's code, such as `401002`, or `unreachable`. */
  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
  readonly at: number;
}

export type JournalEntry = RunStarted | DeviceRegistered | MessagesSent | DeviceFailed;

const EVENTS: readonly unknown[] = ["started", "registered", "sent", "failed"];

function parseLine(text: string): JournalEntry | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isEntry = isObject(value) && EVENTS.includes(value.event) && typeof value.at === "number";
    const hasDevice = isObject(value) && (value.event === "started" || Number.isSafeInteger(value.index));
    return isEntry && hasDevice ? (value as unknown as JournalEntry) : undefined;
  } catch {
    return undefined;
  }
}

/** The entries of a journal's text, and the bytes that they take: a kill may leave half a line at the end. Errors: SetupError WRONG_JOURNAL. */
export function readJournal(
  path: string,
  bytes: Buffer,
): { readonly entries: JournalEntry[]; readonly length: number } {
  const length = bytes.lastIndexOf(10) + 1;
  const lines = bytes.subarray(0, length).toString("utf8").split("\n").slice(0, -1);
  const entries = lines.map((line, number) => {
    const entry = parseLine(line);
    if (entry !== undefined) return entry;
    throw new SetupError(
      "WRONG_JOURNAL",
      `${path} is no journal of a fleet.`,
      `Line ${number + 1} is no entry.`,
      "remove the file, or name another folder with --out: registering a device again is safe",
    );
  });
  return { entries, length };
}

/**
 * The journal of a fleet, which only grows. Each line is written before the next step of its device, so that a process that is
 * killed loses what was in progress and nothing else.
 */
export class FleetJournal {
  /** What earlier runs wrote. */
  readonly before: readonly JournalEntry[];
  readonly #file: number;

  private constructor(
    path: string,
    private readonly copy: (line: string) => void,
  ) {
    this.#file = openSync(path, "a+", 0o600);
    try {
      const { entries, length } = readJournal(path, readFileSync(path));
      ftruncateSync(this.#file, length);
      this.before = entries;
    } catch (error) {
      closeSync(this.#file);
      throw error;
    }
  }

  /**
   * Opens or creates a journal, and removes half a line at its end. `copy` gets each new line. Errors: SetupError WRONG_JOURNAL.
   */
  static open(path: string, copy: (line: string) => void = () => undefined): FleetJournal {
    return new FleetJournal(path, copy);
  }

  /** Appends an entry. */
  add(entry: JournalEntry): void {
    const line = `${JSON.stringify(entry)}\n`;
    writeSync(this.#file, line);
    this.copy(line);
  }

  /** Flushes the lines to the disk and closes the file. */
  close(): void {
    fsyncSync(this.#file);
    closeSync(this.#file);
  }
}
