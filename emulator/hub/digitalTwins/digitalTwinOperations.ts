import { hubHost } from "../../../azure/hosts";
import { bearerOf } from "../../kernel/authorizeCaller";
import type { HubRecord } from "../../kernel/directory";
import { type Operation, ok, type Request, type Response } from "../../kernel/operation";
import { existingDevice } from "../devices/deviceChanges";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { checkIfMatch, hubError } from "../hubErrors";
import { readMethodCall } from "../methods/methodOperations";
import { checkTwin } from "../twins/twinSections";
import type { Twin } from "../twins/twinStore";
import { digitalTwinOf } from "./digitalTwinDocument";
import { readDigitalTwinPatch } from "./digitalTwinPatch";

function existingTwin(hub: HubRecord, deviceId: string, { twins }: HubDependencies): Twin {
  const twin = twins.find(hub.key, { deviceId });
  if (!twin) throw hubError("DeviceNotFound", deviceId);
  return twin;
}

/** The digital twin of a device, with the twin's ETag (measured on Azure: mwalser/terraform-provider-iothub). */
function get(request: Request, deps: HubDependencies): Response {
  const hub = authorizeService(request, "twin", deps);
  const { deviceId = "" } = request.params;
  const twin = existingTwin(hub, deviceId, deps);
  return { status: 200, headers: { etag: `"${twin.etag}"` }, body: digitalTwinOf(deviceId, twin) };
}

/** Changes desired properties by JSON Patch; the device applies them later. */
function update(request: Request, deps: HubDependencies): Response {
  const hub = authorizeService(request, "twin", deps);
  const { deviceId = "" } = request.params;
  const ifMatch = request.headers["if-match"];
  return deps.database.transaction(() => {
    const twin = existingTwin(hub, deviceId, deps);
    if (ifMatch !== undefined) checkIfMatch(ifMatch, twin.etag, "Device twin");
    const desired = readDigitalTwinPatch(request.body, twin);
    const changed = deps.twins.patch(hub.key, { deviceId }, { desired });
    checkTwin(changed);
    const location = `https://${hubHost(hub.name)}/digitaltwins/${encodeURIComponent(deviceId)}`;
    return { status: 202, headers: { etag: `"${changed?.etag ?? twin.etag}"`, location } };
  });
}

/**
 * Invokes a command, which the device receives as a direct method; the name of a component's has the component before a `*`. A token of
 * Entra ID is refused whatever its roles (measured on Azure).
 */
async function invoke(request: Request, deps: HubDependencies): Promise<Response> {
  const hub = authorizeService(request, "method", deps);
  if (bearerOf(request) !== undefined) {
    const reason = "Azure invokes commands for shared access signatures only";
    throw hubError("IotHubUnauthorizedAccess", "Unauthorized", { reason });
  }
  const { deviceId = "", componentPath, commandName = "" } = request.params;
  existingDevice(hub.key, deviceId, deps);
  const seconds = (name: string): string | undefined => request.query.get(name.toLowerCase()) ?? undefined;
  const call = readMethodCall({
    methodName: componentPath === undefined ? commandName : `${componentPath}*${commandName}`,
    payload: request.body ?? null,
    connectTimeoutInSeconds: seconds("connectTimeoutInSeconds"),
    responseTimeoutInSeconds: seconds("responseTimeoutInSeconds"),
  });
  const { status, payload } = await deps.methods.invoke({ hub: hub.key, deviceId }, call);
  return { ...ok(payload), headers: { "x-ms-command-statuscode": String(status) } };
}

/** Digital twins of devices (Azure REST API "Digital Twin", 2021-04-12). */
export function digitalTwinOperations(deps: HubDependencies): Operation[] {
  const path = "/digitaltwins/:deviceId";
  const command = (request: Request) => invoke(request, deps);
  return [
    { name: "DigitalTwin_GetDigitalTwin", method: "GET", path, handle: (request) => get(request, deps) },
    { name: "DigitalTwin_UpdateDigitalTwin", method: "PATCH", path, handle: (request) => update(request, deps) },
    {
      name: "DigitalTwin_InvokeRootLevelCommand",
      method: "POST",
      path: `${path}/commands/:commandName`,
      handle: command,
    },
    {
      name: "DigitalTwin_InvokeComponentCommand",
      method: "POST",
      path: `${path}/components/:componentPath/commands/:commandName`,
      handle: command,
    },
  ];
}
