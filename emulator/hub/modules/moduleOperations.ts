import type { DeviceKey } from "../../kernel/deviceKey";
import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import { existingDevice } from "../devices/deviceChanges";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { requiredIfMatch } from "../hubErrors";
import { moduleResponse, readModule, wireModule } from "./moduleBody";
import { createModule, existingModule, removeModule, updateModule } from "./moduleChanges";

const keyOf = ({ params }: Request): Required<DeviceKey> => ({
  deviceId: params.deviceId ?? "",
  moduleId: params.moduleId ?? "",
});

/** Creates without If-Match, changes with it. */
function createOrUpdate(request: Request, deps: HubDependencies): Response {
  const hub = authorizeService(request, "write", deps);
  const draft = readModule(request.body, keyOf(request), deps.ids);
  const ifMatch = request.headers["if-match"];
  const change = () =>
    ifMatch === undefined ? createModule(hub.key, draft, deps) : updateModule(hub.key, draft, ifMatch, deps);
  return moduleResponse(deps.database.transaction(change));
}

/** Requires If-Match: `*` or the ETag. */
function remove(request: Request, deps: HubDependencies): Response {
  const hub = authorizeService(request, "write", deps);
  const ifMatch = requiredIfMatch(request);
  deps.database.transaction(() => removeModule(hub.key, keyOf(request), ifMatch, deps));
  return { status: 204 };
}

/** The operations on module identities (Azure REST API "Modules"). */
export function moduleOperations(deps: HubDependencies): Operation[] {
  const path = "/devices/:deviceId/modules/:moduleId";
  const get = (request: Request): Response => {
    const hub = authorizeService(request, "read", deps);
    return moduleResponse(existingModule(hub.key, keyOf(request), deps));
  };
  const list = (request: Request): Response => {
    const hub = authorizeService(request, "read", deps);
    const { deviceId } = existingDevice(hub.key, keyOf(request).deviceId, deps);
    return ok(deps.modules.list(hub.key, deviceId).map(wireModule));
  };
  const put = (request: Request) => createOrUpdate(request, deps);
  return [
    { name: "Modules_GetModulesOnDevice", method: "GET", path: "/devices/:deviceId/modules", handle: list },
    { name: "Modules_GetIdentity", method: "GET", path, handle: get },
    { name: "Modules_CreateOrUpdateIdentity", method: "PUT", path, handle: put },
    { name: "Modules_DeleteIdentity", method: "DELETE", path, handle: (request) => remove(request, deps) },
  ];
}
