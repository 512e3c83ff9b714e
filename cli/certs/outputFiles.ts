import { resolve } from "node:path";
import { isKeyAlgorithmName, KEY_ALGORITHM_NAMES } from "../../certs/algorithms";
import type { Certificate } from "../../certs/certificate";
import { fullChainPem } from "../../certs/chain";
import { describeCertificate } from "../../certs/describe";
import { exportPrivateKey, generateKeyPair, type PrivateKey } from "../../certs/keys";
import { type Arguments, type OptionRule, shown } from "../commandLine";
import type { CertsContext } from "./certsContext";
import { KEY_REMEDY, readKeyFile } from "./inputFiles";
import { checkNew, isReplaced, writeNew } from "./newFiles";
import { NEW_PASSPHRASE_OPTIONS, newPassphrase, passphraseField, passphraseOptions } from "./passphrase";
import type { ValidationErrors } from "./validationErrors";

/** The option that lets files be overwritten. */
export const FORCE: Readonly<Record<string, OptionRule>> = Object.freeze({
  force: { about: "Overwrite existing files" },
});

/** The option of a lifetime. */
export const DAYS: Readonly<Record<string, OptionRule>> = Object.freeze({
  days: { value: "N", from: 1, about: "Lifetime in days, cut to the issuer's (default: the profile's)" },
});

/** The option of a key's algorithm. */
export const ALGORITHM: Readonly<Record<string, OptionRule>> = Object.freeze({
  algorithm: { value: "NAME", choices: KEY_ALGORITHM_NAMES, about: "Kind of the new key (default EC-P256)" },
});

/** The options of the key that a certificate or request is for. */
export const KEY_OPTIONS: Readonly<Record<string, OptionRule>> = Object.freeze({
  key: { value: "FILE", about: "Use this private key instead of a new one" },
  ...passphraseOptions("key-", "the key of --key"),
  "key-out": { value: "FILE", about: "Generate a key and write it here" },
  ...ALGORITHM,
  ...NEW_PASSPHRASE_OPTIONS,
});

/** The algorithm that {@link ALGORITHM} names. */
export function algorithmOption(args: Arguments): (typeof KEY_ALGORITHM_NAMES)[number] {
  const name = args.text("algorithm") ?? "EC-P256";
  if (!isKeyAlgorithmName(name)) throw new TypeError(`--algorithm was not checked: ${name}`);
  return name;
}

/** Adds an error if the file of an option cannot be written: it exists, its folder does not, or two options name it. */
export async function checkTarget(args: Arguments, name: string, errors: ValidationErrors): Promise<void> {
  const path = args.text(name);
  if (path === undefined) return;
  await errors.gather({ field: `--${name}` }, () => checkNew(path, args.has("force")));
  const certificates = args.text("out");
  // With --force the certificate would overwrite the only copy of its key.
  if (name !== "key-out" || certificates === undefined || resolve(certificates) !== resolve(path)) return;
  // A pipe takes both, one after the other.
  if (await isReplaced(path)) {
    errors.add(`--key-out is ${shown(path)}: must not be the file of --out; name another`);
  }
}

/** A key's source and target; nothing is generated or written yet. */
export interface KeyPlan {
  /** Returns the key that was read, or generates one. */
  make(): Promise<PrivateKey>;
  /** Writes a new key; does nothing for one that was read. */
  write(key: PrivateKey): Promise<void>;
}

/** Reads {@link KEY_OPTIONS}; undefined if there are errors. */
export async function planKey(
  args: Arguments,
  context: CertsContext,
  errors: ValidationErrors,
  isCa: boolean,
): Promise<KeyPlan | undefined> {
  if (args.has("key") === args.has("key-out")) {
    const found = args.has("key") ? "both are given" : "neither is given";
    errors.add(`--key, --key-out: ${found}; give --key FILE for an existing key, or --key-out FILE for a new one`);
    return undefined;
  }
  const old = args.text("key");
  if (old !== undefined) {
    const known = await errors.gather({ field: "--key", remedy: KEY_REMEDY }, () =>
      readKeyFile(old, args, "key-", context),
    );
    return known && { make: async () => known, write: async () => {} };
  }
  if (!args.has("key-out")) return undefined;
  await checkTarget(args, "key-out", errors);
  const passphrase = await errors.gather({ field: passphraseField(args) }, () => newPassphrase(args, context, isCa));
  const [path, force] = [args.text("key-out"), args.has("force")];
  if (path === undefined) return undefined;
  return {
    make: () => generateKeyPair(algorithmOption(args)),
    write: (key) => writeNew(path, exportPrivateKey(key, passphrase), { force, secret: true }),
  };
}

/** A certificate with the CAs above it as a device presents them: a self-signed root is left out. */
export function presentedChain(certificate: Certificate, above: readonly Certificate[]): string {
  return fullChainPem([certificate, ...above.filter((each) => !each.isSelfIssued)]);
}

/** Prints the issued certificate. */
export function printIssued(context: CertsContext, certificate: Certificate, path: string): void {
  const { subject, sha1Thumbprint, notAfter } = describeCertificate(certificate);
  context.print(`${path}: ${subject}, thumbprint ${sha1Thumbprint}, valid until ${notAfter}\n`);
}
