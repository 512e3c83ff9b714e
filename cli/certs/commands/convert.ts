import { type Certificate, readCertificates } from "../../../certs/certificate";
import { arrangeChain } from "../../../certs/chain";
import { CertsError } from "../../../certs/errors";
import { exportPrivateKey, type PrivateKey } from "../../../certs/keys";
import { looksLikePem, parsePem } from "../../../certs/pem";
import { looksLikePkcs12, readPkcs12 } from "../../../certs/pkcs12/read";
import { writePkcs12 } from "../../../certs/pkcs12/write";
import type { CertsCommand, CertsRun } from "../certsCommand";
import { readKeyFile, within } from "../inputFiles";
import { readBytes, writeNew } from "../newFiles";
import { checkTarget, FORCE } from "../outputFiles";
import {
  NEW_PASSPHRASE_OPTIONS,
  newPassphrase,
  oldPassphrase,
  passphraseField,
  passphraseOptions,
} from "../passphrase";

const FORMS = ["pem", "der", "p12"] as const;

/** Key and certificates of a file. */
interface FileContent {
  readonly key?: PrivateKey;
  readonly certificates: readonly Certificate[];
}

async function readPkcs12File(path: string, bytes: Buffer, run: CertsRun): Promise<FileContent> {
  const read = (passphrase: string): FileContent => within(path, () => readPkcs12(bytes, passphrase));
  try {
    // Key Vault's files, and those that Windows exports for a user account, have an empty passphrase.
    return read("");
  } catch (error) {
    if (!(error instanceof CertsError) || error.code !== "wrongPassphrase") throw error;
  }
  return read(await oldPassphrase("in-", path, run));
}

async function readFile(path: string, run: CertsRun): Promise<FileContent> {
  const bytes = await readBytes(path);
  if (looksLikePkcs12(bytes)) return await readPkcs12File(path, bytes, run);
  const text = bytes.toString("latin1");
  const labels = looksLikePem(text) ? within(path, () => parsePem(text)).map(({ label }) => label) : [];
  const hasKey = labels.some((label) => label.endsWith("PRIVATE KEY"));
  const hasCertificate = labels.length === 0 || labels.some((label) => label.endsWith("CERTIFICATE"));
  const key = hasKey ? await readKeyFile(path, "in-", run) : undefined;
  // The error for a file of neither says that it has no certificate.
  return { key, certificates: hasCertificate || !hasKey ? within(path, () => readCertificates(bytes)) : [] };
}

const CONTENT_REMEDY =
  "name a file of certificates (PEM, base64, DER), a private key (PEM) or PKCS#12, and its own passphrase";

const CHAIN_REMEDY = "convert the files of one chain at a time";

/** The content of all files together: one chain, and at most the leaf's key. */
async function readAll(run: CertsRun): Promise<FileContent & { readonly isWhole: boolean }> {
  const { args, errors } = run;
  let owner: { readonly file: string; readonly key: PrivateKey } | undefined;
  const found: Certificate[] = [];
  let isWhole = args.operands.length > 0;
  for (const file of args.operands) {
    const content = await errors.gather({ field: "FILE", remedy: CONTENT_REMEDY }, () => readFile(file, run));
    isWhole &&= content !== undefined;
    found.push(...(content?.certificates ?? []));
    if (content?.key === undefined) continue;
    if (owner !== undefined) {
      errors.add(`FILE: ${owner.file} and ${file} both hold a private key; leave one out`);
    }
    owner = { file, key: content.key };
  }
  const certificates = (await errors.gather({ field: "FILE", remedy: CHAIN_REMEDY }, () => arrangeChain(found))) ?? [];
  const [leaf] = certificates;
  if (owner !== undefined && leaf !== undefined && !leaf.spki.equals(owner.key.publicKey)) {
    errors.add(`FILE: ${owner.file} is not the key of ${leaf.subject}; name the key that belongs to it`);
  }
  return { key: owner?.key, certificates, isWhole };
}

/** `zero-touch certs convert`. */
export const convert: CertsCommand = {
  about:
    "Converts certificates and keys between PEM, DER and PKCS#12, and joins them to full chains.\n" +
    "The files together hold one chain, in any order, and at most one private key.",
  operands: "FILE...",
  options: {
    to: { value: "FORM", required: true, choices: FORMS, about: "What to write" },
    out: { value: "FILE", required: true, about: "Write the certificates here, leaf first" },
    "key-out": { value: "FILE", about: "Write the private key here, PKCS#8 in PEM" },
    ...passphraseOptions("in-", "the files that are read"),
    ...NEW_PASSPHRASE_OPTIONS,
    ...FORCE,
  },
  async run(run) {
    const { args, context, errors } = run;
    const [form, keyPath, force] = [args.text("to"), args.text("key-out"), args.has("force")];
    const { key, certificates, isWhole } = await readAll(run);
    for (const target of ["out", "key-out"]) await checkTarget(run, target);
    if (isWhole && keyPath !== undefined && key === undefined) {
      errors.add(`--key-out: there is no private key to write to ${keyPath}; name the key's file too, or leave it out`);
    }
    if (isWhole && form === "der" && certificates.length !== 1) {
      const remedy = "choose another form, or files with one";
      errors.add(`--to is 'der': DER holds one certificate, not ${certificates.length}; ${remedy}`);
    }
    if (isWhole && form === "p12" && key === undefined) {
      errors.add("--to is 'p12': a PKCS#12 file needs the private key; name its file too");
    }
    const passphrase = await errors.gather({ field: passphraseField(args) }, async () => {
      const isCa = certificates[0]?.extensions.isCa === true && keyPath !== undefined;
      const given = await newPassphrase(run, isCa || (form === "p12" && context.prompt !== undefined));
      if (form !== "p12" || given !== undefined) return given;
      const ways = "--passphrase-file, --passphrase-env or --ask-passphrase";
      throw new CertsError("passphraseNeeded", `a PKCS#12 file needs a passphrase: give ${ways}`);
    });
    errors.check();
    const path = args.need("out");
    if (keyPath !== undefined && key !== undefined) {
      await writeNew(keyPath, exportPrivateKey(key, passphrase), { force, secret: true });
    }
    const secret = form === "p12";
    if (secret && key !== undefined && passphrase !== undefined) {
      await writeNew(path, writePkcs12({ key, chain: certificates, passphrase }), { force, secret });
    } else if (form === "der") await writeNew(path, certificates[0]?.raw ?? "", { force });
    else await writeNew(path, certificates.map((certificate) => certificate.toPem()).join(""), { force });
    const names = certificates.map(({ subject }) => subject).join(", ");
    context.print(`${path}: ${names}${secret ? ", with the private key" : ""}\n`);
    return 0;
  },
};
