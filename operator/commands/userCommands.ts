import type { Clock } from "../../certs/clock";
import { OperatorError } from "../operatorError";
import { checkPassword, passwordHash } from "../users/operatorPassword";
import { type OperatorUser, userName } from "../users/operatorUser";
import { keyFingerprint, readPublicKey } from "../users/publicKey";
import type { SignInFailures } from "../users/signInFailures";
import type { UserDirectory, Users } from "../users/userDirectory";
import type { CommandContext, CommandParameter, OperatorCommand, OperatorRole } from "./operatorCommand";

/** What the commands on users work with. */
export interface UserDependencies {
  readonly directory: UserDirectory;
  readonly failures: SignInFailures;
  readonly clock: Clock;
}

const ROLES: readonly OperatorRole[] = ["operator", "administrator"];

function userIn(users: Users, name: string): OperatorUser {
  const found = Object.hasOwn(users, name) ? users[name] : undefined;
  if (found !== undefined) return found;
  throw new OperatorError("UserNotFound", "There is no such user.", "Get-OperatorUser lists the users");
}

/** A public key as a line of type and base64, with its comment. Errors: OperatorError ParameterInvalid. */
function publicKeyLine(text: string): string {
  const key = readPublicKey(text);
  return [key.type, key.getPublicSSH().toString("base64"), key.comment].filter(Boolean).join(" ");
}

const nameParameter = (about: string, directory: UserDirectory): CommandParameter => ({
  name: "Name",
  type: "String",
  about,
  isMandatory: true,
  position: 0,
  complete: async () => Object.keys(await directory.users()),
});

/** `New-`, `Get-`, `Set-` and `Remove-OperatorUser`, and `Set-OperatorUserPassword`. */
export function userCommands({ directory, failures, clock }: UserDependencies): OperatorCommand[] {
  /** A user without what is secret. */
  const described = async (name: string, { role, password, publicKeys, created, passwordChanged }: OperatorUser) => ({
    name,
    role,
    hasPassword: password !== undefined,
    publicKeys: publicKeys.map((line) => keyFingerprint(readPublicKey(line).getPublicSSH())),
    created,
    passwordChanged,
    lockedUntil: (await failures.lockedUntil(name))?.toISOString(),
  });
  const shown = async (name: string) => ({ value: await described(name, userIn(await directory.users(), name)) });

  return [
    {
      name: "New-OperatorUser",
      about: "Creates a user, who signs in by public key, by password, or by either.",
      parameters: [
        { ...nameParameter("1 to 32 letters, digits, dots, dashes and underscores.", directory), complete: undefined },
        { name: "Role", type: "String", about: "Default operator.", choices: ROLES },
        { name: "PublicKey", type: "String", about: "Content of a file such as id_ed25519.pub, in quotes." },
        {
          name: "Password",
          type: "SecureString",
          about: "Given without a value; it is prompted for.",
          isConfirmed: true,
        },
      ],
      role: "administrator",
      example: "New-OperatorUser alice -Role operator -PublicKey 'ssh-ed25519 AAAA… alice'",
      run: async ({ Name, Role = "operator", PublicKey, Password }) => {
        const name = userName(String(Name));
        if (PublicKey === undefined && Password === undefined) {
          const what = "The user needs a public key or a password.";
          throw new OperatorError(
            "ParameterMissing",
            what,
            "give -PublicKey 'KEY', or -Password to be prompted for one",
          );
        }
        if (Password !== undefined) checkPassword(String(Password), name);
        const now = clock.now().toISOString();
        const user: OperatorUser = {
          role: Role as OperatorRole,
          publicKeys: PublicKey === undefined ? [] : [publicKeyLine(String(PublicKey))],
          password: Password === undefined ? undefined : await passwordHash(String(Password)),
          created: now,
          passwordChanged: Password === undefined ? undefined : now,
        };
        await directory.change((users) => {
          if (Object.hasOwn(users, name))
            throw new OperatorError("UserExists", "There is such a user.", "take another name");
          return { ...users, [name]: user };
        });
        return shown(name);
      },
    },
    {
      name: "Get-OperatorUser",
      about: "Lists the users with their roles, keys and locks.",
      parameters: [{ ...nameParameter("Default: every user.", directory), isMandatory: undefined }],
      role: "administrator",
      example: "Get-OperatorUser",
      run: async ({ Name }) => {
        const users = await directory.users();
        const names = Name === undefined ? Object.keys(users).sort() : [userName(String(Name))];
        return { value: await Promise.all(names.map((name) => described(name, userIn(users, name)))) };
      },
    },
    {
      name: "Set-OperatorUser",
      about: "Changes a user's role or public keys, or ends the lock of its password.",
      parameters: [
        nameParameter("The user.", directory),
        { name: "Role", type: "String", about: "The new role; sessions of the user have it at once.", choices: ROLES },
        { name: "AddPublicKey", type: "String", about: "Content of a file such as id_ed25519.pub, in quotes." },
        { name: "RemovePublicKey", type: "String", about: "Fingerprint: SHA256:…, as Get-OperatorUser shows it." },
        { name: "Unlock", type: "Switch", about: "Ends the lock after too many wrong passwords." },
      ],
      role: "administrator",
      example: "Set-OperatorUser alice -Role administrator",
      run: async ({ Name, Role, AddPublicKey, RemovePublicKey, Unlock }) => {
        const name = userName(String(Name));
        const added = AddPublicKey === undefined ? [] : [publicKeyLine(String(AddPublicKey))];
        await directory.change((users) => {
          const user = userIn(users, name);
          const kept = user.publicKeys.filter(
            (line) => keyFingerprint(readPublicKey(line).getPublicSSH()) !== RemovePublicKey && !added.includes(line),
          );
          if (RemovePublicKey !== undefined && kept.length === user.publicKeys.length) {
            throw new OperatorError("NotFound", "The user has no such key.", `Get-OperatorUser ${name} lists the keys`);
          }
          return {
            ...users,
            [name]: { ...user, role: (Role as OperatorRole) ?? user.role, publicKeys: [...kept, ...added] },
          };
        });
        if (Unlock === true) await failures.forget(name);
        return shown(name);
      },
    },
    {
      name: "Remove-OperatorUser",
      about: "Removes a user. Its open sessions end at their next command.",
      parameters: [nameParameter("The user.", directory)],
      role: "administrator",
      example: "Remove-OperatorUser alice",
      run: async ({ Name }) => {
        const name = userName(String(Name));
        await directory.change((users) => {
          userIn(users, name);
          return Object.fromEntries(Object.entries(users).filter(([each]) => each !== name));
        });
        await failures.forget(name);
        return { value: { removed: name } };
      },
    },
    {
      name: "Set-OperatorUserPassword",
      about: "Sets a user's password: every user its own, administrators everybody's.",
      parameters: [
        { ...nameParameter("Default: the user of this session.", directory), isMandatory: undefined },
        {
          name: "Password",
          type: "SecureString",
          about: "The new password; it is prompted for.",
          isMandatory: true,
          isConfirmed: true,
        },
      ],
      role: "operator",
      example: "Set-OperatorUserPassword alice",
      run: async ({ Name, Password }, { session }: CommandContext) => {
        const name = userName(String(Name ?? session.user));
        if (name !== session.user && session.role !== "administrator") {
          const what = "Passwords of others are set by administrators.";
          throw new OperatorError("AccessDenied", what, "leave out -Name for your own password");
        }
        checkPassword(String(Password), name);
        const password = await passwordHash(String(Password));
        await directory.change((users) => ({
          ...users,
          [name]: { ...userIn(users, name), password, passwordChanged: clock.now().toISOString() },
        }));
        await failures.forget(name);
        return shown(name);
      },
    },
  ];
}
