/** An enrollment that no stack has: what `read` needs to know of it. */
import type { Props } from "../resource/handler";
import { importIdError, serviceEndpointOf } from "../resource/importId";
import { importedKeyIds, storedAt } from "../vault/storedKeys";
import type { EnrollmentBody, EnrollmentKind } from "./enrollmentRecord";

/** `DPS/ID`, with the service's name or its host name, or the resource's own ID, `HOST/enrollmentGroups/ID`; `@` and a secret. */
const ID = /^([^/@]+)\/(?:(enrollmentGroups|enrollments)\/)?([^/@]+)(?:@(https:.+))?$/;

/**
 * The inputs that a program of an existing enrollment has, as far as its `read` does not find them. Symmetric keys stay with
 * the service. The policy `hashed` over all hubs is what the service does without a policy, so it is left to it.
 */
export function leftToService({ attestation, allocationPolicy, iotHubs }: EnrollmentBody): Props {
  const keys = attestation.type === "symmetricKey" ? { symmetricKey: {} } : {};
  if ((iotHubs ?? undefined) === undefined && (allocationPolicy ?? "hashed") === "hashed") return keys;
  return { ...keys, allocationPolicy: allocationPolicy ?? undefined, iotHubs: iotHubs ?? undefined };
}

/** The place of the keys in a vault, and references to them, by the ID of one of the two secrets. */
async function storeOf({ gateway, noun }: EnrollmentKind, secretId: string): Promise<Props> {
  const place = storedAt(secretId);
  const found = place && (await importedKeyIds(gateway, place));
  if (found !== undefined) return { ...place, ...found };
  throw new Error(
    `${noun}: "${secretId}" is not one of two secrets of a vault, NAME-primary and NAME-secondary.\n` +
      "  To fix: give the ID of the primary key's secret; or leave out the vault, and `pulumi up` stores the keys there.",
  );
}

/**
 * The properties of an existing enrollment; undefined if there is none.
 * @throws {Error} for an ID of another form.
 */
export async function importedProps(kind: EnrollmentKind, id: string): Promise<Props | undefined> {
  const [, service, collection = kind.collection, name, secretId] = ID.exec(id) ?? [];
  if (service === undefined || name === undefined || collection !== kind.collection)
    throw importIdError(
      kind.noun,
      id,
      `DPS/ID, the name of the provisioning service and the ${kind.idInput}, for example plants-dps/press-1; for keys in a ` +
        "vault add @ and the secret ID of the primary key",
    );
  const props = { serviceEndpoint: serviceEndpointOf(service), [kind.idInput]: name };
  const present = await kind.client(props).get();
  if (present === undefined) return undefined;
  const store = secretId === undefined ? {} : await storeOf(kind, secretId);
  return { ...props, ...leftToService(present), ...store, etag: present.etag ?? "*" };
}
