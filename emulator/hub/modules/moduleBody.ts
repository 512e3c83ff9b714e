import { nameError } from "../../../azure/names";
import type { ModuleIdentity } from "../../../azure/wire/hubIdentity";
import type { DeviceKey } from "../../kernel/deviceKey";
import type { Ids } from "../../kernel/ids";
import type { Response } from "../../kernel/operation";
import { readAuthentication, wireAuthentication } from "../devices/authenticationBody";
import { hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import type { Module, ModuleDraft } from "./moduleStore";

const NEVER = "0001-01-01T00:00:00Z";

/** A module as the service API writes it. */
export const wireModule = (module: Module): ModuleIdentity => ({
  moduleId: module.moduleId,
  managedBy: module.managedBy ?? null,
  deviceId: module.deviceId,
  generationId: module.generationId,
  etag: module.etag,
  connectionState: module.isConnected ? "Connected" : "Disconnected",
  connectionStateUpdatedTime: module.connectionUpdated ?? NEVER,
  lastActivityTime: module.lastActivity ?? NEVER,
  cloudToDeviceMessageCount: module.messageCount,
  authentication: wireAuthentication(module.authentication),
});

/** Returns the response with one module. */
export const moduleResponse = (module: Module): Response => ({
  status: 200,
  headers: { etag: `"${module.etag}"` },
  body: wireModule(module),
});

/** Reads the body of a create-or-update. Throws one ArgumentInvalid with all validation errors. */
export function readModule(request: unknown, { deviceId, moduleId }: Required<DeviceKey>, ids: Ids): ModuleDraft {
  const body = readBody<ModuleIdentity>(request, "hub.module");
  const errors: string[] = [];
  const name = nameError("moduleId", moduleId);
  if (name) errors.push(name);
  for (const [member, wanted] of Object.entries({ deviceId, moduleId })) {
    const given = body[member as "deviceId" | "moduleId"];
    if (given === wanted) continue;
    errors.push(`${member} ${JSON.stringify(given)} in the body is not ${JSON.stringify(wanted)} of the path`);
  }
  const authentication = readAuthentication(body.authentication ?? {}, errors, ids);
  if (errors.length > 0) throw hubError("ArgumentInvalid", errors.join("; "));
  return { deviceId, moduleId, managedBy: body.managedBy ?? undefined, authentication };
}
