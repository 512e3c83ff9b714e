import { type Certificate, readCertificates } from "../../certificate";
import { arrangeChain } from "../../chain";
import { CertsError } from "../../errors";
import { exportPrivateKey, type PrivateKey } from "../../keys";
import { looksLikePem, parsePem } from "../../pem";
import { looksLikePkcs12, readPkcs12 } from "../../pkcs12/read";
import { writePkcs12 } from "../../pkcs12/write";
import type { Arguments } from "../arguments";
import type { Command } from "../command";
import type { Context } from "../context";
import { Faults } from "../faults";
import { checkNew, readBytes, writeNew } from "../files";
import { readKeyFile, within } from "../inputs";
import { FORCE } from "../output";
import { NEW_PASSPHRASE_OPTIONS, newPassphrase, oldPassphrase, passphraseOptions } from "../passphrase";

const FORMS = ["pem", "der", "p12"] as const;

/** What a file holds. */
interface Held {
  readonly key?: PrivateKey | undefined;
  readonly certificates: readonly Certificate[];
}

async function readFile(path: string, args: Arguments, context: Context): Promise<Held> {
  const bytes = await readBytes(path);
  if (looksLikePkcs12(bytes)) {
    const passphrase = await oldPassphrase(args, "in-", path, context);
    try {
      return readPkcs12(bytes, passphrase);
    } catch (error) {
      throw within(path, error);
    }
  }
  const text = bytes.toString("latin1");
  const labels = looksLikePem(text) ? parsePem(text).map(({ label }) => label) : [];
  const hasKey = labels.some((label) => label.endsWith("PRIVATE KEY"));
  const hasCertificate = labels.length === 0 || labels.some((label) => label.endsWith("CERTIFICATE"));
  const key = hasKey ? await readKeyFile(path, args, "in-", context) : undefined;
  try {
    // A file of neither is told as one without a certificate.
    return { key, certificates: hasCertificate || !hasKey ? readCertificates(bytes) : [] };
  } catch (error) {
    throw within(path, error);
  }
}

/** All that the files hold together: one chain, and one key at most, which is the leaf's. */
async function readAll(args: Arguments, context: Context, faults: Faults): Promise<Held> {
  let owner: { readonly file: string; readonly key: PrivateKey } | undefined;
  const found: Certificate[] = [];
  for (const file of args.operands) {
    const held = await faults.gather(() => readFile(file, args, context));
    found.push(...(held?.certificates ?? []));
    if (held?.key === undefined) continue;
    if (owner !== undefined) faults.note(`${owner.file} and ${file} both hold a private key`);
    owner = { file, key: held.key };
  }
  const certificates = (await faults.gather(() => arrangeChain(found))) ?? [];
  const [leaf] = certificates;
  if (owner !== undefined && leaf !== undefined && !leaf.spki.equals(owner.key.publicKey)) {
    faults.note(`${owner.file} is not the key of ${leaf.subject}`);
  }
  return { key: owner?.key, certificates };
}

/** `zero-touch certs convert`. */
export const convert: Command = {
  about:
    "Converts certificates and keys between PEM, DER and PKCS#12, and joins them to full chains.\n" +
    "The files together hold one chain, in any order, and one private key at most.",
  operands: "FILE...",
  options: {
    to: { value: "FORM", required: true, choices: FORMS, about: "What to write" },
    out: { value: "FILE", required: true, about: "Write the certificates here, leaf first" },
    "key-out": { value: "FILE", about: "Write the private key here, PKCS#8 in PEM" },
    ...passphraseOptions("in-", "the files that are read"),
    ...NEW_PASSPHRASE_OPTIONS,
    ...FORCE,
  },
  async run(args, context) {
    const faults = new Faults();
    const [form, path, keyPath, force] = [args.need("to"), args.need("out"), args.text("key-out"), args.has("force")];
    const { key, certificates } = await readAll(args, context, faults);
    for (const target of [path, keyPath]) {
      if (target !== undefined) await faults.gather(() => checkNew(target, force));
    }
    if (keyPath !== undefined && key === undefined) faults.note(`there is no private key to write to ${keyPath}`);
    if (form === "der" && certificates.length !== 1) {
      faults.note(`DER holds one certificate, here are ${certificates.length}`);
    }
    if (form === "p12" && key === undefined) faults.note("a PKCS#12 file needs the private key: name its file too");
    let passphrase: string | undefined;
    await faults.gather(async () => {
      const isCa = certificates[0]?.extensions.isCa === true && keyPath !== undefined;
      passphrase = await newPassphrase(args, context, isCa || (form === "p12" && context.ask !== undefined));
      if (form !== "p12" || passphrase !== undefined) return;
      const ways = "--passphrase-file, --passphrase-env or --ask-passphrase";
      throw new CertsError("passphraseNeeded", `a PKCS#12 file needs a passphrase: give ${ways}`);
    });
    faults.check();
    if (keyPath !== undefined && key !== undefined) {
      await writeNew(keyPath, exportPrivateKey(key, passphrase), { force, secret: true });
    }
    const secret = form === "p12";
    if (secret && key !== undefined && passphrase !== undefined) {
      await writeNew(path, writePkcs12({ key, chain: certificates, passphrase }), { force, secret });
    } else if (form === "der") await writeNew(path, certificates[0]?.raw ?? "", { force });
    else await writeNew(path, certificates.map((certificate) => certificate.toPem()).join(""), { force });
    const names = certificates.map(({ subject }) => subject).join(", ");
    context.out(`${path}: ${names}${secret ? ", with the private key" : ""}\n`);
    return 0;
  },
};
