import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { CertsError } from "../errors";
import { registrationKey } from "../registrationId";

/** The manifest's name in the output folder. */
export const MANIFEST = "manifest.jsonl";

/** What the manifest says of one device, a line of JSON each. */
export interface ManifestEntry {
  readonly registrationId: string;
  /** Upper-case hex. */
  readonly serialNumber: string;
  /** 40 upper-case hex digits, as DPS shows it. */
  readonly sha1Thumbprint: string;
  /** 64 upper-case hex digits. */
  readonly sha256Thumbprint: string;
  /** ISO 8601 in UTC. */
  readonly notAfter: string;
  /** SHA-256 thumbprint of the certificate that issued it. */
  readonly issuerThumbprint: string;
  /** Paths below the output folder, with `/` between the parts. */
  readonly files: readonly string[];
}

function manifestError(path: string, what: string, data: { line?: number } = {}): CertsError {
  return new CertsError("manifest", `The manifest ${path} ${what}`, { data: { path, ...data } });
}

function parseLine(path: string, text: string, line: number): ManifestEntry {
  try {
    const entry = JSON.parse(text) as Partial<ManifestEntry> | null;
    if (typeof entry?.registrationId === "string" && typeof entry.issuerThumbprint === "string") {
      return entry as ManifestEntry;
    }
  } catch {
    // Told below, without the line's text: who knows what it is.
  }
  throw manifestError(path, `has a line ${line} that is no entry: put it right, or use another output folder`, {
    line,
  });
}

/** The entries of a manifest one after another, never all in memory, and the length in octets that they take. */
async function* readLines(path: string): AsyncGenerator<{ entry: ManifestEntry; end: number }> {
  let rest = "";
  let line = 0;
  let end = 0;
  // One octet is one character in latin1, so that lengths count octets; the values are ASCII anyway.
  for await (const chunk of createReadStream(path, { encoding: "latin1" })) {
    const lines = (rest + (chunk as string)).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) {
      line += 1;
      end += text.length + 1;
      yield { entry: parseLine(path, text, line), end };
    }
  }
}

/** The manifest of an output folder, open for more lines. */
export class Manifest {
  /** Keys of all registration IDs that have their line. */
  readonly done: Set<string>;
  readonly #file: FileHandle;

  private constructor(file: FileHandle, done: Set<string>) {
    this.#file = file;
    this.done = done;
  }

  /**
   * Opens the manifest of a folder, or begins one. A last line without its end, which a killed run leaves, is cut off:
   * its device is issued anew. Throws `manifest` when a line is no entry, names a device twice, or names another issuer.
   */
  static async open(folder: string, issuerThumbprint: string): Promise<Manifest> {
    const path = join(folder, MANIFEST);
    const file = await open(path, "a+", 0o600);
    try {
      const done = new Set<string>();
      let length = 0;
      for await (const { entry, end } of readLines(path)) {
        if (entry.issuerThumbprint !== issuerThumbprint) {
          throw manifestError(path, "names another issuer: each issuer has an output folder of its own");
        }
        const key = registrationKey(entry.registrationId);
        if (done.has(key)) throw manifestError(path, `names ${entry.registrationId} twice`);
        done.add(key);
        length = end;
      }
      await file.truncate(length);
      return new Manifest(file, done);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Adds whole lines in one write. */
  async append(lines: string): Promise<void> {
    await this.#file.appendFile(lines);
  }

  /** Brings the lines to the disk and closes the file. */
  async close(): Promise<void> {
    try {
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }
}
