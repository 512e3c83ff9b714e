import { CertsError } from "../../certs/errors";
import { legible } from "../../operator/console/outputText";
import { OperatorError } from "../../operator/operatorError";
import { type TokenPrivateKey, tokenPrivateKey } from "../../operator/support/tokenKey";
import type { CertsRun } from "../certs/certsCommand";
import type { CertsContext } from "../certs/certsContext";
import { readKeyFile } from "../certs/inputFiles";
import { ValidationErrors } from "../certs/validationErrors";
import { type Arguments, UsageError } from "../commandLine";

/** The context of the support authority's commands: `openTokenKey` opens an RSA key in a vault by its key ID. */
export interface AuthorityContext extends CertsContext {
  openTokenKey(keyId: string): Promise<TokenPrivateKey>;
  /** Reads standard input to its end. */
  readInput(): Promise<string>;
}

/** A run of one of these commands. */
export interface AuthorityRun extends CertsRun {
  readonly context: AuthorityContext;
}

/** The RSA key that --key names: a file, or a key ID in a vault. Throws CertsError. */
export async function readAuthorityKey(place: string, run: AuthorityRun): Promise<TokenPrivateKey> {
  const isInVault = place.startsWith("https://");
  const key = isInVault
    ? await run.context.openTokenKey(place).catch((cause: unknown) => {
        const message = cause instanceof Error ? cause.message : String(cause);
        throw new CertsError("keyElsewhere", `${place}: ${message}`, { data: { keyId: place }, cause });
      })
    : tokenPrivateKey(await readKeyFile(place, "key-", run));
  if (key.signer.algorithm.family === "rsa") return key;
  const { name } = key.signer.algorithm;
  throw new CertsError("unsupportedKey", `${place} is an ${name} key: tokens are enveloped to RSA keys`);
}

/** Runs a command; prints its errors, and returns its exit code: 1 for a failure, 2 for errors of the command line. */
export async function runForAuthority(
  name: string,
  { args, context }: { readonly args: Arguments; readonly context: AuthorityContext },
  work: (run: AuthorityRun) => Promise<number>,
): Promise<number> {
  try {
    return await work({ args, context, errors: new ValidationErrors() });
  } catch (error) {
    if (error instanceof UsageError) {
      for (const each of error.errors) context.log(`error: ${each}\n`);
      context.log(`zero-touch operator ${name} --help lists the options.\n`);
      return 2;
    }
    // A token is of somebody else, and so may be what an error says about it.
    if (error instanceof CertsError) context.log(legible(`error [${error.code}]: ${error.message}\n`));
    else if (error instanceof OperatorError) context.log(legible(`${error.describe()}\n`));
    else throw error;
    return 1;
  }
}
