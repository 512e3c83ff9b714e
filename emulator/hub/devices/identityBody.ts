import { nameError } from "../../../azure/names";
import type { DeviceIdentity } from "../../../azure/wire/hubIdentity";
import type { Ids } from "../../kernel/ids";
import type { Request, Response } from "../../kernel/operation";
import { hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import { readAuthentication, wireAuthentication } from "./authenticationBody";
import { readScopes } from "./deviceScopes";
import type { Identity, IdentityDraft } from "./identityStore";
import { ofApiVersion } from "./identityVersions";

const NEVER = "0001-01-01T00:00:00Z";

/** An identity as the service API writes it. */
export function wireIdentity(identity: Identity): DeviceIdentity {
  return {
    deviceId: identity.deviceId,
    generationId: identity.generationId,
    etag: identity.etag,
    connectionState: identity.isConnected ? "Connected" : "Disconnected",
    status: identity.enabled ? "enabled" : "disabled",
    statusReason: identity.statusReason,
    connectionStateUpdatedTime: identity.connectionUpdated ?? NEVER,
    statusUpdatedTime: identity.statusUpdated,
    lastActivityTime: identity.lastActivity ?? NEVER,
    cloudToDeviceMessageCount: identity.messageCount,
    authentication: wireAuthentication(identity.authentication),
    capabilities: { iotEdge: identity.iotEdge },
    deviceScope: identity.deviceScope,
    parentScopes: identity.deviceScope === undefined ? undefined : identity.parentScopes,
  };
}

/** Returns the response with one identity. */
export const identityResponse = (identity: Identity, request: Pick<Request, "query">): Response => ({
  status: 200,
  headers: { etag: `"${identity.etag}"` },
  body: ofApiVersion(request, wireIdentity(identity)),
});

/** Returns the draft of an identity that a schema has checked. Throws one ArgumentInvalid with all validation errors. */
export function draftOf(body: DeviceIdentity, ids: Ids, errors: string[] = []): IdentityDraft {
  const { deviceId } = body;
  const name = nameError("deviceId", deviceId);
  if (name) errors.push(name);
  const authentication = readAuthentication(body.authentication ?? {}, "device", errors, ids);
  if (errors.length > 0) throw hubError("ArgumentInvalid", errors.join("; "));
  return {
    deviceId,
    enabled: body.status !== "disabled",
    statusReason: body.statusReason ?? undefined,
    authentication,
    iotEdge: body.capabilities?.iotEdge ?? false,
    ...readScopes(body),
  };
}

/** Reads the body of a create-or-update. Throws one ArgumentInvalid with all validation errors. */
export function readIdentity(request: unknown, deviceId: string, ids: Ids): IdentityDraft {
  const body = readBody<DeviceIdentity>(request, "hub.device");
  const given = JSON.stringify(body.deviceId);
  const errors = body.deviceId === deviceId ? [] : [`deviceId ${given} in the body is not "${deviceId}" of the path`];
  return draftOf({ ...body, deviceId }, ids, errors);
}
