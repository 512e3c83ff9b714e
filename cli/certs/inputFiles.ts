import { createPublicKey } from "node:crypto";
import { algorithmOf } from "../../certs/algorithms";
import { type Certificate, readCertificates } from "../../certs/certificate";
import { CertsError } from "../../certs/errors";
import { type PrivateKey, readPrivateKey } from "../../certs/keys";
import { type CertificateRequest, readRequest } from "../../certs/request";
import { KeySigner, type Signer } from "../../certs/signer";
import { type Arguments, type OptionRule, shown } from "../commandLine";
import type { CertsContext } from "./certsContext";
import { readBytes, readText } from "./newFiles";
import { oldPassphrase, passphraseOptions } from "./passphrase";
import type { ValidationErrors } from "./validationErrors";

/** A CertsError about a file's content, with the file's name before its message. */
export function within(path: string, error: unknown): unknown {
  if (!(error instanceof CertsError)) return error;
  return new CertsError(error.code, `${path}: ${error.message}`, { data: { ...error.data, path }, cause: error.cause });
}

/** The certificates of a PEM, base64 or DER file. Throws `file`, and as {@link readCertificates}. */
export async function readCertificateFile(path: string): Promise<Certificate[]> {
  const bytes = await readBytes(path);
  try {
    return readCertificates(bytes);
  } catch (error) {
    throw within(path, error);
  }
}

/** The private key of a PEM file; an encrypted one by the passphrase options with `prefix`. Throws as {@link readPrivateKey}, and `passphraseNeeded`. */
export async function readKeyFile(
  path: string,
  args: Arguments,
  prefix: string,
  context: CertsContext,
): Promise<PrivateKey> {
  const text = await readText(path);
  const read = (passphrase?: string): PrivateKey => {
    try {
      return readPrivateKey(text, passphrase);
    } catch (error) {
      throw within(path, error);
    }
  };
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CertsError) || error.code !== "passphraseNeeded") throw error;
  }
  return read(await oldPassphrase(args, prefix, path, context));
}

/** The certificate request of a PEM, base64 or DER file. Throws `file`, and as {@link readRequest}. */
export async function readRequestFile(path: string): Promise<CertificateRequest> {
  const bytes = await readBytes(path);
  try {
    return readRequest(bytes);
  } catch (error) {
    throw within(path, error);
  }
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
export interface LoadedIssuer {
  readonly certificate: Certificate;
  readonly key: PrivateKey | Signer;
  readonly signer: Signer;
  /** The CAs above it, in the order of its file. */
  readonly above: readonly Certificate[];
}

/** A signer that reports failures as CertsErrors with the key ID. */
function reportingSigner(address: string, signer: Signer): Signer {
  const { publicKey, algorithm } = signer;
  return { publicKey, algorithm, sign: (data) => signer.sign(data).catch((error) => elsewhere(address, error)) };
}

function elsewhere(address: string, cause: unknown): never {
  const message = cause instanceof Error ? cause.message : String(cause);
  throw new CertsError("keyElsewhere", `${address}: ${message}`, { data: { address }, cause });
}

/** The issuer's key from a file or an address. Throws like {@link readKeyFile}, and `keyElsewhere`. */
async function issuerKey(
  place: string,
  certificate: Certificate,
  args: Arguments,
  context: CertsContext,
): Promise<Pick<LoadedIssuer, "key" | "signer">> {
  if (!isAddress(place)) {
    const key = await readKeyFile(place, args, "issuer-", context);
    return { key, signer: new KeySigner(key) };
  }
  if (context.openKey === undefined) elsewhere(place, "only keys in files are supported here");
  const algorithm = algorithmOf(createPublicKey({ key: certificate.spki, format: "der", type: "spki" }));
  const opened = await context.openKey(place, algorithm).catch((error: unknown) => elsewhere(place, error));
  const signer = reportingSigner(place, opened);
  return { key: signer, signer };
}

const isAddress = (place: string): boolean => place.startsWith("https://");

/** The issuer that {@link ISSUER_OPTIONS} name; undefined if there are errors, here or of the options. */
export async function loadIssuer(
  args: Arguments,
  context: CertsContext,
  errors: ValidationErrors,
): Promise<LoadedIssuer | undefined> {
  const [file, place] = [args.text("issuer"), args.text("issuer-key")];
  const certificates =
    file === undefined
      ? undefined
      : await errors.gather({ field: "--issuer", remedy: CERTIFICATE_REMEDY }, () => readCertificateFile(file));
  if (place === undefined) return undefined;
  const [certificate, ...above] = certificates ?? [];
  const remedy = isAddress(place) ? undefined : KEY_REMEDY;
  const found = await errors.gather({ field: "--issuer-key", ...(remedy && { remedy }) }, async () => {
    if (certificate !== undefined) return await issuerKey(place, certificate, args, context);
    // An error of the key is reported beside that of the certificate.
    if (!isAddress(place)) await readKeyFile(place, args, "issuer-", context);
    return undefined;
  });
  if (certificate === undefined || found === undefined) return undefined;
  if (!certificate.spki.equals(found.signer.publicKey)) {
    const rule = `it is not the key of ${certificate.subject} in ${file}`;
    errors.add(`--issuer-key is ${shown(place)}: ${rule}; name the key that belongs to the certificate`);
    return undefined;
  }
  return { certificate, ...found, above };
}
