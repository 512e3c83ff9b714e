import type { SupportSessions } from "../support/supportSessions";
import type { OperatorCommand } from "./operatorCommand";

/** Unlock-SupportSession. */
export const unlockSupportSession = (support: SupportSessions): OperatorCommand => ({
  name: "Unlock-SupportSession",
  about:
    "Unlocks this session by the response token of the support authority, until the token expires and for at most eight hours.",
  parameters: [
    {
      name: "ResponseToken",
      type: "String",
      about: "What zero-touch operator authorize printed.",
      isMandatory: true,
      position: 0,
    },
  ],
  role: "administrator",
  example: "Unlock-SupportSession",
  async run({ ResponseToken }, { session, recorder }) {
    const until = await support.unlock(session.id, String(ResponseToken), recorder);
    return {
      value: { unlockedUntil: until.toISOString() },
      text: `The session is unlocked until ${until.toISOString()}. Get-Command lists the further commands.`,
    };
  },
});
