/** One enrollment of a list: its inputs, compared, put on the wire and read back. */
import { nameKey } from "../../../azure/names";
import type { BulkEnrollment, IndividualEnrollmentBody } from "../../../azure/wire/dpsEnrollment";
import { INDIVIDUAL_ATTESTATION, withPresentKeys } from "../enrollment/attestation";
import { checkEnrollment, type EnrollmentCheck } from "../enrollment/enrollmentFields";
import { individualBody, readIndividual, FIELDS as SINGLE } from "../individualEnrollmentHandler";
import { isSame } from "../resource/canonicalJson";
import { diffFields, type Fields, pickFields } from "../resource/fields";
import type { Props } from "../resource/handler";
import { type KeyPair, STORE } from "../vault/storedKeys";

/** The same text for every spelling of a registration ID: letter case does not matter. */
export const idKey = (registrationId: string): string => nameKey("registrationId", registrationId);

/** Enrollments by registration ID, as a user writes it. Each has an individual enrollment's inputs. */
export type Entries = Readonly<Record<string, Props>>;

const NOT_IN_ENTRIES = ["serviceEndpoint", "registrationId", "trustedCertificates", ...Object.keys(STORE)];

/**
 * What an entry says of the enrollment: an individual enrollment's inputs without its ID, which is the key, without its
 * service, and without a vault for its keys, which is the list's.
 */
export const ENTRY_FIELDS: Fields = Object.fromEntries(
  Object.entries(SINGLE).filter(([name]) => !NOT_IN_ENTRIES.includes(name)),
);

const props = (id: string, entry: Props): Props => ({ ...entry, registrationId: id });

/**
 * The errors and warnings of one entry, each with its field. Whether an entry names its service does not matter
 * here. `trusted` is PEM of the CAs that are known to be verified.
 */
export function checkEntry(id: string, entry: Props, trusted: unknown, now: Date): Omit<EnrollmentCheck, "inputs"> {
  const said = pickFields(ENTRY_FIELDS, entry);
  const whole = { ...props(id, said), ...(trusted === undefined ? {} : { trustedCertificates: trusted }) };
  const checked = checkEnrollment({ ...SINGLE, serviceEndpoint: {} }, INDIVIDUAL_ATTESTATION, whole, now);
  const unknown = Object.keys(entry).filter((name) => !(name in ENTRY_FIELDS));
  const choices = Object.keys(ENTRY_FIELDS).join(", ");
  const failures = unknown.map((property) => ({ property, reason: `is none of ${choices}` }));
  return { failures: [...checked.failures, ...failures], warnings: checked.warnings };
}

/** Whether two entries say the same, defaults filled in, whatever `adopt` says. */
export const isSameEntry = (left: Props, right: Props): boolean => !diffFields(ENTRY_FIELDS, left, right).changes;

/** Whether the service makes the symmetric keys. */
export const isKeyMade = ({ symmetricKey }: Props): boolean => symmetricKey !== undefined && isSame(symmetricKey, {});

/** The enrollment as a bulk operation takes it. Keys that the service made stay, where they are known. */
export function entryBody(id: string, entry: Props, made: KeyPair | undefined, etag?: string): BulkEnrollment {
  const whole = withPresentKeys(props(id, entry), made?.primaryKey, made?.secondaryKey);
  return { ...individualBody(whole), ...(etag === undefined ? {} : { etag }) };
}

/**
 * What a bulk operation needs to know of an enrollment that is to go. The model demands an attestation; this one is right
 * for every enrollment and reveals nothing of it.
 */
export const entryToDelete = (registrationId: string): BulkEnrollment => ({
  registrationId,
  attestation: { type: "symmetricKey", symmetricKey: {} },
});

/** What an entry says, for the state. */
export const entryOuts = (entry: Props): Props => pickFields(ENTRY_FIELDS, entry, ["adopt"]);

/** The entry as the service has it now: our own where it says the same, else with the defaults left out. */
export function readEntry(id: string, entry: Props, body: IndividualEnrollmentBody): Props {
  const seen = pickFields(ENTRY_FIELDS, { ...entry, ...readIndividual(props(id, entry), body) });
  if (isSameEntry(seen, entry)) return entry;
  const said = Object.entries(seen).filter(
    ([name, value]) => name in entry || !isSame(value, ENTRY_FIELDS[name]?.default),
  );
  return Object.fromEntries(said);
}
