import type { Call } from "../../kernel/call";
import { callerFault } from "../../kernel/caller";
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
  const demand = { audiences: AUDIENCES, policies: hub.policies, rights: RIGHTS[need], at: unixSeconds(parts.clock) };
  const reason = callerFault(call, demand, parts.tokens);
  if (reason) throw parts.fail("IotHubUnauthorizedAccess", "Unauthorized", { reason });
  return hub;
}
