import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { CertsError } from "../errors";
import { registrationKey } from "../registrationId";
import { cannotWrite, manifestPath } from "./outputFolder";

/** One device: a line of the manifest, in JSON. */
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
  /** Paths relative to the output folder, with `/` as separator. */
  readonly files: readonly string[];
}

function manifestError(path: string, problem: string, data: { line?: number } = {}): CertsError {
  return new CertsError("manifest", `The manifest ${path} ${problem}`, { data: { path, ...data } });
}

function parseLine(path: string, text: string, line: number): ManifestEntry {
  try {
    const entry = JSON.parse(text) as Partial<ManifestEntry> | null;
    if (typeof entry?.registrationId === "string" && typeof entry.issuerThumbprint === "string") {
      return entry as ManifestEntry;
    }
  } catch {
    // Reported below without the text, which could be a secret.
  }
  throw manifestError(
    path,
    `has an invalid entry in line ${line}. To fix: correct the line, or use another output folder`,
    {
      line,
    },
  );
}

/** Reads the entries of a manifest one at a time; `end` is the offset in bytes after the entry. */
async function* readLines(path: string): AsyncGenerator<{ entry: ManifestEntry; end: number }> {
  let rest = "";
  let line = 0;
  let end = 0;
  // In latin1 a character is a byte, so that lengths count bytes; the values are ASCII.
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
  /** Keys of the registration IDs that have a line. */
  readonly done: Set<string>;
  readonly #file: FileHandle;

  private constructor(
    private readonly path: string,
    file: FileHandle,
    done: Set<string>,
  ) {
    this.#file = file;
    this.done = done;
  }

  /**
   * Opens the manifest of a folder, or creates one. Removes an incomplete last line of a killed run: its device is issued
   * again. Throws `manifest` for a line that is not an entry, repeats a device, or names another issuer.
   */
  static async open(folder: string, issuerThumbprint: string): Promise<Manifest> {
    const path = manifestPath(folder);
    const file = await open(path, "a+", 0o600).catch((cause) => {
      throw cannotWrite(path, cause);
    });
    try {
      const done = new Set<string>();
      let length = 0;
      for await (const { entry, end } of readLines(path)) {
        if (entry.issuerThumbprint !== issuerThumbprint) {
          throw manifestError(path, "belongs to another issuer. To fix: use a separate output folder for each issuer");
        }
        const key = registrationKey(entry.registrationId);
        if (done.has(key)) throw manifestError(path, `lists ${entry.registrationId} twice`);
        done.add(key);
        length = end;
      }
      await file.truncate(length);
      return new Manifest(path, file, done);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Appends complete lines in one write. */
  async append(lines: string): Promise<void> {
    try {
      await this.#file.appendFile(lines);
    } catch (cause) {
      throw cannotWrite(this.path, cause);
    }
  }

  /** Flushes the lines to the disk and closes the file. */
  async close(): Promise<void> {
    try {
      await this.#file.sync();
    } catch (cause) {
      throw cannotWrite(this.path, cause);
    } finally {
      await this.#file.close();
    }
  }
}
