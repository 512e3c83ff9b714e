import type { InitialTwin } from "../../../azure/wire/dpsEnrollment";
import type { DeviceKey } from "../../kernel/deviceKey";
import type { HubRecord } from "../../kernel/directory";
import type { Operation, Request, Response } from "../../kernel/operation";
import { wireIdentity } from "../devices/identityBody";
import type { Identity } from "../devices/identityStore";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { checkIfMatch, hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import { wireModule } from "../modules/moduleBody";
import { existingModule } from "../modules/moduleChanges";
import type { Module } from "../modules/moduleStore";
import { checkTwin, readSections } from "./twinSections";
import type { Twin } from "./twinStore";

/** What the twins of devices and of modules have alike. */
const sectionsOf = (twin: Twin) => ({
  version: twin.version,
  tags: twin.tags,
  properties: {
    desired: { ...twin.desired, $metadata: twin.desiredMetadata, $version: twin.desiredVersion },
    reported: { ...twin.reported, $metadata: twin.reportedMetadata, $version: twin.reportedVersion },
  },
});

/** A device's twin as the service API writes it. */
export function wireTwin(identity: Identity, twin: Twin): Readonly<Record<string, unknown>> {
  const { deviceId, etag, status, statusUpdatedTime, lastActivityTime, ...rest } = wireIdentity(identity);
  return {
    deviceId,
    etag: twin.etag,
    deviceEtag: etag,
    status,
    statusReason: rest.statusReason,
    statusUpdateTime: statusUpdatedTime,
    connectionState: rest.connectionState,
    lastActivityTime,
    cloudToDeviceMessageCount: rest.cloudToDeviceMessageCount,
    authenticationType: identity.authentication.type,
    x509Thumbprint: rest.authentication?.x509Thumbprint,
    capabilities: rest.capabilities,
    deviceScope: rest.deviceScope,
    parentScopes: rest.parentScopes,
    ...sectionsOf(twin),
  };
}

/** A module's twin as the service API writes it. */
export function wireModuleTwin(identity: Identity, module: Module, twin: Twin): Readonly<Record<string, unknown>> {
  const { deviceId, moduleId, connectionState, lastActivityTime, cloudToDeviceMessageCount, authentication } =
    wireModule(module);
  return {
    deviceId,
    moduleId,
    etag: twin.etag,
    deviceEtag: identity.etag,
    status: identity.enabled ? "enabled" : "disabled",
    statusUpdateTime: identity.statusUpdated,
    connectionState,
    lastActivityTime,
    cloudToDeviceMessageCount,
    authenticationType: module.authentication.type,
    x509Thumbprint: authentication?.x509Thumbprint,
    ...sectionsOf(twin),
  };
}

const keyOf = ({ params }: Request): DeviceKey => ({ deviceId: params.deviceId ?? "", moduleId: params.moduleId });

/** Returns a twin with its owners. Throws DeviceNotFound or ModuleNotFound. */
function existingTwin(hub: HubRecord, key: DeviceKey, deps: HubDependencies) {
  const { deviceId, moduleId } = key;
  const module = moduleId === undefined ? undefined : existingModule(hub.key, { deviceId, moduleId }, deps);
  const identity = deps.identities.find(hub.key, deviceId);
  const twin = deps.twins.find(hub.key, key);
  if (!identity || !twin) throw hubError("DeviceNotFound", deviceId);
  return { identity, module, twin };
}

/** Returns the response with one twin. Throws DeviceNotFound or ModuleNotFound. */
function twinResponse(hub: HubRecord, key: DeviceKey, deps: HubDependencies): Response {
  const { identity, module, twin } = existingTwin(hub, key, deps);
  const body = module ? wireModuleTwin(identity, module, twin) : wireTwin(identity, twin);
  return { status: 200, headers: { etag: `"${twin.etag}"` }, body };
}

/**
 * Merges tags and desired properties into a twin, where null removes, or replaces them. If-Match is optional. Throws
 * DeviceNotFound, ModuleNotFound, PreconditionFailed or ArgumentInvalid.
 */
function changeTwin(request: Request, how: "patch" | "replace", deps: HubDependencies): Response {
  const hub = authorizeService(request, "twin", deps);
  const key = keyOf(request);
  const given = readSections(readBody<InitialTwin>(request.body, "hub.twin"));
  const ifMatch = request.headers["if-match"];
  return deps.database.transaction(() => {
    const { module, twin } = existingTwin(hub, key, deps);
    if (ifMatch !== undefined) checkIfMatch(ifMatch, twin.etag, module ? "Module twin" : "Device twin");
    const sections = how === "replace" ? { tags: {}, desired: {}, ...given } : given;
    checkTwin(deps.twins[how](hub.key, key, sections));
    return twinResponse(hub, key, deps);
  });
}

/** The operations on the twins of devices and modules. */
export function twinOperations(deps: HubDependencies): Operation[] {
  const get = (request: Request): Response =>
    twinResponse(authorizeService(request, "twin", deps), keyOf(request), deps);
  const update = (request: Request): Response => changeTwin(request, "patch", deps);
  const replace = (request: Request): Response => changeTwin(request, "replace", deps);
  const owners = [
    ["Devices", "/twins/:deviceId"],
    ["Modules", "/twins/:deviceId/modules/:moduleId"],
  ] as const;
  return owners.flatMap(([owner, path]): Operation[] => [
    { name: `${owner}_GetTwin`, method: "GET", path, handle: get },
    { name: `${owner}_UpdateTwin`, method: "PATCH", path, handle: update },
    { name: `${owner}_ReplaceTwin`, method: "PUT", path, handle: replace },
  ]);
}
