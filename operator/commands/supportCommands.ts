import type { SupportSessions } from "../support/supportSessions";
import { getSupportSessionToken } from "./getSupportSessionToken";
import type { OperatorCommand } from "./operatorCommand";
import { unlockSupportSession } from "./unlockSupportSession";

/** The commands that unlock a session. */
export const supportCommands = (support: SupportSessions): readonly OperatorCommand[] => [
  getSupportSessionToken(support),
  unlockSupportSession(support),
];
