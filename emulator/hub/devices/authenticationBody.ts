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
  if (!symmetricKey?.primaryKey !== !symmetricKey?.secondaryKey) errors.push("Either no keys or both keys can be set");
  const read = (name: "primaryKey" | "secondaryKey"): string => {
    const given = symmetricKey?.[name];
    if (!given) return ids.key();
    const { length } = Buffer.from(given, "base64");
    if (length < 16 || length > 64) errors.push(`${name} has ${length} bytes, not 16 to 64`);
    return given;
  };
  return { type: "sas", symmetricKey: { primaryKey: read("primaryKey"), secondaryKey: read("secondaryKey") } };
}

/** Thumbprints keep their letter case. Without any, no certificate fits. */
const readSelfSigned = ({ x509Thumbprint }: Partial<DeviceAuthentication>): DeviceAuthentication => ({
  type: "selfSigned",
  x509Thumbprint: {
    primaryThumbprint: x509Thumbprint?.primaryThumbprint || null,
    secondaryThumbprint: x509Thumbprint?.secondaryThumbprint || null,
  },
});

/**
 * Reads the authentication of a device or a module; missing keys are generated. Appends validation errors to `errors`. The rules for
 * keys, thumbprints and `none` were measured on Azure (mwalser/terraform-provider-iothub).
 */
export function readAuthentication(
  authentication: Partial<DeviceAuthentication>,
  owner: "device" | "module",
  errors: string[],
  ids: Ids,
): DeviceAuthentication {
  const type = authentication.type ?? (authentication.x509Thumbprint ? "selfSigned" : "sas");
  if (type === "none" && owner === "device")
    errors.push("the authentication of a device must have a type other than none");
  if (type === "sas" || type === "none") return readSas(authentication, errors, ids);
  if (type === "selfSigned") return readSelfSigned(authentication);
  return { type };
}
