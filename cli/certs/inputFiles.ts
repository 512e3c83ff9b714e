import { createPublicKey } from "node:crypto";
import { algorithmOf } from "../../certs/algorithms";
import { type Certificate, readCertificates } from "../../certs/certificate";
import { CertsError } from "../../certs/errors";
import { refuseOtherKind } from "../../certs/fileKind";
import type { Issuer } from "../../certs/issue";
import { type PrivateKey, readPrivateKey } from "../../certs/keys";
import { type CertificateRequest, readRequest } from "../../certs/request";
import { KeySigner, type Signer } from "../../certs/signer";
import { shown } from "../commandLine";
import type { OptionRule } from "../commandUsage";
import type { CertsRun } from "./certsCommand";
import type { CertsContext } from "./certsContext";
import { readBytes, textOf } from "./newFiles";
import { oldPassphrase, passphraseOptions } from "./passphrase";

/** The result of `parse`; a CertsError gets the file's name before its message. */
export function within<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof CertsError)) throw error;
    const { code, message, data, cause } = error;
    throw new CertsError(code, `${path}: ${message}`, { data: { ...data, path }, cause });
  }
}

/** The certificates of a PEM, base64 or DER file. Throws `file`, and as {@link readCertificates}. */
export async function readCertificateFile(path: string): Promise<Certificate[]> {
  const bytes = await readBytes(path);
  return within(path, () => readCertificates(bytes));
}

/** The certificate request of a PEM, base64 or DER file. Throws `file`, and as {@link readRequest}. */
export async function readRequestFile(path: string): Promise<CertificateRequest> {
  const bytes = await readBytes(path);
  return within(path, () => readRequest(bytes));
}

/** The private key of a PEM file; an encrypted one by the passphrase options with `prefix`. Throws as {@link readPrivateKey}, and `passphraseNeeded`. */
export async function readKeyFile(path: string, prefix: string, run: CertsRun): Promise<PrivateKey> {
  const bytes = await readBytes(path);
  within(path, () => refuseOtherKind(bytes));
  const text = textOf(bytes);
  const read = (passphrase?: string): PrivateKey => within(path, () => readPrivateKey(text, passphrase));
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CertsError) || error.code !== "passphraseNeeded") throw error;
  }
  return read(await oldPassphrase(prefix, path, run));
}

/** The options that name an issuer. */
export const ISSUER_OPTIONS: Readonly<Record<string, OptionRule>> = Object.freeze({
  issuer: { value: "FILE", required: true, about: "The issuing CA's certificate, then those above it" },
  "issuer-key": {
    value: "FILE",
    required: true,
    about: "The issuing CA's private key, or its https address in a key vault",
  },
  ...passphraseOptions("issuer-", "the issuing CA's key"),
});

/** Remedy for a file without certificates. */
export const CERTIFICATE_REMEDY = "name a file of certificates: PEM, base64 or DER";

/** Remedy for a file without a private key. */
export const KEY_REMEDY = "name the private key's file, PEM, and give its own passphrase";

/** An issuer, with its key in a file or a vault. */
export interface LoadedIssuer extends Issuer {
  readonly key: PrivateKey | Signer;
  /** The issuer and the CAs above it, in the order of its file. */
  readonly chain: readonly Certificate[];
}

function elsewhere(address: string, cause: unknown): never {
  const message = cause instanceof Error ? cause.message : String(cause);
  throw new CertsError("keyElsewhere", `${address}: ${message}`, { data: { address }, cause });
}

/** The signer of a key in a vault. It reports failures as CertsErrors `keyElsewhere` with the key ID. */
async function openSigner(address: string, { spki }: Certificate, { openKey }: CertsContext): Promise<Signer> {
  if (openKey === undefined) elsewhere(address, "only keys in files are supported here");
  const wanted = algorithmOf(createPublicKey({ key: spki, format: "der", type: "spki" }));
  const signer = await openKey(address, wanted).catch((error: unknown) => elsewhere(address, error));
  const { publicKey, algorithm } = signer;
  return { publicKey, algorithm, sign: (data) => signer.sign(data).catch((error) => elsewhere(address, error)) };
}

const isAddress = (place: string): boolean => place.startsWith("https://");

/**
 * The issuer that {@link ISSUER_OPTIONS} name; undefined if there are errors, here or of the options. `pem`: its certificates, in
 * place of a file.
 */
export async function loadIssuer(run: CertsRun, pem?: string): Promise<LoadedIssuer | undefined> {
  const { args, context, errors } = run;
  const [file, place] = [args.text("issuer"), args.text("issuer-key")];
  const at = { field: "--issuer", remedy: CERTIFICATE_REMEDY };
  const read =
    pem === undefined
      ? errors.gatherFile(at, file, readCertificateFile)
      : errors.gather(at, async () => readCertificates(Buffer.from(pem)));
  const chain = (await read) ?? [];
  if (place === undefined) return undefined;
  const [certificate] = chain;
  const inVault = isAddress(place);
  const key = await errors.gather({ field: "--issuer-key", remedy: inVault ? undefined : KEY_REMEDY }, async () => {
    // An error of the key's file is reported beside that of the certificate.
    if (!inVault) return await readKeyFile(place, "issuer-", run);
    return certificate && (await openSigner(place, certificate, context));
  });
  if (certificate === undefined || key === undefined) return undefined;
  if (!certificate.spki.equals(key.publicKey)) {
    const rule = `it is not the key of ${certificate.subject}${file === undefined ? "" : ` in ${file}`}`;
    errors.add(`--issuer-key is ${shown(place)}: ${rule}; name the key that belongs to the certificate`);
    return undefined;
  }
  return { certificate, chain, key, signer: "key" in key ? new KeySigner(key) : key };
}
