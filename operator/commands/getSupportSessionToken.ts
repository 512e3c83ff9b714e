import type { SupportSessions } from "../support/supportSessions";
import type { OperatorCommand } from "./operatorCommand";

/** Get-SupportSessionToken. */
export const getSupportSessionToken = (support: SupportSessions): OperatorCommand => ({
  name: "Get-SupportSessionToken",
  about:
    "Returns a request token for the support authority, which authorizes Unlock-SupportSession in this session within two hours. It replaces an earlier request.",
  parameters: [],
  role: "administrator",
  example: "Get-SupportSessionToken",
  async run(_parameters, { session }) {
    const { token, expires } = await support.request(session.id);
    return { value: { requestToken: token, expires: expires.toISOString() }, text: token };
  },
});
