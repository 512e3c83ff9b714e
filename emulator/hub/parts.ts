import { azureHost } from "../../azure/hosts";
import type { Call } from "../kernel/call";
import type { Directory, HubRecord, TokenJudge } from "../kernel/directory";
import type { Services } from "../kernel/services";
import type { HubFail } from "./errors";
import type { EventStore } from "./events";
import type { IdentityStore } from "./identities";
import type { TwinStore } from "./twins";

/** What the operations of the hubs stand on; each takes the ones it needs. */
export interface HubParts extends Pick<Services, "store" | "clock" | "ids"> {
  readonly directory: Directory;
  readonly tokens: TokenJudge;
  readonly fail: HubFail;
  readonly identities: IdentityStore;
  readonly twins: TwinStore;
  readonly events: EventStore;
}

/** The hub that a call's host name stands for. */
export function hubOf(call: Call, { directory, fail }: Pick<HubParts, "directory" | "fail">): HubRecord {
  const hub = azureHost(call.host)?.service === "hub" ? directory.hub(call.host) : undefined;
  if (!hub) throw fail("IotHubNotFound", call.host, { reason: `no IoT hub has the host name ${call.host}` });
  return hub;
}
