import { callerError } from "../kernel/authorizeCaller";
import { unixSeconds } from "../kernel/clock";
import type { HubRecord } from "../kernel/directory";
import { pathSegments, type Request } from "../kernel/operation";
import { type HubDependencies, hubOf } from "./hubDependencies";
import { hubError } from "./hubErrors";

/** The audience of Entra tokens for the hubs' data plane. */
const AUDIENCES = ["https://iothubs.azure.net"];

/** Rights by operation; write includes read (Azure documentation, "IoT Hub permissions"). */
const RIGHTS = {
  read: ["RegistryRead", "RegistryWrite"],
  write: ["RegistryWrite"],
  twin: ["ServiceConnect"],
  method: ["ServiceConnect"],
  send: ["ServiceConnect"],
  feedback: ["ServiceConnect"],
  fileNotifications: ["ServiceConnect"],
  purge: ["ServiceConnect"],
} as const;

/** Data actions that do not depend on the request. */
const ACTIONS: Readonly<Partial<Record<keyof typeof RIGHTS, string>>> = {
  method: "directMethods/invoke/action",
  send: "cloudToDeviceMessages/send/action",
  feedback: "cloudToDeviceMessages/feedback/action",
  fileNotifications: "fileUpload/notifications/action",
  purge: "cloudToDeviceMessages/queue/purge/action",
};

/** What a role must grant (Azure documentation, "Control access to IoT Hub with Microsoft Entra ID"). */
function dataActionOf(request: Request, need: keyof typeof RIGHTS): string {
  const { method } = request;
  const fixed = ACTIONS[need];
  if (fixed !== undefined) return `Microsoft.Devices/IotHubs/${fixed}`;
  const [root = ""] = pathSegments(request);
  const subject =
    need === "twin" ? "twins" : ["statistics", "jobs", "configurations"].includes(root) ? root : "devices";
  const reads = need === "twin" ? method === "GET" : need === "read";
  return `Microsoft.Devices/IotHubs/${subject}/${reads ? "read" : method === "DELETE" ? "delete" : "write"}`;
}

/**
 * Returns the hub of a service request if the caller has the right: by an Entra bearer token or a shared access signature.
 * Throws 401 IotHubUnauthorizedAccess otherwise.
 */
export function authorizeService(request: Request, need: keyof typeof RIGHTS, deps: HubDependencies): HubRecord {
  const hub = hubOf(request, deps);
  const reason = callerError(
    request,
    {
      audiences: AUDIENCES,
      policies: hub.policies,
      rights: RIGHTS[need],
      at: unixSeconds(deps.clock),
      dataAction: dataActionOf(request, need),
      scope: hub.id,
    },
    deps,
  );
  if (reason) throw hubError("IotHubUnauthorizedAccess", "Unauthorized", { reason });
  return hub;
}
