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

/** Returns the draft of a module that a schema has checked. Throws one ArgumentInvalid with all validation errors. */
export function draftOfModule(body: ModuleIdentity, ids: Ids, errors: string[] = []): ModuleDraft {
  const { deviceId, moduleId, managedBy } = body;
  const name = nameError("moduleId", moduleId);
  if (name) errors.push(name);
  const authentication = readAuthentication(body.authentication ?? {}, "module", errors, ids);
  if (errors.length > 0) throw hubError("ArgumentInvalid", errors.join("; "));
  return { deviceId, moduleId, managedBy: managedBy ?? undefined, authentication };
}

/** Reads the body of a create-or-update. Throws one ArgumentInvalid with all validation errors. */
export function readModule(request: unknown, key: Required<DeviceKey>, ids: Ids): ModuleDraft {
  const body = readBody<ModuleIdentity>(request, "hub.module");
  const errors = (["deviceId", "moduleId"] as const)
    .filter((member) => body[member] !== key[member])
    .map((member) => `${member} ${JSON.stringify(body[member])} in the body is not "${key[member]}" of the path`);
  return draftOfModule({ ...body, ...key }, ids, errors);
}
