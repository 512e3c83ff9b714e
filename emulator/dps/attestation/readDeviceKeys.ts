import type { AttestationMechanism } from "../../../azure/wire/dpsEnrollment";
import type { SymmetricKeys, TpmKeys } from "../enrollments/enrollmentRecord";
import { isAbsent } from "../requestJson";
import { TpmFormatError } from "../tpm/tpmBytes";
import { readStorageKey } from "../tpm/tpmStorageKey";

/** Context for validating keys. */
export interface KeyContext {
  /** Generates a key of `bytes` bytes, as base64. */
  readonly newKey: (bytes: number) => string;
  /** Collects validation errors. */
  readonly addError: (text: string) => void;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const MIN_BYTES = 16;
const MAX_BYTES = 64;
/** Bytes of a generated key (Azure documentation, "Symmetric key attestation – Symmetric key creation"). */
const NEW_KEY_BYTES = 64;

function readKey(given: string | undefined, name: string, { newKey, addError }: KeyContext): string {
  if (isAbsent(given) || given === "") return newKey(NEW_KEY_BYTES);
  const where = `attestation.symmetricKey.${name}`;
  const { length } = Buffer.from(given, "base64");
  if (length < MIN_BYTES || length > MAX_BYTES) {
    addError(`${where} has ${length} bytes, not ${MIN_BYTES} to ${MAX_BYTES}`);
  }
  return given;
}

/**
 * Reads symmetric keys. Generates missing ones, even when an enrollment is replaced: a client that keeps the keys reads
 * the attestation mechanism first and sends them back, as az does (Azure documentation, "Symmetric key attestation").
 */
export function readKeys(given: AttestationMechanism["symmetricKey"], context: KeyContext): SymmetricKeys {
  const keys = given ?? {};
  return {
    by: "symmetricKey",
    primaryKey: readKey(keys.primaryKey, "primaryKey", context),
    secondaryKey: readKey(keys.secondaryKey, "secondaryKey", context),
  };
}

function keyError(given: string): string | undefined {
  if (given === "" || !BASE64.test(given)) return "it is not base64";
  try {
    readStorageKey(Buffer.from(given, "base64"));
    return undefined;
  } catch (error) {
    if (error instanceof TpmFormatError) return error.message;
    throw error;
  }
}

/** Reads the keys of a TPM: each a TPM2B_PUBLIC as base64, the storage root key is optional. */
export function readTpm(given: AttestationMechanism["tpm"], { addError }: Pick<KeyContext, "addError">): TpmKeys {
  const { endorsementKey = "", storageRootKey } = given ?? {};
  const keys = { endorsementKey, ...(storageRootKey ? { storageRootKey } : {}) };
  for (const [name, key] of Object.entries(keys)) {
    const wrong = keyError(key);
    if (wrong === undefined) continue;
    addError(`attestation.tpm.${name} is no TPM2B_PUBLIC of a storage key of RSA 2048: ${wrong}`);
  }
  return { by: "tpm", ...keys };
}
