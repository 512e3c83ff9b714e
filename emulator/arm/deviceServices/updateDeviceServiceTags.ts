import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { checkSettled, existingResource } from "../existingResource";
import { newEtag } from "../newEtag";
import { objectBody, tagsOf } from "../requestBody";
import { deviceServiceBody } from "./deviceServiceBody";
import { type DeviceServiceKind, deviceServicePath } from "./deviceServiceKind";

/** PATCH of a hub or a provisioning service: its tags. */
export const updateDeviceServiceTags =
  (kind: DeviceServiceKind) =>
  (deps: ArmDependencies): Operation => ({
    name: `${kind.operations}_Update`,
    method: "PATCH",
    path: deviceServicePath(kind),
    handle(request) {
      const resource = existingResource(request, kind.type, deps);
      checkSettled(resource, kind.label, deps);
      const changed = { ...resource, tags: tagsOf(objectBody(request)) ?? resource.tags, etag: newEtag(deps) };
      deps.commit(() => deps.resources.put(changed));
      return { status: 200, body: deviceServiceBody(kind, changed, deps) };
    },
  });
