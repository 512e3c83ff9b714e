import { judgeSas } from "../../kernel/authorization";
import type { Call } from "../../kernel/call";
import { unixSeconds } from "../../kernel/clock";
import type { HubRecord } from "../../kernel/directory";
import { type HubParts, hubOf } from "../parts";

/** The audience of Entra tokens for the hubs' data plane. */
const AUDIENCES = ["https://iothubs.azure.net"];

/** Writing includes reading (Azure documentation, "IoT Hub permissions"). */
const RIGHTS = { read: ["RegistryRead", "RegistryWrite"], write: ["RegistryWrite"], twin: ["ServiceConnect"] } as const;

/**
 * The hub of a service call, once the caller has shown the right: a bearer token of Entra, or a signature of a shared
 * access policy. Throws 401 IotHubUnauthorizedAccess otherwise.
 */
export function authorizeService(
  call: Call,
  need: keyof typeof RIGHTS,
  parts: Pick<HubParts, "directory" | "tokens" | "clock" | "fail">,
): HubRecord {
  const hub = hubOf(call, parts);
  const header = call.headers.authorization ?? "";
  const refuse = (reason: string) => parts.fail("IotHubUnauthorizedAccess", "Unauthorized", { reason });
  const bearer = /^Bearer\s+(\S+)$/i.exec(header)?.[1];
  if (bearer !== undefined) {
    const verdict = parts.tokens.judge(bearer, AUDIENCES);
    if (!verdict.ok) throw refuse(`bearer token: ${verdict.reason}`);
    return hub;
  }
  const fault = judgeSas(header, {
    resource: call.host + call.path,
    policies: hub.policies,
    rights: RIGHTS[need],
    at: unixSeconds(parts.clock),
  });
  if (fault) throw refuse(header === "" ? "no Authorization header" : `shared access signature: ${fault}`);
  return hub;
}
