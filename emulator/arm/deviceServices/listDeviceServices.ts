import type { Operation, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { NAME, SUBSCRIPTION_PATH } from "../armPaths";
import { existingGroup } from "../existingResource";
import { deviceServiceBody } from "./deviceServiceBody";
import { type DeviceServiceKind, deviceServicePath } from "./deviceServiceKind";

function list(kind: DeviceServiceKind, deps: ArmDependencies, group?: string): Response {
  const resources = deps.resources.list({ type: kind.type, group });
  return { status: 200, body: { value: resources.map((each) => deviceServiceBody(kind, each, deps)) } };
}

/** The hubs or provisioning services of a resource group. */
export const listDeviceServicesOfGroup =
  (kind: DeviceServiceKind) =>
  (deps: ArmDependencies): Operation => ({
    name: `${kind.operations}_ListByResourceGroup`,
    method: "GET",
    path: deviceServicePath(kind).slice(0, -`/:${NAME}`.length),
    handle: (request) => list(kind, deps, existingGroup(request, deps).name),
  });

/** The hubs or provisioning services of the subscription. */
export const listDeviceServices =
  (kind: DeviceServiceKind) =>
  (deps: ArmDependencies): Operation => ({
    name: `${kind.operations}_ListBySubscription`,
    method: "GET",
    path: `${SUBSCRIPTION_PATH}/providers/Microsoft.Devices/${kind.segment}`,
    handle: () => list(kind, deps),
  });
