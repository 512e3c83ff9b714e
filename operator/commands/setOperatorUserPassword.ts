import { OperatorError } from "../operatorError";
import { checkPassword, passwordHash } from "../users/operatorPassword";
import { userName } from "../users/operatorUser";
import type { CommandContext, OperatorCommand } from "./operatorCommand";
import { nameParameter, shownUser, type UserDependencies, userIn } from "./userCommand";

/** Set-OperatorUserPassword: sets the password of a user. */
export const setOperatorUserPassword = (dependencies: UserDependencies): OperatorCommand => {
  const { directory, failures, clock } = dependencies;
  return {
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
      return shownUser(name, dependencies);
    },
  };
};
