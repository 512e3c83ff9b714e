import { CertsError } from "../../certs/errors";
import type { Arguments } from "../commandLine";
import type { OptionRule } from "../commandUsage";
import type { CertsRun } from "./certsCommand";
import { readText } from "./newFiles";
import { Skipped } from "./validationErrors";

/** The options for the source of a passphrase. A passphrase itself is never an argument: other users can see those. */
export function passphraseOptions(prefix: string, owner: string): Record<string, OptionRule> {
  return {
    [`${prefix}passphrase-file`]: { value: "FILE", about: `The passphrase of ${owner} is the file's first line` },
    [`${prefix}passphrase-env`]: { value: "NAME", about: `The passphrase of ${owner} is in this environment variable` },
  };
}

/** The passphrase options of a new key. */
export const NEW_PASSPHRASE_OPTIONS: Readonly<Record<string, OptionRule>> = Object.freeze({
  ...passphraseOptions("", "the new key"),
  "ask-passphrase": { about: "Ask for the passphrase of the new key" },
  "no-passphrase": { about: "Write the new key unencrypted (its file is 0600 all the same)" },
});

async function stated(prefix: string, { args, context }: CertsRun): Promise<string | undefined> {
  const ways = [`${prefix}passphrase-file`, `${prefix}passphrase-env`] as const;
  const [file, name] = [args.text(ways[0]), args.text(ways[1])];
  // The option itself is invalid: already an error.
  if (ways.some((way) => args.has(way) && args.text(way) === undefined)) throw new Skipped();
  if (file !== undefined && name !== undefined) {
    throw new CertsError("passphraseNeeded", `--${prefix}passphrase-file and --${prefix}passphrase-env: give one`);
  }
  let passphrase: string | undefined;
  if (file !== undefined) passphrase = (await readText(file)).split(/\r?\n/)[0];
  else if (name !== undefined) passphrase = context.env[name];
  else return undefined;
  if (passphrase !== undefined && passphrase !== "") return passphrase;
  const where = file === undefined ? `The environment variable ${name}` : `The first line of ${file}`;
  throw new CertsError("passphraseNeeded", `${where} has no passphrase`);
}

/** The field of an error about a new key's passphrase: the option that names its source, if there is one. */
export function passphraseField(args: Arguments): string {
  const way = ["passphrase-file", "passphrase-env"].find((name) => args.has(name));
  return way === undefined ? "passphrase" : `--${way}`;
}

/** The passphrase of an encrypted key to read. Throws `passphraseNeeded` without a source. */
export async function oldPassphrase(prefix: string, what: string, run: CertsRun): Promise<string> {
  const known = await stated(prefix, run);
  if (known !== undefined) return known;
  const entered = await run.context.prompt?.(`Passphrase of ${what}: `);
  if (entered !== undefined && entered !== "") return entered;
  throw new CertsError(
    "passphraseNeeded",
    `${what} needs a passphrase: give --${prefix}passphrase-file or --${prefix}passphrase-env, or run this on a terminal`,
  );
}

/**
 * The passphrase of a new key; undefined for an unencrypted one. A CA's key is encrypted by default, other keys only on
 * request. Throws `passphraseNeeded`.
 */
export async function newPassphrase(run: CertsRun, isCa: boolean): Promise<string | undefined> {
  const { args, context } = run;
  const ways = ["passphrase-file", "passphrase-env", "ask-passphrase", "no-passphrase"].filter((way) => args.has(way));
  if (ways.length > 1) {
    throw new CertsError("passphraseNeeded", `${ways.map((way) => `--${way}`).join(" and ")}: give one`);
  }
  const known = await stated("", run);
  if (known !== undefined || args.has("no-passphrase")) return known;
  if (!isCa && !args.has("ask-passphrase")) return undefined;
  if (context.prompt === undefined) {
    throw new CertsError(
      "passphraseNeeded",
      "the new key needs one, and there is no terminal for a prompt; give --passphrase-file FILE or --passphrase-env NAME, " +
        "run this on a terminal with --ask-passphrase, or give --no-passphrase to write the key unencrypted",
    );
  }
  const entered = await context.prompt("Passphrase of the new key: ");
  if (entered === "") throw new CertsError("passphraseNeeded", "An empty passphrase protects nothing");
  if (entered !== (await context.prompt("Repeat the passphrase: "))) {
    throw new CertsError("wrongPassphrase", "The two passphrases differ");
  }
  return entered;
}
