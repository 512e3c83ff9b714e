import type { KeyAlgorithmName } from "../algorithms";
import { Certificate } from "../certificate";
import { toPem } from "../pem";
import type { Signer } from "../signer";
import type { Validity } from "../validity";
import { type Leaf, LeafIssuer } from "./leafIssuer";
import { leafKeyPem } from "./leafKey";
import type { ManifestEntry } from "./manifest";
import { deviceFiles, type Layout, writeDeviceFile } from "./outputFolder";
import { signLeaves } from "./signLeaves";

/** The settings of a run, which can be cloned to another thread. */
export interface BatchSettings {
  readonly folder: string;
  readonly layout: Layout;
  readonly leafAlgorithm: KeyAlgorithmName;
  /** DER of the issuing CA. */
  readonly issuer: Uint8Array;
  /** PEM of the CAs that follow the leaf. */
  readonly chainPem: string;
  readonly passphrase: string | undefined;
  /** Whether each file is on the disk before its line is in the manifest. */
  readonly durable: boolean;
}

/** Registration IDs to be issued for, all with one validity. */
export interface Batch {
  readonly registrationIds: readonly string[];
  readonly validity: Validity;
}

/** The outcome of a batch: all of it, or what was issued before a failure. */
export interface BatchResult {
  /** The manifest's lines of the devices that have their files. */
  readonly lines: string;
  /** How many lines. */
  readonly issued: number;
  /** The reason the batch stopped, wrapped, as anything may be thrown. */
  readonly failure?: { readonly error: unknown };
}

function resultOf(lines: readonly (string | undefined)[], failure?: BatchResult["failure"]): BatchResult {
  // With several signatures in flight, a later device may be done where an earlier one is not.
  const written = lines.filter((line) => line !== undefined);
  return { lines: written.join(""), issued: written.length, ...(failure === undefined ? {} : { failure }) };
}

/** Issues batches on this thread. */
export class BatchIssuer {
  readonly #settings: BatchSettings;
  readonly #leafIssuer: LeafIssuer;
  readonly #issuerThumbprint: string;

  /** `signing` is the public part of the issuing CA's key. */
  constructor(settings: BatchSettings, signing: Pick<Signer, "publicKey" | "algorithm">) {
    const issuer = new Certificate(settings.issuer);
    this.#settings = settings;
    this.#leafIssuer = new LeafIssuer(issuer, signing, settings.leafAlgorithm);
    this.#issuerThumbprint = issuer.sha256Thumbprint;
  }

  /**
   * Makes and writes the files of each device, with up to `atOnce` signatures in flight. Failures: `keyFile`, `malformed`,
   * `refusedByLint`, and the signer's own.
   */
  async issue(batch: Batch, signer: Signer, atOnce: number): Promise<BatchResult> {
    const lines: string[] = [];
    try {
      await signLeaves(this.#leafIssuer, { ...batch, signer, atOnce }, (leaf, index) => {
        lines[index] = this.#deliver(leaf, batch.validity, index === 0);
      });
      return resultOf(lines);
    } catch (error) {
      return resultOf(lines, { error });
    }
  }

  /** Writes a device's files and returns its line. */
  #deliver(leaf: Leaf, validity: Validity, isFirst: boolean): string {
    const { folder, layout, chainPem, passphrase, durable } = this.#settings;
    const { registrationId, serialNumber, sha1Thumbprint, sha256Thumbprint } = leaf;
    // Each batch's first is read back: enough to detect a machine that signs wrong.
    if (isFirst) this.#leafIssuer.selfCheck(leaf);
    const certificates = toPem("CERTIFICATE", leaf.certificate) + chainPem;
    const files = deviceFiles(layout, registrationId, leafKeyPem(leaf.key, passphrase), certificates);
    for (const file of files) writeDeviceFile(folder, file, durable);
    const entry: ManifestEntry = {
      registrationId,
      serialNumber,
      sha1Thumbprint,
      sha256Thumbprint,
      notAfter: validity.notAfter.toISOString(),
      issuerThumbprint: this.#issuerThumbprint,
      files: files.map(({ path }) => path),
    };
    return `${JSON.stringify(entry)}\n`;
  }
}
