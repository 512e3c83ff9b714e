import type { KeyAlgorithmName } from "../algorithms";
import { Certificate } from "../certificate";
import { toPem } from "../pem";
import type { Signer } from "../signer";
import type { Validity } from "../validity";
import { deviceFiles, type Layout, writeDeviceFile } from "./files";
import { leafKeyPem } from "./leafKey";
import type { ManifestEntry } from "./manifest";
import { type Leaf, LeafPress } from "./press";
import { signLeaves } from "./signLeaves";

/** What all batches of a run have in common, fit to be cloned to another thread. */
export interface BatchSetting {
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

/** What came of a batch: all of it, or what was issued before something failed. */
export interface BatchResult {
  /** The manifest's lines of all whose files are written. */
  readonly lines: string;
  /** How many these are. */
  readonly issued: number;
  /** What stopped the batch, wrapped, as anything may be thrown. */
  readonly failure?: { readonly error: unknown };
}

function resultOf(lines: readonly (string | undefined)[], failure?: BatchResult["failure"]): BatchResult {
  // With several signatures in flight, a later device may be done where an earlier one is not.
  const written = lines.filter((line) => line !== undefined);
  return { lines: written.join(""), issued: written.length, ...(failure === undefined ? {} : { failure }) };
}

/** Issues batches on this thread. */
export class BatchIssuer {
  readonly #setting: BatchSetting;
  readonly #press: LeafPress;
  readonly #issuerThumbprint: string;

  /** `signing` is the issuing CA's key as far as it may be seen. */
  constructor(setting: BatchSetting, signing: Pick<Signer, "publicKey" | "algorithm">) {
    const issuer = new Certificate(setting.issuer);
    this.#setting = setting;
    this.#press = new LeafPress(issuer, signing, setting.leafAlgorithm);
    this.#issuerThumbprint = issuer.sha256Thumbprint;
  }

  /** Makes and writes the files of each device. Failures: `keyFile`, `malformed`, `refusedByLint`. */
  issue({ registrationIds, validity }: Batch, sign: (tbs: Buffer) => Buffer): BatchResult {
    const lines: string[] = [];
    try {
      for (const registrationId of registrationIds) {
        const unsigned = this.#press.lay(registrationId, validity);
        lines.push(this.#deliver(this.#press.seal(unsigned, sign(unsigned.tbs)), validity, lines.length === 0));
      }
      return resultOf(lines);
    } catch (error) {
      return resultOf(lines, { error });
    }
  }

  /** The same by a signer that takes its time, with up to `atOnce` signatures in flight. Its failures are the batch's, too. */
  async issueBy(batch: Batch, signer: Signer, atOnce: number): Promise<BatchResult> {
    const lines: string[] = [];
    try {
      await signLeaves(this.#press, { ...batch, signer, atOnce }, (leaf, index) => {
        lines[index] = this.#deliver(leaf, batch.validity, index === 0);
      });
      return resultOf(lines);
    } catch (error) {
      return resultOf(lines, { error });
    }
  }

  /** Writes a device's files and gives its line. */
  #deliver(leaf: Leaf, validity: Validity, isFirst: boolean): string {
    const { folder, layout, chainPem, passphrase, durable } = this.#setting;
    const { registrationId, serialNumber, sha1Thumbprint, sha256Thumbprint } = leaf;
    // Each batch's first is read back: enough to see a machine that signs wrong, and no cost for the rest.
    if (isFirst) this.#press.proof(leaf);
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
