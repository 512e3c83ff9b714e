import type { DeviceKey } from "../../kernel/deviceKey";
import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import type { Identity } from "../devices/identityStore";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { checkIfMatch, hubError, requiredIfMatch } from "../hubErrors";
import { moduleResponse, readModule, wireModule } from "./moduleBody";
import { type Module, SYSTEM_MODULES } from "./moduleStore";

/** Most modules of a device (Azure documentation, "IoT Hub quotas and throttling"). */
const MODULE_LIMIT = 50;

const keyOf = ({ params }: Request): Required<DeviceKey> => ({
  deviceId: params.deviceId ?? "",
  moduleId: params.moduleId ?? "",
});

/** Returns the device. Throws DeviceNotFound, or CannotRegisterModuleToModule where the ID is that of a module. */
function existingDevice(hub: string, deviceId: string, { identities }: HubDependencies): Identity {
  const device = identities.find(hub, deviceId);
  if (device) return device;
  if (deviceId.includes("/")) throw hubError("CannotRegisterModuleToModule", deviceId);
  throw hubError("DeviceNotFound", deviceId);
}

/** Returns the module. Throws DeviceNotFound or ModuleNotFound. */
export function existingModule(
  hub: string,
  { deviceId, moduleId }: Required<DeviceKey>,
  deps: HubDependencies,
): Module {
  existingDevice(hub, deviceId, deps);
  const module = deps.modules.find(hub, deviceId, moduleId);
  if (!module) throw hubError("ModuleNotFound", `${deviceId}/${moduleId}`);
  return module;
}

/** Throws for a module that belongs to the Edge runtime, which its clients may not change. */
function checkNoSystemModule({ moduleId }: Required<DeviceKey>): void {
  if (!SYSTEM_MODULES.includes(moduleId)) return;
  throw hubError("SystemModuleModifyUnauthorizedAccess", `${moduleId} is a system module`);
}

/** Creates without If-Match, changes with it. */
function createOrUpdate(request: Request, deps: HubDependencies): Response {
  const hub = authorizeService(request, "write", deps);
  const key = keyOf(request);
  const draft = readModule(request.body, key, deps.ids);
  const ifMatch = request.headers["if-match"];
  return deps.database.transaction(() => {
    existingDevice(hub.key, key.deviceId, deps);
    checkNoSystemModule(key);
    const known = deps.modules.find(hub.key, key.deviceId, key.moduleId);
    const name = `${key.deviceId}/${key.moduleId}`;
    if (ifMatch === undefined) {
      if (known) throw hubError("ModuleAlreadyExistsOnDevice", `The module '${name}' is already registered.`);
      const count = deps.modules.list(hub.key, key.deviceId).length;
      if (count >= MODULE_LIMIT)
        throw hubError("TooManyModulesOnDevice", `a device has at most ${MODULE_LIMIT} modules`);
    } else if (!known) {
      throw hubError("ModuleNotFound", name);
    } else checkIfMatch(ifMatch, known.etag, "Module");
    return moduleResponse(deps.modules.save(hub.key, draft));
  });
}

/** Requires If-Match: `*` or the ETag. */
function remove(request: Request, deps: HubDependencies): Response {
  const hub = authorizeService(request, "write", deps);
  const key = keyOf(request);
  const ifMatch = requiredIfMatch(request);
  return deps.database.transaction(() => {
    const known = existingModule(hub.key, key, deps);
    checkNoSystemModule(key);
    checkIfMatch(ifMatch, known.etag, "Module");
    deps.modules.remove(hub.key, key.deviceId, key.moduleId);
    return { status: 204 };
  });
}

/** The operations on module identities (Azure REST API "Modules"). */
export function moduleOperations(deps: HubDependencies): Operation[] {
  const path = "/devices/:deviceId/modules/:moduleId";
  const get = (request: Request) => {
    const hub = authorizeService(request, "read", deps);
    return moduleResponse(existingModule(hub.key, keyOf(request), deps));
  };
  const list = (request: Request) => {
    const hub = authorizeService(request, "read", deps);
    const { deviceId } = existingDevice(hub.key, keyOf(request).deviceId, deps);
    return ok(deps.modules.list(hub.key, deviceId).map(wireModule));
  };
  return [
    { name: "Modules_GetModulesOnDevice", method: "GET", path: "/devices/:deviceId/modules", handle: list },
    { name: "Modules_GetIdentity", method: "GET", path, handle: get },
    {
      name: "Modules_CreateOrUpdateIdentity",
      method: "PUT",
      path,
      handle: (request) => createOrUpdate(request, deps),
    },
    { name: "Modules_DeleteIdentity", method: "DELETE", path, handle: (request) => remove(request, deps) },
  ];
}
