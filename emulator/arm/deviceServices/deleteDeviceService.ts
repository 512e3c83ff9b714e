import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { resourceOf } from "../existingResource";
import { removeResource } from "../resources/removal";
import { type DeviceServiceKind, deviceServicePath } from "./deviceServiceKind";

/** DELETE of a hub or a provisioning service: a long-running operation. */
export const deleteDeviceService =
  (kind: DeviceServiceKind) =>
  (deps: ArmDependencies): Operation => ({
    name: `${kind.operations}_Delete`,
    method: "DELETE",
    path: deviceServicePath(kind),
    handle(request) {
      const resource = resourceOf(request, kind.type, deps);
      if (!resource) return { status: 204 };
      // A second DELETE does not extend the first.
      const goneAt = resource.goneAt ?? deps.longRunning.completionTime();
      const urls = deps.commit(() => {
        if (goneAt <= deps.clock.now().getTime()) removeResource(resource, deps);
        else deps.resources.put({ ...resource, goneAt });
        return deps.longRunning.start(request, kind.pollPath(deps.subscriptionId, resource.location), goneAt);
      });
      const headers = { "azure-asyncoperation": urls.status, location: urls.result, ...deps.longRunning.retryAfter() };
      return { status: 202, headers, body: null };
    },
  });
