import type { DeviceAuthentication } from "../../../azure/wire/hubIdentity";
import type { Ids } from "../../kernel/ids";

/** The authentication of an identity as the service API writes it. */
export const wireAuthentication = ({ symmetricKey, x509Thumbprint, type }: DeviceAuthentication) => ({
  symmetricKey: { primaryKey: symmetricKey?.primaryKey ?? null, secondaryKey: symmetricKey?.secondaryKey ?? null },
  x509Thumbprint: {
    primaryThumbprint: x509Thumbprint?.primaryThumbprint ?? null,
    secondaryThumbprint: x509Thumbprint?.secondaryThumbprint ?? null,
  },
  type,
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

/** Reads the authentication of a device or a module; missing keys are generated. Appends validation errors to `errors`. */
export function readAuthentication(
  authentication: Partial<DeviceAuthentication>,
  errors: string[],
  ids: Ids,
): DeviceAuthentication {
  const type = authentication.type ?? (authentication.x509Thumbprint ? "selfSigned" : "sas");
  if (type === "sas") return readSas(authentication, errors, ids);
  if (type === "selfSigned") return readSelfSigned(authentication, errors);
  return { type };
}
