import type { Clock } from "../../certs/clock";
import { OperatorError } from "../operatorError";
import type { OperatorUser } from "../users/operatorUser";
import { keyFingerprint, readPublicKey } from "../users/publicKey";
import type { SignInFailures } from "../users/signInFailures";
import type { UserDirectory, Users } from "../users/userDirectory";
import type { CommandOutput, CommandParameter, OperatorRole } from "./operatorCommand";

/** What the commands on users work with. */
export interface UserDependencies {
  readonly directory: UserDirectory;
  readonly failures: SignInFailures;
  readonly clock: Clock;
}

export const ROLES: readonly OperatorRole[] = ["operator", "administrator"];

/** A user of a name. Errors: OperatorError UserNotFound. */
export function userIn(users: Users, name: string): OperatorUser {
  const found = Object.hasOwn(users, name) ? users[name] : undefined;
  if (found !== undefined) return found;
  throw new OperatorError("UserNotFound", "There is no such user.", "Get-OperatorUser lists the users");
}

/** A public key as a line of type and base64, with its comment. Errors: OperatorError ParameterInvalid. */
export function publicKeyLine(text: string): string {
  const key = readPublicKey(text);
  return [key.type, key.getPublicSSH().toString("base64"), key.comment].filter(Boolean).join(" ");
}

/** The fingerprint of such a line. */
export const fingerprintOfLine = (line: string): string => keyFingerprint(readPublicKey(line).getPublicSSH());

/** The parameter that names a user, completed by the names that there are. */
export const nameParameter = (about: string, directory: UserDirectory): CommandParameter => ({
  name: "Name",
  type: "String",
  about,
  isMandatory: true,
  position: 0,
  complete: async () => Object.keys(await directory.users()),
});

/** A user without what is secret. */
export async function describedUser(name: string, user: OperatorUser, failures: SignInFailures) {
  const { role, password, publicKeys, created, passwordChanged } = user;
  return {
    name,
    role,
    hasPassword: password !== undefined,
    publicKeys: publicKeys.map(fingerprintOfLine),
    created,
    passwordChanged,
    lockedUntil: (await failures.lockedUntil(name))?.toISOString(),
  };
}

/** A user as the output of a command. Errors: OperatorError UserNotFound. */
export async function shownUser(name: string, { directory, failures }: UserDependencies): Promise<CommandOutput> {
  return { value: await describedUser(name, userIn(await directory.users(), name), failures) };
}
