import { nameError } from "../../../azure/names";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { SUBSCRIPTION_PATH } from "../armPaths";
import { objectBody } from "../requestBody";
import type { DeviceServiceKind } from "./deviceServiceKind";

function check(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const { name } = objectBody(request);
  if (typeof name !== "string") throw frontError(400, "InvalidRequestContent", "The request has no 'name'.");
  const error = nameError(kind.nameRule, name);
  if (error) return { status: 200, body: { nameAvailable: false, reason: "Invalid", message: error } };
  if (deps.resources.named(kind.type, name)) {
    const message = `${kind.label} name '${name}' is not available`;
    return { status: 200, body: { nameAvailable: false, reason: "AlreadyExists", message } };
  }
  return { status: 200, body: { nameAvailable: true, reason: "Invalid", message: null } };
}

/** Whether the name of a hub or a provisioning service is free. */
export const checkDeviceServiceName =
  (kind: DeviceServiceKind) =>
  (deps: ArmDependencies): Operation => ({
    name: `${kind.operations}_CheckNameAvailability`,
    method: "POST",
    path: `${SUBSCRIPTION_PATH}/providers/Microsoft.Devices/${kind.availabilityPath}`,
    handle: (request) => check(kind, request, deps),
  });
