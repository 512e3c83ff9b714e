import { type BulkOrder, issueMany } from "../../../certs/bulk/issueMany";
import { checkCsvIds, csvIds, numberedIds } from "../../../certs/bulk/registrationIds";
import { issueDevice } from "../../../certs/issue";
import type { Arguments, OptionRule } from "../../commandLine";
import type { CertsCommand } from "../certsCommand";
import type { CertsContext } from "../certsContext";
import { ISSUER_OPTIONS, type LoadedIssuer, loadIssuer } from "../inputFiles";
import { issueOptions, notePlan } from "../issuePlan";
import { progressLine } from "../issuingProgress";
import { writeNew } from "../newFiles";
import {
  algorithmOption,
  checkTarget,
  DAYS,
  FORCE,
  KEY_OPTIONS,
  planKey,
  presentedChain,
  printIssued,
} from "../outputFiles";
import { newPassphrase, passphraseField } from "../passphrase";
import { Skipped, type ValidationErrors } from "../validationErrors";

const BULK: Readonly<Record<string, OptionRule>> = {
  count: { value: "N", from: 1, about: "Many devices, numbered" },
  csv: { value: "FILE", about: "Many devices, from a CSV: its column registrationId, or its first" },
  prefix: { value: "TEXT", about: "With --count: the text before the number (default device-)" },
  start: { value: "N", from: 0, about: "With --count: the first number (default 1)" },
  digits: { value: "N", from: 1, about: "With --count: digits of the number (default 6)" },
  layout: { value: "NAME", choices: ["bundle", "files"], about: "Of many: key and chain in one file or in two" },
  workers: { value: "N", from: 0, about: "Of many: threads (default one per core, 8 at most; 0: none)" },
  durable: { about: "Of many: flush each file to the disk before the manifest names it (slower)" },
};

/** Options for many devices only, or for one only. */
const ONLY = {
  one: ["key", "key-passphrase-file", "key-passphrase-env", "key-out", "force"],
  many: ["layout", "workers", "durable"],
  count: ["prefix", "start", "digits"],
};

function checkCombination(args: Arguments, errors: ValidationErrors): void {
  const ways = ["id", "count", "csv"].filter((way) => args.has(way));
  if (ways.length !== 1) {
    const found = ways.length === 0 ? "none is given" : `${ways.map((way) => `--${way}`).join(" and ")} are given`;
    errors.add(`--id, --count, --csv: ${found}; give one of them`);
    return;
  }
  const excluded: readonly (readonly [string, readonly string[]])[] = args.has("id")
    ? [["one device", [...ONLY.many, ...ONLY.count]]]
    : [["many devices", ONLY.one], ...(args.has("csv") ? ([["--csv", ONLY.count]] as const) : [])];
  for (const [what, names] of excluded) {
    for (const name of names) if (args.has(name)) errors.add(`--${name}: it does not go with ${what}; leave it out`);
  }
}

async function issueOne(
  args: Arguments,
  context: CertsContext,
  errors: ValidationErrors,
  loaded?: LoadedIssuer,
): Promise<number> {
  notePlan(errors, "--id", args.text("id"), "device", context, loaded?.certificate);
  await checkTarget(args, "out", errors);
  const plan = errors.sure(await planKey(args, context, errors, false));
  const issuer = errors.sure(loaded);
  const [registrationId, path, force] = [args.need("id"), args.need("out"), args.has("force")];
  const key = await plan.make();
  const made = await issueDevice({
    registrationId,
    publicKey: key.publicKey,
    issuer: { certificate: issuer.certificate, signer: issuer.signer },
    ...issueOptions(args, context),
  });
  const chain = presentedChain(made, [issuer.certificate, ...issuer.above]);
  await plan.write(key);
  await writeNew(path, chain, { force });
  printIssued(context, made, path);
  return 0;
}

/** The requested registration IDs and their number. Throws `badRegistrationId`, `malformed`, `keyFile`. */
async function listIds(args: Arguments): Promise<{ ids: BulkOrder["registrationIds"]; total: number }> {
  const csv = args.text("csv");
  if (csv !== undefined) return { ids: csvIds(csv), total: await checkCsvIds(csv) };
  const [prefix, start, digits] = [args.text("prefix"), args.number("start"), args.number("digits")];
  const count = args.number("count");
  // The option itself is invalid: already an error.
  if (count === undefined) throw new Skipped();
  const ids = numberedIds({
    count,
    ...(prefix === undefined ? {} : { prefix }),
    ...(start === undefined ? {} : { start }),
    ...(digits === undefined ? {} : { digits }),
  });
  return { ids, total: count };
}

/** The last, and longest, of numbered IDs; undefined for those of a CSV. */
function lastId(args: Arguments): string | undefined {
  const [prefix, start = 1, digits, count] = [
    args.text("prefix"),
    args.number("start"),
    args.number("digits"),
    args.number("count"),
  ];
  if (count === undefined) return undefined;
  const numbering = { count: 1, start: start + count - 1, ...(digits === undefined ? {} : { digits }) };
  return numberedIds({ ...numbering, ...(prefix === undefined ? {} : { prefix }) }).next().value;
}

async function issueAll(
  args: Arguments,
  context: CertsContext,
  errors: ValidationErrors,
  loaded?: LoadedIssuer,
): Promise<number> {
  const list = await errors.gather({ field: args.has("csv") ? "--csv" : "--count" }, () => listIds(args));
  notePlan(errors, "--prefix, --start and --digits: the last ID", lastId(args), "device", context, loaded?.certificate);
  const passphrase = await errors.gather({ field: passphraseField(args) }, () => newPassphrase(args, context, false));
  const { ids, total } = errors.sure(list);
  const issuer = errors.sure(loaded);
  const progress = progressLine(context, total);
  const workers = args.number("workers");
  const result = await issueMany({
    registrationIds: ids,
    issuer: issuer.certificate,
    issuerKey: issuer.key,
    above: issuer.above,
    folder: args.need("out"),
    layout: args.text("layout") === "files" ? "files" : "bundle",
    leafAlgorithm: algorithmOption(args),
    durable: args.has("durable"),
    signal: context.signal,
    onProgress: progress.update,
    ...issueOptions(args, context),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(workers === undefined ? {} : { workers }),
  });
  progress.end(result);
  const left = total - result.issued - result.skipped;
  const before = result.skipped === 0 ? "" : `, ${result.skipped} were there before`;
  context.print(`${result.manifest}: ${result.issued} devices issued${before}\n`);
  if (left <= 0) return 0;
  context.log(`stopped with ${left} left: run the same command again to continue\n`);
  return 130;
}

/** `zero-touch certs issue`. */
export const issue: CertsCommand = {
  about:
    "Issues the certificate of a device (--id), or of many devices (--count, --csv).\n" +
    "Those of many go into one folder with a manifest, manifest.jsonl. Such a run may be stopped or killed at any time; the same command continues it.",
  options: {
    id: { value: "ID", about: "One device: its registration ID" },
    ...BULK,
    out: { value: "PATH", required: true, about: "The chain's file for one device, the folder for many" },
    ...KEY_OPTIONS,
    ...ISSUER_OPTIONS,
    ...DAYS,
    ...FORCE,
  },
  async run(args, context, errors) {
    checkCombination(args, errors);
    const loaded = await loadIssuer(args, context, errors);
    if (args.has("count") || args.has("csv")) return issueAll(args, context, errors, loaded);
    if (args.has("id")) return issueOne(args, context, errors, loaded);
    errors.check();
    throw new TypeError("No devices are named, and there is no error");
  },
};
