import type { DeviceKey } from "../../kernel/deviceKey";
import { existingDevice } from "../devices/deviceChanges";
import type { HubDependencies } from "../hubDependencies";
import { checkIfMatch, hubError } from "../hubErrors";
import { type Module, type ModuleDraft, SYSTEM_MODULES } from "./moduleStore";

type Dependencies = Pick<HubDependencies, "identities" | "modules">;
type ModuleKey = Required<DeviceKey>;

/** Most modules of a device (Azure documentation, "IoT Hub quotas and throttling"). */
const MODULE_LIMIT = 50;

/** Returns a module. Throws DeviceNotFound or ModuleNotFound. */
export function existingModule(hub: string, { deviceId, moduleId }: ModuleKey, deps: Dependencies): Module {
  existingDevice(hub, deviceId, deps);
  const module = deps.modules.find(hub, deviceId, moduleId);
  if (!module) throw hubError("ModuleNotFound", `${deviceId}/${moduleId}`);
  return module;
}

/** Throws for a module of the Edge runtime, which clients may not change. */
function checkNoSystemModule({ moduleId }: ModuleKey): void {
  if (!SYSTEM_MODULES.includes(moduleId)) return;
  throw hubError("SystemModuleModifyUnauthorizedAccess", `${moduleId} is a system module`);
}

/**
 * Creates a module. Throws CannotRegisterModuleToModule, DeviceNotFound, ModuleAlreadyExistsOnDevice or
 * TooManyModulesOnDevice. Call it inside a transaction.
 */
export function createModule(hub: string, draft: ModuleDraft, deps: Dependencies): Module {
  const { deviceId, moduleId } = draft;
  if (deviceId.includes("/")) throw hubError("CannotRegisterModuleToModule", deviceId);
  existingDevice(hub, deviceId, deps);
  checkNoSystemModule(draft);
  if (deps.modules.find(hub, deviceId, moduleId)) {
    throw hubError("ModuleAlreadyExistsOnDevice", `The module '${deviceId}/${moduleId}' is already registered.`);
  }
  if (deps.modules.list(hub, deviceId).length >= MODULE_LIMIT) {
    throw hubError("TooManyModulesOnDevice", `a device has at most ${MODULE_LIMIT} modules`);
  }
  return deps.modules.save(hub, draft);
}

/** Changes a module. Throws DeviceNotFound, ModuleNotFound or PreconditionFailed. Call it inside a transaction. */
export function updateModule(hub: string, draft: ModuleDraft, ifMatch: string, deps: Dependencies): Module {
  checkNoSystemModule(draft);
  checkIfMatch(ifMatch, existingModule(hub, draft, deps).etag, "Module");
  return deps.modules.save(hub, draft);
}

/** Removes a module. Throws DeviceNotFound, ModuleNotFound or PreconditionFailed. Call it inside a transaction. */
export function removeModule(hub: string, key: ModuleKey, ifMatch: string, deps: Dependencies): void {
  const known = existingModule(hub, key, deps);
  checkNoSystemModule(key);
  checkIfMatch(ifMatch, known.etag, "Module");
  deps.modules.remove(hub, key.deviceId, key.moduleId);
}
