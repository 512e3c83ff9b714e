import { isObject } from "../../../azure/wire/jsonObject";
import type { TpmKeys } from "../enrollments/enrollmentRecord";
import { isAbsent } from "../requestJson";
import { TpmFormatError } from "../tpm/tpmBytes";
import { readStorageKey } from "../tpm/tpmStorageKey";

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function keyError(given: unknown): string | undefined {
  if (typeof given !== "string" || given === "" || !BASE64.test(given)) return "it is not base64";
  try {
    readStorageKey(Buffer.from(given, "base64"));
    return undefined;
  } catch (error) {
    if (error instanceof TpmFormatError) return error.message;
    throw error;
  }
}

/** Reads the keys of a TPM: each a TPM2B_PUBLIC as base64, the storage root key is optional. */
export function readTpm(
  given: unknown,
  { addError }: { readonly addError: (text: string) => void },
): TpmKeys | undefined {
  const { endorsementKey, storageRootKey } = isObject(given) ? given : {};
  const withSrk = !isAbsent(storageRootKey) && storageRootKey !== "";
  for (const [name, key] of [
    ["endorsementKey", endorsementKey],
    ...(withSrk ? ([["storageRootKey", storageRootKey]] as const) : []),
  ] as const) {
    const wrong = keyError(key);
    if (wrong !== undefined)
      addError(`attestation.tpm.${name} is no TPM2B_PUBLIC of a storage key of RSA 2048: ${wrong}`);
  }
  return {
    by: "tpm",
    endorsementKey: String(endorsementKey),
    ...(withSrk ? { storageRootKey: String(storageRootKey) } : {}),
  };
}
