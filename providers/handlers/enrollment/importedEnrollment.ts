/** An enrollment that no stack has: what `read` needs to know of it. */
import { serviceHost } from "../../../azure/hosts";
import type { Props } from "../resource/handler";
import type { EnrollmentKind } from "./enrollmentRecord";

/** `DPS/ID`, with the service's name or its host name, or the resource's own ID, `HOST/enrollmentGroups/ID`. */
const ID = /^([^/]+)\/(?:(enrollmentGroups|enrollments)\/)?([^/]+)$/;

/**
 * The properties of an existing enrollment; undefined if there is none. Symmetric keys stay with the service. The policy
 * `hashed` over all hubs is what the service does without a policy, so it is left to it.
 * @throws {Error} for an ID of another form.
 */
export async function importedProps(kind: EnrollmentKind, id: string): Promise<Props | undefined> {
  const [, service, collection = kind.collection, name] = ID.exec(id) ?? [];
  if (service === undefined || name === undefined || collection !== kind.collection)
    throw new Error(
      `${kind.noun}: "${id}" is not an ID for import.\n` +
        `  To fix: give DPS/ID, the name of the provisioning service and the ${kind.idInput}, for example plants-dps/press-1.`,
    );
  const serviceEndpoint = service.includes(".") ? service : serviceHost(service);
  const props = { serviceEndpoint, [kind.idInput]: name, symmetricKey: {} };
  const present = await kind.client(props).get();
  if (present === undefined) return undefined;
  const { allocationPolicy, iotHubs = null } = present;
  if (iotHubs === null && (allocationPolicy ?? "hashed") === "hashed") return props;
  return { ...props, allocationPolicy: allocationPolicy ?? undefined, iotHubs: iotHubs ?? undefined };
}
