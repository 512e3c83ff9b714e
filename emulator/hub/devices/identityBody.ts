import { nameError } from "../../../azure/names";
import type { DeviceAuthentication, DeviceIdentity } from "../../../azure/wire/hubIdentity";
import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { Ids } from "../../kernel/ids";
import type { Response } from "../../kernel/operation";
import { hubError } from "../hubErrors";
import type { Identity, IdentityDraft } from "./identityStore";

const NEVER = "0001-01-01T00:00:00Z";

/** An identity as the service API writes it. */
export function wireIdentity(identity: Identity): DeviceIdentity {
  const { symmetricKey, x509Thumbprint, type } = identity.authentication;
  return {
    deviceId: identity.deviceId,
    generationId: identity.generationId,
    etag: identity.etag,
    connectionState: "Disconnected",
    status: identity.enabled ? "enabled" : "disabled",
    statusReason: identity.statusReason,
    connectionStateUpdatedTime: NEVER,
    statusUpdatedTime: identity.statusUpdated,
    lastActivityTime: identity.lastActivity ?? NEVER,
    cloudToDeviceMessageCount: 0,
    authentication: {
      symmetricKey: { primaryKey: symmetricKey?.primaryKey ?? null, secondaryKey: symmetricKey?.secondaryKey ?? null },
      x509Thumbprint: {
        primaryThumbprint: x509Thumbprint?.primaryThumbprint ?? null,
        secondaryThumbprint: x509Thumbprint?.secondaryThumbprint ?? null,
      },
      type,
    },
    capabilities: { iotEdge: identity.iotEdge },
  };
}

/** Returns the response with one identity. */
export const identityResponse = (identity: Identity): Response => ({
  status: 200,
  headers: { etag: `"${identity.etag}"` },
  body: wireIdentity(identity),
});

function keyError(name: string, key: unknown): string | undefined {
  if (key === undefined || key === null || key === "") return undefined;
  if (typeof key !== "string" || !/^[A-Za-z0-9+/]+={0,2}$/.test(key)) return `${name} is not base64`;
  const length = Buffer.from(key, "base64").length;
  return length < 16 || length > 64 ? `${name} has ${length} bytes, not 16 to 64` : undefined;
}

/** Returns a member that is an object; empty if absent, with a validation error if it is no object. */
function objectIn(given: JsonObject, name: string, errors: string[]): JsonObject {
  const value = given[name];
  if (isObject(value)) return value;
  if (value !== undefined && value !== null) errors.push(`${name} is no object`);
  return {};
}

function readSas(given: JsonObject, errors: string[], ids: Ids): DeviceAuthentication {
  const keys = objectIn(given, "symmetricKey", errors);
  for (const name of ["primaryKey", "secondaryKey"]) {
    const error = keyError(name, keys[name]);
    if (error) errors.push(error);
  }
  const key = (value: unknown): string => (typeof value === "string" && value !== "" ? value : ids.key());
  return { type: "sas", symmetricKey: { primaryKey: key(keys.primaryKey), secondaryKey: key(keys.secondaryKey) } };
}

function readSelfSigned(given: JsonObject, errors: string[]): DeviceAuthentication {
  const prints = objectIn(given, "x509Thumbprint", errors);
  const read = (name: string): string | null => {
    const value = prints[name];
    if (value === undefined || value === null || value === "") return null;
    if (typeof value === "string" && /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(value)) return value.toUpperCase();
    errors.push(`${name} is no SHA-1 (40) or SHA-256 (64 hexadecimal digits) thumbprint`);
    return null;
  };
  const primaryThumbprint = read("primaryThumbprint");
  const secondaryThumbprint = read("secondaryThumbprint");
  if (primaryThumbprint === null && secondaryThumbprint === null && errors.length === 0) {
    errors.push("authentication of type selfSigned needs a thumbprint");
  }
  return { type: "selfSigned", x509Thumbprint: { primaryThumbprint, secondaryThumbprint } };
}

function readAuthentication(body: JsonObject, errors: string[], ids: Ids): DeviceAuthentication {
  const authentication = objectIn(body, "authentication", errors);
  const type = authentication.type ?? (isObject(authentication.x509Thumbprint) ? "selfSigned" : "sas");
  if (type === "sas") return readSas(authentication, errors, ids);
  if (type === "selfSigned") return readSelfSigned(authentication, errors);
  if (type === "certificateAuthority" || type === "none") {
    throw hubError("NotEmulated", `authentication of type ${type} is not emulated by the local Azure`);
  }
  errors.push(`authentication.type ${JSON.stringify(type)} is none of sas, selfSigned, certificateAuthority, none`);
  return { type: "none" };
}

/** Reads the body of a create-or-update. Throws one ArgumentInvalid with all validation errors. */
export function readIdentity(body: unknown, deviceId: string, ids: Ids): IdentityDraft {
  if (!isObject(body)) throw hubError("ArgumentInvalid", "the body is no JSON object");
  const errors: string[] = [];
  const name = nameError("deviceId", deviceId);
  if (name) errors.push(name);
  if (body.deviceId !== deviceId) {
    errors.push(`deviceId ${JSON.stringify(body.deviceId)} in the body is not ${JSON.stringify(deviceId)} of the path`);
  }
  const status = body.status ?? "enabled";
  if (status !== "enabled" && status !== "disabled") errors.push("status is neither enabled nor disabled");
  const { statusReason } = body;
  if (statusReason !== undefined && statusReason !== null && typeof statusReason !== "string") {
    errors.push("statusReason is no text");
  }
  const iotEdge = objectIn(body, "capabilities", errors).iotEdge ?? false;
  if (typeof iotEdge !== "boolean") errors.push("capabilities.iotEdge is neither true nor false");
  const authentication = readAuthentication(body, errors, ids);
  if (errors.length > 0) throw hubError("ArgumentInvalid", errors.join("; "));
  return {
    deviceId,
    enabled: status === "enabled",
    statusReason: typeof statusReason === "string" ? statusReason : undefined,
    authentication,
    iotEdge: iotEdge === true,
  };
}
