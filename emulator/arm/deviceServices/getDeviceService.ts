import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { existingResource } from "../existingResource";
import { deviceServiceBody } from "./deviceServiceBody";
import { type DeviceServiceKind, deviceServicePath } from "./deviceServiceKind";

/** GET of a hub or a provisioning service. */
export const getDeviceService =
  (kind: DeviceServiceKind) =>
  (deps: ArmDependencies): Operation => ({
    name: `${kind.operations}_Get`,
    method: "GET",
    path: deviceServicePath(kind),
    handle: (request) => ({
      status: 200,
      body: deviceServiceBody(kind, existingResource(request, kind.type, deps), deps),
    }),
  });
