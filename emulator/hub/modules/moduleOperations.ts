import { parseSas } from "../../../azure/sas";
import { bearerOf } from "../../kernel/authorizeCaller";
import type { DeviceKey } from "../../kernel/deviceKey";
import type { HubRecord } from "../../kernel/directory";
import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import { authenticateDevice } from "../devices/authenticateDevice";
import { existingDevice } from "../devices/deviceChanges";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { hubError, requiredIfMatch } from "../hubErrors";
import { moduleResponse, readModule, wireModule } from "./moduleBody";
import { createModule, existingModule, removeModule, updateModule } from "./moduleChanges";

const keyOf = ({ params }: Request): Required<DeviceKey> => ({
  deviceId: params.deviceId ?? "",
  moduleId: params.moduleId ?? "",
});

/** Whether a request is signed with a device's own key, or carries nothing but a certificate. */
function isOfDevice({ headers: { authorization }, clientChain }: Request): boolean {
  if (authorization === undefined) return clientChain().length > 0;
  const token = parseSas(authorization);
  return token !== undefined && token.policy === undefined;
}

/**
 * Returns the hub of a request for the modules of a device: from the service, or from the device itself, as the identity service
 * of IoT Edge and amenzhinsky/iothub send it. Throws the hub's 401: with a signature also for a device that does not exist or is
 * disabled, which a token of Entra ID may see (measured: mwalser/terraform-provider-iothub). Throws 404 for an unknown device.
 */
function authorize(request: Request, need: "read" | "write", deps: HubDependencies): HubRecord {
  if (!isOfDevice(request)) {
    const hub = authorizeService(request, need, deps);
    if (bearerOf(request) === undefined && !deps.identities.find(hub.key, request.params.deviceId ?? "")?.enabled) {
      const reason = "the device does not exist, or is disabled";
      throw hubError("IotHubUnauthorizedAccess", "Unauthorized", { reason });
    }
    return hub;
  }
  return authenticateDevice(request, { deviceId: request.params.deviceId ?? "" }, deps).hub;
}

/** Creates without If-Match, changes with it. */
function createOrUpdate(request: Request, deps: HubDependencies): Response {
  const hub = authorize(request, "write", deps);
  const draft = readModule(request.body, keyOf(request), deps.ids);
  const ifMatch = request.headers["if-match"];
  const change = () =>
    ifMatch === undefined ? createModule(hub.key, draft, deps) : updateModule(hub.key, draft, ifMatch, deps);
  return moduleResponse(deps.database.transaction(change));
}

/** Requires If-Match: `*` or the ETag. */
function remove(request: Request, deps: HubDependencies): Response {
  const hub = authorize(request, "write", deps);
  const ifMatch = requiredIfMatch(request);
  deps.database.transaction(() => removeModule(hub.key, keyOf(request), ifMatch, deps));
  return { status: 204 };
}

/** The operations on module identities (Azure REST API "Modules"). */
export function moduleOperations(deps: HubDependencies): Operation[] {
  const path = "/devices/:deviceId/modules/:moduleId";
  const get = (request: Request): Response => {
    const hub = authorize(request, "read", deps);
    return moduleResponse(existingModule(hub.key, keyOf(request), deps));
  };
  const list = (request: Request): Response => {
    const hub = authorize(request, "read", deps);
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
