import { userName } from "../users/operatorUser";
import type { OperatorCommand } from "./operatorCommand";
import { nameParameter, type UserDependencies, userIn } from "./userCommand";

/** Remove-OperatorUser: removes a user. */
export const removeOperatorUser = ({ directory, failures }: UserDependencies): OperatorCommand => ({
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
});
