import type { InitialTwin } from "../../../azure/wire/dpsEnrollment";
import type { HubRecord } from "../../kernel/directory";
import type { Operation, Request, Response } from "../../kernel/operation";
import { wireIdentity } from "../devices/identityBody";
import type { Identity } from "../devices/identityStore";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { checkIfMatch, hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import { ownPart, sectionError } from "./twinRules";
import type { Twin, TwinPart, TwinSection } from "./twinStore";

/** A twin as the service API writes it. */
export function wireTwin(identity: Identity, twin: Twin): Readonly<Record<string, unknown>> {
  const { deviceId, etag, status, statusUpdatedTime, lastActivityTime, ...rest } = wireIdentity(identity);
  return {
    deviceId,
    etag: twin.etag,
    deviceEtag: etag,
    status,
    statusUpdateTime: statusUpdatedTime,
    connectionState: rest.connectionState,
    lastActivityTime,
    cloudToDeviceMessageCount: rest.cloudToDeviceMessageCount,
    authenticationType: identity.authentication.type,
    x509Thumbprint: rest.authentication?.x509Thumbprint,
    capabilities: rest.capabilities,
    deviceScope: rest.deviceScope,
    parentScopes: rest.parentScopes,
    version: twin.version,
    tags: twin.tags,
    properties: {
      desired: { ...twin.desired, $metadata: twin.desiredMetadata, $version: twin.desiredVersion },
      reported: { ...twin.reported, $metadata: twin.reportedMetadata, $version: twin.reportedVersion },
    },
  };
}

/** Reads tags and desired properties out of a request; reported ones are the device's own. Throws ArgumentInvalid. */
export function readTwin(body: unknown): Readonly<Partial<Record<TwinPart, TwinSection>>> {
  const { tags, properties } = readBody<InitialTwin>(body, "hub.twin");
  const given = { tags: ownPart(tags), desired: ownPart(properties?.desired) };
  const sections = Object.entries(given).filter(([, section]) => section !== undefined && section !== null);
  for (const [part, section] of sections) {
    const error = sectionError(part as TwinPart, section);
    if (error) throw hubError("ArgumentInvalid", error);
  }
  return Object.fromEntries(sections);
}

/** Returns the response with one twin. Throws DeviceNotFound. */
function twinResponse(hub: HubRecord, deviceId: string, deps: HubDependencies): Response {
  const identity = deps.identities.find(hub.key, deviceId);
  const twin = deps.twins.find(hub.key, deviceId);
  if (!identity || !twin) throw hubError("DeviceNotFound", deviceId);
  return { status: 200, headers: { etag: `"${twin.etag}"` }, body: wireTwin(identity, twin) };
}

/**
 * Merges tags and desired properties into a twin, where null removes, or replaces them. If-Match is optional. Throws
 * DeviceNotFound, PreconditionFailed or ArgumentInvalid.
 */
function changeTwin(request: Request, how: "patch" | "replace", deps: HubDependencies): Response {
  const hub = authorizeService(request, "twin", deps);
  const { deviceId = "" } = request.params;
  const given = readTwin(request.body);
  const ifMatch = request.headers["if-match"];
  return deps.database.transaction(() => {
    const known = deps.twins.find(hub.key, deviceId);
    if (!known) throw hubError("DeviceNotFound", deviceId);
    if (ifMatch !== undefined) checkIfMatch(ifMatch, known.etag, "Device twin");
    const sections = how === "replace" ? { tags: {}, desired: {}, ...given } : given;
    const changed = deps.twins[how](hub.key, deviceId, sections);
    for (const part of ["tags", "desired"] as const) {
      const error = sectionError(part, changed?.[part]);
      if (error) throw hubError("ArgumentInvalid", error);
    }
    return twinResponse(hub, deviceId, deps);
  });
}

/** The operations on device twins. */
export function twinOperations(deps: HubDependencies): Operation[] {
  const get = (request: Request): Response =>
    twinResponse(authorizeService(request, "twin", deps), request.params.deviceId ?? "", deps);
  const update = (request: Request): Response => changeTwin(request, "patch", deps);
  const replace = (request: Request): Response => changeTwin(request, "replace", deps);
  const path = "/twins/:deviceId";
  return [
    { name: "Devices_GetTwin", method: "GET", path, handle: get },
    { name: "Devices_UpdateTwin", method: "PATCH", path, handle: update },
    { name: "Devices_ReplaceTwin", method: "PUT", path, handle: replace },
  ];
}
