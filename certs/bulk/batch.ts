import type { KeyAlgorithmName } from "../algorithms";
import { Certificate } from "../certificate";
import { type PrivateKey, privateKeyOf } from "../keys";
import { toPem } from "../pem";
import type { Validity } from "../validity";
import { deviceFiles, type Layout, writeDeviceFile } from "./files";
import { leafKeyPem } from "./leafKey";
import type { ManifestEntry } from "./manifest";
import { LeafPress } from "./press";

/** What all batches of a run have in common, fit to be cloned to another thread. */
export interface BatchSetting {
  readonly folder: string;
  readonly layout: Layout;
  readonly leafAlgorithm: KeyAlgorithmName;
  /** DER of the issuing CA. */
  readonly issuer: Uint8Array;
  /** The issuing CA's private key; KeyObjects can be cloned, their material is never copied as text. */
  readonly issuerKey: PrivateKey["key"];
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

/** Issues batches on this thread. */
export class BatchIssuer {
  readonly #setting: BatchSetting;
  readonly #press: LeafPress;
  readonly #issuerThumbprint: string;

  constructor(setting: BatchSetting) {
    const issuer = new Certificate(setting.issuer);
    this.#setting = setting;
    this.#press = new LeafPress(issuer, privateKeyOf(setting.issuerKey), setting.leafAlgorithm);
    this.#issuerThumbprint = issuer.sha256Thumbprint;
  }

  /** Makes and writes the files of every device, and gives the lines for the manifest. Throws `keyFile`, `malformed`. */
  issue({ registrationIds, validity }: Batch): string {
    const { folder, layout, chainPem, passphrase, durable } = this.#setting;
    const notAfter = validity.notAfter.toISOString();
    let lines = "";
    for (const [index, registrationId] of registrationIds.entries()) {
      const leaf = this.#press.press(registrationId, validity);
      // Each batch's first is read back: enough to see a machine that signs wrong, and no cost for the rest.
      if (index === 0) this.#press.proof(leaf);
      const certificates = toPem("CERTIFICATE", leaf.certificate) + chainPem;
      const files = deviceFiles(layout, registrationId, leafKeyPem(leaf.key, passphrase), certificates);
      for (const file of files) writeDeviceFile(folder, file, durable);
      const { serialNumber, sha1Thumbprint, sha256Thumbprint } = leaf;
      const entry: ManifestEntry = {
        registrationId,
        serialNumber,
        sha1Thumbprint,
        sha256Thumbprint,
        notAfter,
        issuerThumbprint: this.#issuerThumbprint,
        files: files.map(({ path }) => path),
      };
      lines += `${JSON.stringify(entry)}\n`;
    }
    return lines;
  }
}
