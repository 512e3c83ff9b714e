import { resolve } from "node:path";
import { isKeyAlgorithmName, KEY_ALGORITHM_NAMES } from "../../certs/algorithms";
import type { Certificate } from "../../certs/certificate";
import { fullChainPem } from "../../certs/chain";
import { describeCertificate } from "../../certs/describe";
import { exportPrivateKey, generateKeyPair, type PrivateKey } from "../../certs/keys";
import { type Arguments, shown } from "../commandLine";
import type { OptionRule } from "../commandUsage";
import type { CertsRun } from "./certsCommand";
import { KEY_REMEDY, readKeyFile } from "./inputFiles";
import { checkNew, isReplaced, writeNew } from "./newFiles";
import { NEW_PASSPHRASE_OPTIONS, newPassphrase, passphraseField, passphraseOptions } from "./passphrase";

/** The option that lets files be overwritten. */
export const FORCE: Readonly<Record<string, OptionRule>> = Object.freeze({
  force: { about: "Overwrite existing files" },
});

/** The option of a lifetime. */
export const DAYS: Readonly<Record<string, OptionRule>> = Object.freeze({
  days: { value: "N", from: 1, about: "Lifetime in days, cut to the issuer's (default: the profile's)" },
});

/** The options of the key that a certificate or request is for. */
export const KEY_OPTIONS: Readonly<Record<string, OptionRule>> = Object.freeze({
  key: { value: "FILE", about: "Use this private key instead of a new one" },
  ...passphraseOptions("key-", "the key of --key"),
  "key-out": { value: "FILE", about: "Generate a key and write it here" },
  algorithm: { value: "NAME", choices: KEY_ALGORITHM_NAMES, about: "Kind of the new key (default EC-P256)" },
  ...NEW_PASSPHRASE_OPTIONS,
});

/** The algorithm that {@link KEY_OPTIONS} name. */
export function algorithmOption(args: Arguments): (typeof KEY_ALGORITHM_NAMES)[number] {
  const name = args.text("algorithm") ?? "EC-P256";
  if (!isKeyAlgorithmName(name)) throw new TypeError(`--algorithm was not checked: ${name}`);
  return name;
}

/** Adds an error if the file of an option cannot be written: it exists, its folder does not, or two options name it. */
export async function checkTarget({ args, errors }: CertsRun, name: string): Promise<void> {
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
interface KeyPlan {
  /** Returns the key that was read, or generates one. */
  make(): Promise<PrivateKey>;
  /** Writes a new key; does nothing for one that was read. */
  write(key: PrivateKey): Promise<void>;
}

/** Reads {@link KEY_OPTIONS}; undefined if there are errors. */
async function planKey(run: CertsRun, isCa: boolean): Promise<KeyPlan | undefined> {
  const { args, errors } = run;
  if (args.has("key") === args.has("key-out")) {
    const found = args.has("key") ? "both are given" : "neither is given";
    errors.add(`--key, --key-out: ${found}; give --key FILE for an existing key, or --key-out FILE for a new one`);
    return undefined;
  }
  const old = args.text("key");
  if (old !== undefined) {
    const known = await errors.gather({ field: "--key", remedy: KEY_REMEDY }, () => readKeyFile(old, "key-", run));
    return known && { make: async () => known, write: async () => {} };
  }
  if (!args.has("key-out")) return undefined;
  await checkTarget(run, "key-out");
  const passphrase = await errors.gather({ field: passphraseField(args) }, () => newPassphrase(run, isCa));
  const [path, force] = [args.text("key-out"), args.has("force")];
  if (path === undefined) return undefined;
  return {
    make: () => generateKeyPair(algorithmOption(args)),
    write: (key) => writeNew(path, exportPrivateKey(key, passphrase), { force, secret: true }),
  };
}

/** The key that {@link KEY_OPTIONS} name, and what writes it if it is new. Throws a UsageError if there are errors. */
export async function takeKey(run: CertsRun, isCa: boolean): Promise<{ key: PrivateKey; write(): Promise<void> }> {
  const plan = run.errors.sure(await planKey(run, isCa));
  const key = await plan.make();
  return { key, write: () => plan.write(key) };
}

/**
 * Writes an issued certificate to --out, after its key: with the CAs above it as a device presents them, without a
 * self-signed root. Prints it, and returns the exit code.
 */
export async function writeIssued(
  { args, context }: CertsRun,
  certificate: Certificate,
  above: readonly Certificate[],
  writeKey = async (): Promise<void> => {},
): Promise<number> {
  const path = args.need("out");
  const chain = fullChainPem([certificate, ...above.filter((each) => !each.isSelfIssued)]);
  await writeKey();
  await writeNew(path, chain, { force: args.has("force") });
  const { subject, sha1Thumbprint, notAfter } = describeCertificate(certificate);
  context.print(`${path}: ${subject}, thumbprint ${sha1Thumbprint}, valid until ${notAfter}\n`);
  return 0;
}
