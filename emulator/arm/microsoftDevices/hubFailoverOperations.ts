import { regionKey } from "../../../azure/names";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { devicesError } from "../armErrors";
import { armOperations } from "../armOperations";
import { checkSettled, existingResource, readDevicesBody } from "../armRequest";
import { newEtag } from "../microsoftResources/resourceStore";
import { pairedTitle, regionTitle } from "../regions";
import { deviceServicePath } from "./deviceServiceKind";
import { HUB } from "./iotHub";

/** POST of a failover: the hub's two regions change their roles. Devices notice nothing. */
function failOver(request: Request, deps: ArmDependencies): Response {
  const hub = existingResource(request, HUB.type, deps);
  checkSettled(hub, HUB.label, deps);
  const { failoverRegion } = readDevicesBody(request, "iotHub.failover", deps);
  const secondary = hub.isFailedOver ? regionTitle(hub.location) : pairedTitle(hub.location);
  if (secondary === undefined || regionKey(secondary) !== regionKey(String(failoverRegion))) {
    const message = `The hub '${hub.name}' cannot fail over to '${String(failoverRegion)}': its secondary region is ${secondary ?? "none"}.`;
    throw devicesError("invalidArgument", message, deps);
  }
  deps.resources.put({ ...hub, isFailedOver: !hub.isFailedOver, etag: newEtag(deps) });
  const readyAt = deps.longRunning.completionTime();
  const { status, result } = deps.longRunning.start(request, HUB.pollPath(deps.subscriptionId, hub.location), readyAt);
  return {
    status: 202,
    headers: { "azure-asyncoperation": status, location: result, ...deps.longRunning.retryAfter() },
  };
}

/** Manual failover of hubs (Azure REST API "IotHub – Manual Failover"). */
export const hubFailoverOperations = (deps: ArmDependencies): Operation[] =>
  armOperations(deps, [["IotHub_ManualFailover", "POST", `${deviceServicePath(HUB)}/failover`, failOver]]);
