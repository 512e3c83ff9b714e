import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { existingResource } from "../existingResource";
import { type DeviceServiceKind, deviceServicePath } from "./deviceServiceKind";

/** The SKUs to which a hub or a provisioning service can change. */
export const listValidSkus =
  (kind: DeviceServiceKind) =>
  (deps: ArmDependencies): Operation => ({
    name: `${kind.operations}_ListValidSkus`,
    method: "GET",
    path: `${deviceServicePath(kind)}/skus`,
    handle(request) {
      existingResource(request, kind.type, deps);
      return { status: 200, body: { value: kind.skus } };
    },
  });
