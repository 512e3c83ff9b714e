import { userName } from "../users/operatorUser";
import type { OperatorCommand } from "./operatorCommand";
import { describedUser, nameParameter, type UserDependencies, userIn } from "./userCommand";

/** Get-OperatorUser: lists users. */
export const getOperatorUser = ({ directory, failures }: UserDependencies): OperatorCommand => ({
  name: "Get-OperatorUser",
  about: "Lists the users with their roles, keys and locks.",
  parameters: [{ ...nameParameter("Default: every user.", directory), isMandatory: undefined }],
  role: "administrator",
  example: "Get-OperatorUser",
  run: async ({ Name }) => {
    const users = await directory.users();
    const names = Name === undefined ? Object.keys(users).sort() : [userName(String(Name))];
    return { value: await Promise.all(names.map((name) => describedUser(name, userIn(users, name), failures))) };
  },
});
