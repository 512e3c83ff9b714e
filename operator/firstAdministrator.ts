import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../certs/clock";
import { newKeyPair } from "./server/hostKeys";
import type { OperatorStore } from "./store/operatorStore";
import { readPublicKey, ssh2 } from "./users/publicKey";
import { UserDirectory } from "./users/userDirectory";

/** Name of the administrator of the first start. */
export const FIRST_ADMINISTRATOR = "operator";

/**
 * Creates the first administrator, where the store has no user, with the key `id_ed25519` of a folder, which is made where it
 * is missing, readable by its owner only. Returns the key's file; undefined where the store has users of another folder's key.
 */
export async function ensureAdministrator(
  store: OperatorStore,
  folder: string,
  clock: Clock,
): Promise<string | undefined> {
  const file = join(folder, "id_ed25519");
  if (!existsSync(file)) {
    if (Object.keys(await new UserDirectory(store).users()).length > 0) return undefined;
    const pair = newKeyPair("ed25519", FIRST_ADMINISTRATOR);
    writeFileSync(file, pair.private, { mode: 0o600 });
    writeFileSync(`${file}.pub`, `${pair.public}\n`);
  }
  const key = ssh2().utils.parseKey(readFileSync(file));
  if (key instanceof Error || Array.isArray(key)) throw new TypeError(`${file} is not a private key of OpenSSH`);
  await addFirstAdministrator(store, `${key.type} ${key.getPublicSSH().toString("base64")}`, clock);
  return file;
}

/** Creates the first administrator with a public key of OpenSSH, where the store has no user. Errors: ParameterInvalid. */
export async function addFirstAdministrator(store: OperatorStore, publicKey: string, clock: Clock): Promise<void> {
  const key = readPublicKey(publicKey);
  const directory = new UserDirectory(store);
  if (Object.keys(await directory.users()).length > 0) return;
  await directory.change((users) => ({
    [FIRST_ADMINISTRATOR]: {
      role: "administrator",
      publicKeys: [`${key.type} ${key.getPublicSSH().toString("base64")} ${FIRST_ADMINISTRATOR}`],
      created: clock.now().toISOString(),
    },
    ...users,
  }));
}
