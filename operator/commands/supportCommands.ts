import type { SupportSessions } from "../support/supportSessions";
import { exportTranscriptKey } from "./exportTranscriptKey";
import { getSupportSessionToken } from "./getSupportSessionToken";
import type { OperatorCommand } from "./operatorCommand";
import { unlockSupportSession } from "./unlockSupportSession";

/** The commands that unlock a session, and the one of an unlocked session that needs no stack. */
export const supportCommands = (support: SupportSessions): readonly OperatorCommand[] => [
  getSupportSessionToken(support),
  unlockSupportSession(support),
  exportTranscriptKey,
];
