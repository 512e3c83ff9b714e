import { nameError } from "../../../azure/names";
import type { DeviceAuthentication, DeviceIdentity } from "../../../azure/wire/hubIdentity";
import type { Ids } from "../../kernel/ids";
import type { Response } from "../../kernel/operation";
import { hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import type { Identity, IdentityDraft } from "./identityStore";

const NEVER = "0001-01-01T00:00:00Z";

/** An identity as the service API writes it. */
export function wireIdentity(identity: Identity): DeviceIdentity {
  const { symmetricKey, x509Thumbprint, type } = identity.authentication;
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
    authentication: {
      symmetricKey: { primaryKey: symmetricKey?.primaryKey ?? null, secondaryKey: symmetricKey?.secondaryKey ?? null },
      x509Thumbprint: {
        primaryThumbprint: x509Thumbprint?.primaryThumbprint ?? null,
        secondaryThumbprint: x509Thumbprint?.secondaryThumbprint ?? null,
      },
      type,
    },
    capabilities: { iotEdge: identity.iotEdge },
    deviceScope: identity.deviceScope,
    parentScopes: identity.deviceScope === undefined ? undefined : identity.parentScopes,
  };
}

/** Returns the response with one identity. */
export const identityResponse = (identity: Identity): Response => ({
  status: 200,
  headers: { etag: `"${identity.etag}"` },
  body: wireIdentity(identity),
});

function readSas({ symmetricKey }: Partial<DeviceAuthentication>, errors: string[], ids: Ids): DeviceAuthentication {
  const read = (name: "primaryKey" | "secondaryKey"): string => {
    const given = symmetricKey?.[name];
    if (!given) return ids.key();
    const { length } = Buffer.from(given, "base64");
    if (length < 16 || length > 64) errors.push(`${name} has ${length} bytes, not 16 to 64`);
    return given;
  };
  return { type: "sas", symmetricKey: { primaryKey: read("primaryKey"), secondaryKey: read("secondaryKey") } };
}

function readSelfSigned({ x509Thumbprint }: Partial<DeviceAuthentication>, errors: string[]): DeviceAuthentication {
  const primaryThumbprint = x509Thumbprint?.primaryThumbprint?.toUpperCase() || null;
  const secondaryThumbprint = x509Thumbprint?.secondaryThumbprint?.toUpperCase() || null;
  if (primaryThumbprint === null && secondaryThumbprint === null) {
    errors.push("authentication of type selfSigned needs a thumbprint");
  }
  return { type: "selfSigned", x509Thumbprint: { primaryThumbprint, secondaryThumbprint } };
}

function readAuthentication(body: DeviceIdentity, errors: string[], ids: Ids): DeviceAuthentication {
  const authentication: Partial<DeviceAuthentication> = body.authentication ?? {};
  const type = authentication.type ?? (authentication.x509Thumbprint ? "selfSigned" : "sas");
  if (type === "sas") return readSas(authentication, errors, ids);
  if (type === "selfSigned") return readSelfSigned(authentication, errors);
  throw hubError("NotEmulated", `authentication of type ${type} is not emulated by the local Azure`);
}

/** Reads the body of a create-or-update. Throws one ArgumentInvalid with all validation errors. */
export function readIdentity(request: unknown, deviceId: string, ids: Ids): IdentityDraft {
  const body = readBody<DeviceIdentity>(request, "hub.device");
  const errors: string[] = [];
  const name = nameError("deviceId", deviceId);
  if (name) errors.push(name);
  if (body.deviceId !== deviceId) {
    errors.push(`deviceId ${JSON.stringify(body.deviceId)} in the body is not ${JSON.stringify(deviceId)} of the path`);
  }
  const authentication = readAuthentication(body, errors, ids);
  if (errors.length > 0) throw hubError("ArgumentInvalid", errors.join("; "));
  return {
    deviceId,
    enabled: body.status !== "disabled",
    statusReason: body.statusReason ?? undefined,
    authentication,
    iotEdge: body.capabilities?.iotEdge ?? false,
    deviceScope: body.deviceScope ?? "",
    parentScopes: body.parentScopes ?? [],
  };
}
