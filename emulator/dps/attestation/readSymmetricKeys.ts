import type { SymmetricKeys } from "../enrollments/enrollmentRecord";
import { isAbsent, isObject, shown } from "../requestJson";

/** What keys are read with. */
interface KeyContext {
  /** Makes a key of so many octets, base64. */
  readonly newKey: (octets: number) => string;
  /** Takes every fault found. */
  readonly fault: (text: string) => void;
}

const FEWEST_OCTETS = 16;
const MOST_OCTETS = 64;
/** Of a key that the service makes (Azure documentation, "Symmetric key attestation – Symmetric key creation"). */
const MADE_OCTETS = 64;

function readKey(given: unknown, name: string, { newKey, fault }: KeyContext): string {
  if (isAbsent(given) || given === "") return newKey(MADE_OCTETS);
  const where = `attestation.symmetricKey.${name}`;
  if (typeof given !== "string" || !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(given)) {
    // The key itself stays out of the message.
    fault(`${where} is not base64`);
    return "";
  }
  const { length } = Buffer.from(given, "base64");
  if (length < FEWEST_OCTETS || length > MOST_OCTETS) {
    fault(`${where} has ${length} octets, not ${FEWEST_OCTETS} to ${MOST_OCTETS}`);
  }
  return given;
}

/**
 * Reads symmetric keys; what is absent is made by the service, also when an enrollment is replaced: a client that wants
 * to keep the keys reads the attestation mechanism first and sends them back, as az does (Azure documentation,
 * "Symmetric key attestation").
 */
export function readKeys(given: unknown, context: KeyContext): SymmetricKeys | undefined {
  if (!isAbsent(given) && !isObject(given)) {
    context.fault(`attestation.symmetricKey is ${shown(typeof given)}, no object`);
    return undefined;
  }
  const keys = given ?? {};
  return {
    by: "symmetricKey",
    primaryKey: readKey(keys.primaryKey, "primaryKey", context),
    secondaryKey: readKey(keys.secondaryKey, "secondaryKey", context),
  };
}
