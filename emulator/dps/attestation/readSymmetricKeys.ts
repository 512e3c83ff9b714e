import { isObject } from "../../../azure/wire/jsonObject";
import type { SymmetricKeys } from "../enrollments/enrollmentRecord";
import { isAbsent, shown } from "../requestJson";

/** Context for validating keys. */
interface KeyContext {
  /** Generates a key of `bytes` bytes, as base64. */
  readonly newKey: (bytes: number) => string;
  /** Collects validation errors. */
  readonly addError: (text: string) => void;
}

const MIN_BYTES = 16;
const MAX_BYTES = 64;
/** Bytes of a generated key (Azure documentation, "Symmetric key attestation – Symmetric key creation"). */
const NEW_KEY_BYTES = 64;

function readKey(given: unknown, name: string, { newKey, addError }: KeyContext): string {
  if (isAbsent(given) || given === "") return newKey(NEW_KEY_BYTES);
  const where = `attestation.symmetricKey.${name}`;
  if (typeof given !== "string" || !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(given)) {
    // The message leaves out the key.
    addError(`${where} is not base64`);
    return "";
  }
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
export function readKeys(given: unknown, context: KeyContext): SymmetricKeys | undefined {
  if (!isAbsent(given) && !isObject(given)) {
    context.addError(`attestation.symmetricKey is ${shown(typeof given)}, no object`);
    return undefined;
  }
  const keys = given ?? {};
  return {
    by: "symmetricKey",
    primaryKey: readKey(keys.primaryKey, "primaryKey", context),
    secondaryKey: readKey(keys.secondaryKey, "secondaryKey", context),
  };
}
