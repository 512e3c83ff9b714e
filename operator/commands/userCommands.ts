import { getOperatorUser } from "./getOperatorUser";
import { newOperatorUser } from "./newOperatorUser";
import type { OperatorCommand } from "./operatorCommand";
import { removeOperatorUser } from "./removeOperatorUser";
import { setOperatorUser } from "./setOperatorUser";
import { setOperatorUserPassword } from "./setOperatorUserPassword";
import type { UserDependencies } from "./userCommand";

/** The commands on users. */
export const userCommands = (dependencies: UserDependencies): OperatorCommand[] =>
  [newOperatorUser, getOperatorUser, setOperatorUser, removeOperatorUser, setOperatorUserPassword].map((command) =>
    command(dependencies),
  );
