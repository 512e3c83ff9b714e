import { OperatorError } from "../operatorError";
import { userName } from "../users/operatorUser";
import type { OperatorCommand, OperatorRole } from "./operatorCommand";
import {
  fingerprintOfLine,
  nameParameter,
  publicKeyLine,
  ROLES,
  shownUser,
  type UserDependencies,
  userIn,
} from "./userCommand";

/** Set-OperatorUser: changes role and public keys, or ends a lock. */
export const setOperatorUser = (dependencies: UserDependencies): OperatorCommand => {
  const { directory, failures } = dependencies;
  return {
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
          (line) => fingerprintOfLine(line) !== RemovePublicKey && !added.includes(line),
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
      return shownUser(name, dependencies);
    },
  };
};
