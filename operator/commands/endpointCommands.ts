import type { SupportSessions } from "../support/supportSessions";
import { type CloseDependencies, closePrivilegedEndpoint } from "./closePrivilegedEndpoint";
import { generalCommands } from "./generalCommands";
import type { OperatorCommand } from "./operatorCommand";
import { supportCommands } from "./supportCommands";
import type { UserDependencies } from "./userCommand";
import { userCommands } from "./userCommands";

/** What the commands of an endpoint work with. */
export interface EndpointCommandDependencies {
  readonly users: UserDependencies;
  readonly support: SupportSessions;
  readonly transcripts: CloseDependencies;
}

/** All commands of an endpoint: `onStack`, and those that need no stack. */
export function endpointCommands(
  { users, support, transcripts }: EndpointCommandDependencies,
  onStack: readonly OperatorCommand[],
): OperatorCommand[] {
  const commands: OperatorCommand[] = [
    ...generalCommands(() => commands),
    ...onStack,
    ...userCommands(users),
    ...supportCommands(support),
    closePrivilegedEndpoint(transcripts),
  ];
  return commands;
}
