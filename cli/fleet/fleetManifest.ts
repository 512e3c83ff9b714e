import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DeviceCredentials } from "../../azure/clients/mutualTls";
import { isObject } from "../../azure/wire/jsonObject";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { isRegistrationId, registrationKey } from "../../certs/registrationId";

/** A device of a fleet. */
export interface FleetDevice {
  /** From 0: the place in the fleet, the same in every sharding. */
  readonly index: number;
  readonly registrationId: string;
}

/** A line of a manifest, as far as a fleet needs it. */
interface ManifestLine {
  readonly registrationId: string;
  readonly files: readonly string[];
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g;
const PRIVATE_KEY = /-----BEGIN ((?:EC |RSA )?PRIVATE KEY)-----[^-]+-----END \1-----\n?/;

function invalid(path: string, why: string): SetupError {
  return new SetupError("WRONG_MANIFEST", `${path} is no manifest of devices with their keys.`, why, [
    "npx zero-touch certs issue --count N --out FOLDER makes one: FOLDER/manifest.jsonl",
    "leave --manifest out: the command issues certificates itself",
  ]);
}

/** A path of a manifest stays in the manifest's folder. */
const isInside = (path: unknown): path is string =>
  typeof path === "string" && path !== "" && !/^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)/.test(path);

function parseLine(text: string): ManifestLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return undefined;
    const { registrationId, files } = value;
    const isWhole = typeof registrationId === "string" && isRegistrationId(registrationId);
    return isWhole && Array.isArray(files) && files.length > 0 && files.every(isInside)
      ? { registrationId, files }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The devices that a bulk issue recorded in its manifest, with their keys and chains in files beside it, which are read when a
 * device connects.
 */
export class FleetManifest {
  readonly #files = new Map<string, readonly string[]>();
  /** In the order of the lines. */
  readonly devices: readonly FleetDevice[];

  private constructor(
    private readonly path: string,
    lines: readonly ManifestLine[],
  ) {
    this.devices = lines.map(({ registrationId }, index) => ({ index, registrationId }));
    for (const { registrationId, files } of lines) this.#files.set(registrationKey(registrationId), files);
    if (this.#files.size < lines.length) throw invalid(path, "It lists a registration ID twice.");
  }

  /** Reads a manifest; an incomplete last line of a killed issue does not count. Errors: SetupError WRONG_MANIFEST. */
  static open(path: string): FleetManifest {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      throw invalid(path, error instanceof Error ? error.message : String(error));
    }
    const lines = text.split("\n").slice(0, -1);
    // Line by line: the text is not shown, because a wrong file may hold a secret.
    const entries = lines.map((line, number) => {
      const entry = parseLine(line);
      if (entry === undefined) throw invalid(path, `Line ${number + 1} is no entry of a device.`);
      return entry;
    });
    if (entries.length === 0) throw invalid(path, "It lists no device.");
    return new FleetManifest(path, entries);
  }

  /** Whether a device is listed. */
  has(registrationId: string): boolean {
    return this.#files.has(registrationKey(registrationId));
  }

  /** Reads the key and the chain of a device. Errors: SetupError WRONG_MANIFEST; it never contains the text of a file. */
  async credentials(registrationId: string): Promise<DeviceCredentials> {
    const files = this.#files.get(registrationKey(registrationId)) ?? [];
    const folder = dirname(this.path);
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8"))).catch((error: Error) => {
      throw invalid(this.path, error.message);
    });
    const text = texts.join("\n");
    const [privateKey] = PRIVATE_KEY.exec(text) ?? [];
    const chain = text.match(CERTIFICATE) ?? [];
    if (privateKey !== undefined && chain.length > 0) return { privateKey, certificateChain: chain.join("") };
    const isEncrypted = text.includes("-----BEGIN ENCRYPTED PRIVATE KEY-----");
    const why = isEncrypted ? "is encrypted, and a fleet reads plain keys" : "or its certificate is missing";
    throw invalid(this.path, `The key of ${registrationId} ${why}.`);
  }
}
