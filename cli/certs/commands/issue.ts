import { type BulkOrder, issueMany } from "../../../certs/bulk/issueMany";
import { checkCsvIds, csvIds, type Numbering, numberedIds } from "../../../certs/bulk/registrationIds";
import { issueDevice } from "../../../certs/issue";
import type { Arguments } from "../../commandLine";
import type { OptionRule } from "../../commandUsage";
import type { CertsCommand, CertsRun } from "../certsCommand";
import { ISSUER_OPTIONS, type LoadedIssuer, loadIssuer } from "../inputFiles";
import { issueOptions, notePlan } from "../issuePlan";
import { progressLine } from "../issuingProgress";
import { algorithmOption, checkTarget, DAYS, FORCE, KEY_OPTIONS, takeKey, writeIssued } from "../outputFiles";
import { newPassphrase, passphraseField } from "../passphrase";
import { Skipped } from "../validationErrors";

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

function checkCombination({ args, errors }: CertsRun): void {
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

async function issueOne(run: CertsRun, loaded: LoadedIssuer | undefined): Promise<number> {
  const { args, errors } = run;
  notePlan(run, "--id", args.text("id"), "device", loaded);
  await checkTarget(run, "out");
  const { key, write } = await takeKey(run, false);
  const issuer = errors.sure(loaded);
  const { publicKey } = key;
  const made = await issueDevice({ registrationId: args.need("id"), publicKey, issuer, ...issueOptions(run) });
  return writeIssued(run, made, issuer.chain, write);
}

/** The numbers that --count and its options ask for; undefined without a valid --count. */
function numberingOf(args: Arguments): Numbering | undefined {
  const count = args.number("count");
  if (count === undefined) return undefined;
  return { count, prefix: args.text("prefix"), start: args.number("start"), digits: args.number("digits") };
}

/** The requested registration IDs and their number. Throws `badRegistrationId`, `malformed`, `keyFile`. */
async function listIds(args: Arguments): Promise<{ ids: BulkOrder["registrationIds"]; total: number }> {
  const csv = args.text("csv");
  if (csv !== undefined) return { ids: csvIds(csv), total: await checkCsvIds(csv) };
  const numbering = numberingOf(args);
  // The option itself is invalid: already an error.
  if (numbering === undefined) throw new Skipped();
  return { ids: numberedIds(numbering), total: numbering.count };
}

/** The last, and longest, of numbered IDs; undefined for those of a CSV. */
function lastId(args: Arguments): string | undefined {
  const numbering = numberingOf(args);
  if (numbering === undefined) return undefined;
  const { count, start = 1 } = numbering;
  return numberedIds({ ...numbering, count: 1, start: start + count - 1 }).next().value;
}

async function issueAll(run: CertsRun, loaded: LoadedIssuer | undefined): Promise<number> {
  const { args, context, errors } = run;
  const list = await errors.gather({ field: args.has("csv") ? "--csv" : "--count" }, () => listIds(args));
  notePlan(run, "--prefix, --start and --digits: the last ID", lastId(args), "device", loaded);
  const passphrase = await errors.gather({ field: passphraseField(args) }, () => newPassphrase(run, false));
  const { ids, total } = errors.sure(list);
  const { certificate, chain, key } = errors.sure(loaded);
  const progress = progressLine(context, total);
  const result = await issueMany({
    registrationIds: ids,
    issuer: certificate,
    issuerKey: key,
    above: chain.slice(1),
    folder: args.need("out"),
    layout: args.text("layout") === "files" ? "files" : "bundle",
    leafAlgorithm: algorithmOption(args),
    durable: args.has("durable"),
    signal: context.signal,
    onProgress: progress.update,
    passphrase,
    workers: args.number("workers"),
    ...issueOptions(run),
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
  async run(run) {
    const { args, errors } = run;
    checkCombination(run);
    const loaded = await loadIssuer(run);
    if (args.has("count") || args.has("csv")) return issueAll(run, loaded);
    if (args.has("id")) return issueOne(run, loaded);
    errors.check();
    throw new TypeError("No devices are named, and there is no error");
  },
};
