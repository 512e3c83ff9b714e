import { OperatorError } from "../operatorError";
import { checkPassword, passwordHash } from "../users/operatorPassword";
import { type OperatorUser, userName } from "../users/operatorUser";
import type { OperatorCommand, OperatorRole } from "./operatorCommand";
import { nameParameter, publicKeyLine, ROLES, shownUser, type UserDependencies } from "./userCommand";

/** New-OperatorUser: creates a user. */
export const newOperatorUser = (dependencies: UserDependencies): OperatorCommand => {
  const { directory, clock } = dependencies;
  return {
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
        throw new OperatorError("ParameterMissing", what, "give -PublicKey 'KEY', or -Password to be prompted for one");
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
      return shownUser(name, dependencies);
    },
  };
};
