/** Certificates and keys that no stack has: read from files, or from a vault, for an import. */
import { createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { publicKeyOf } from "../../../azure/clients/vaultSigner";
import { vaultIdOf } from "../../../azure/vaultIds";
import type { KeyBundle } from "../../../azure/wire/vaultBundle";
import { type Certificate, readCertificates } from "../../../certs/certificate";
import { arrangeChain } from "../../../certs/chain";
import { DAY_MS } from "../../../certs/clock";
import { CertsError } from "../../../certs/errors";
import { exportPrivateKey, readPrivateKey } from "../../../certs/keys";
import type { AzureGateway } from "../resource/azureGateway";
import { importedOwner } from "../resource/importId";

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      `The file ${file} cannot be read (${code}).\n` +
        "  To fix: give its path, absolute or from the folder of the program. What exists in no file and no vault cannot be " +
        "imported: let the stack issue a new one.",
    );
  }
}

/** Runs a reader of certs/ on a file's text; its error names the file. */
function readAs<R>(file: string, read: (text: string) => R): R {
  try {
    return read(readText(file));
  } catch (error) {
    if (!(error instanceof CertsError)) throw error;
    const remedy =
      error.code === "passphraseNeeded"
        ? "decrypt a copy for the import, `openssl pkcs8 -in KEY -out COPY`, and delete the copy afterwards"
        : "give a PEM file of it";
    throw new Error(`${file}: ${error.message}.\n  To fix: ${remedy}.`);
  }
}

/** An imported resource: the inputs of the program that would have made it, and the outputs beside them. */
export interface ImportedCredentials {
  readonly inputs: Record<string, unknown>;
  readonly outs: Record<string, unknown>;
}

/** The certificates of a PEM file as a chain, whatever their order in it: the root last. */
export const certificatesIn = (file: string): readonly Certificate[] =>
  readAs(file, (text) => arrangeChain(readCertificates(text)));

const wrongKey = (where: string, { subject }: Certificate): Error =>
  new Error(
    `${where} is not the key of the certificate ${subject}.\n` +
      "  To fix: give the key that belongs to it; for a key in a vault with another version, the key ID with its version.",
  );

const belongs = (key: KeyObject, certificate: Certificate): boolean => certificate.publicKey.equals(key);

/** The private key of a certificate in a PEM file, as PKCS#8 PEM. */
export function keyIn(file: string, certificate: Certificate): string {
  const key = readAs(file, (text) => readPrivateKey(text));
  if (!belongs(createPublicKey(key.key), certificate)) throw wrongKey(file, certificate);
  return exportPrivateKey(key);
}

/** A CA's key in a vault. */
export interface ImportedVaultKey {
  readonly vaultUri: string;
  readonly name: string;
  /** With its version. */
  readonly keyId: string;
  readonly owner: string;
}

/** The key of a certificate in a vault, by its key ID; without a version the newest one. */
export async function vaultKeyOf(
  gateway: Pick<AzureGateway, "vaultKeys">,
  keyId: string,
  certificate: Certificate,
): Promise<ImportedVaultKey> {
  const { vaultUri, name, version } = vaultIdOf("keys", keyId);
  const bundle: KeyBundle | undefined = await gateway.vaultKeys(vaultUri).get(name, version);
  if (bundle === undefined)
    throw new Error(`There is no key ${keyId}.\n  To fix: give the ID of a key that the vault has.`);
  const { kid } = bundle.key;
  const key = createPublicKey({ key: Buffer.from(publicKeyOf(bundle.key)), format: "der", type: "spki" });
  if (!belongs(key, certificate)) throw wrongKey(kid, certificate);
  return { vaultUri, name, keyId: kid, owner: importedOwner(kid, bundle.tags) };
}

/**
 * The lifetime that a program gave, in days: certificates begin up to an hour before they are issued. One that ends with its
 * issuer may have been cut, so its lifetime is the default if that is longer.
 */
export function lifetimeDaysOf(certificate: Certificate, initial: number, issuer?: Certificate): number {
  const days = Math.max(1, Math.round((certificate.notAfter.getTime() - certificate.notBefore.getTime()) / DAY_MS));
  const isCut = issuer !== undefined && certificate.notAfter.getTime() >= issuer.notAfter.getTime();
  return isCut ? Math.max(days, initial) : days;
}
