/**
 * Handler of Revocations: devices that must come in no more. Each gets a disabled individual enrollment, which the service
 * looks at before any group (Azure documentation "How to disenroll or revoke a device"), and its identity in the hub is
 * disabled, because a device that is registered already never asks the service again. All in one resource, so that the end
 * of a revocation is an update, which stands before the device's own: deletions come last.
 */
import { nameFault, nameKey } from "../../azure/names";
import type { AttestationMechanism, IndividualEnrollmentBody } from "../../azure/wire/enrollment";
import { checkFields, diffFields, type Fields, pickFields, text, UNKNOWN } from "./fields";
import { type Handler, PartialError, type Props } from "./handler";
import type { World } from "./world";

/** A device that is revoked. */
interface Revoked {
  readonly registrationId: string;
  /** PEM of its certificate, where it is known. */
  readonly certificate?: string;
}

/** A device that is blocked, and where it was assigned. */
interface Blocked {
  readonly registrationId: string;
  readonly assignedHub?: string;
  readonly deviceId?: string;
  /** Whether an enrollment of someone else's stood enabled before: it is enabled again at the end. */
  readonly wasEnabled?: boolean;
}

/** What marks an enrollment and an identity's status as this resource's doing, in state that was lost too. */
const MARK = "revoked by azure-iot-zero-touch";

function devicesFault(value: unknown): string | undefined {
  if (!Array.isArray(value)) return "must be a list of devices";
  for (const device of value) {
    if (device === UNKNOWN) continue;
    const id: unknown = device?.registrationId;
    if (id === UNKNOWN) continue;
    const fault = typeof id === "string" ? nameFault("registrationId", id) : "registrationId is missing";
    if (fault !== undefined) return `${String(id)}: ${fault}`;
  }
  return undefined;
}

/** Inputs. */
export const FIELDS: Fields = {
  serviceEndpoint: { isRequired: true, onChange: "replace" },
  devices: { default: [], fault: devicesFault },
};

const devicesOf = (props: Props): readonly Revoked[] => (props.devices ?? []) as readonly Revoked[];
const blockedOf = (props: Props): readonly Blocked[] => (props.blocked ?? []) as readonly Blocked[];
const keyOf = ({ registrationId }: { readonly registrationId: string }): string =>
  nameKey("registrationId", registrationId);

const isOurs = (body: IndividualEnrollmentBody): boolean => body.optionalDeviceInformation?.note === MARK;

/** A device of unknown certificate is blocked by its ID alone: keys that no one has stand for its attestation. */
const attestationOf = ({ certificate }: Revoked): AttestationMechanism =>
  certificate === undefined
    ? { type: "symmetricKey", symmetricKey: {} }
    : { type: "x509", x509: { clientCertificates: { primary: { certificate } } } };

/** Revokes; doing it twice is the same as once. */
async function block(world: World, service: string, device: Revoked, before: Blocked | undefined): Promise<Blocked> {
  const { registrationId } = device;
  const client = world.individualEnrollment(service, registrationId);
  const present = await client.get();
  const disabled = { provisioningStatus: "disabled", optionalDeviceInformation: { note: MARK } } as const;
  let wasEnabled = before?.wasEnabled === true;
  if (!present) await client.put({ registrationId, attestation: attestationOf(device), ...disabled });
  else if (present.provisioningStatus !== "disabled") {
    wasEnabled = !isOurs(present);
    await client.put({ ...present, provisioningStatus: "disabled" }, present.etag ?? "*");
  }
  const record = await world.registrationRecord(service, registrationId).get();
  const assignedHub = record?.assignedHub ?? before?.assignedHub;
  const deviceId = record?.deviceId ?? before?.deviceId;
  if (assignedHub !== undefined && deviceId !== undefined)
    await world.identity(assignedHub, deviceId).setStatus("disabled", MARK);
  return {
    registrationId,
    ...(assignedHub === undefined ? {} : { assignedHub }),
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(wasEnabled ? { wasEnabled } : {}),
  };
}

/** Ends a revocation. What others disabled, or changed since, stays as they left it. */
async function unblock(world: World, service: string, blocked: Blocked): Promise<void> {
  const { registrationId, assignedHub, deviceId, wasEnabled } = blocked;
  const client = world.individualEnrollment(service, registrationId);
  const present = await client.get();
  if (present && isOurs(present)) await client.delete(present.etag ?? "*");
  else if (present && wasEnabled) await client.put({ ...present, provisioningStatus: "enabled" }, present.etag ?? "*");
  if (assignedHub === undefined || deviceId === undefined) return;
  const identity = world.identity(assignedHub, deviceId);
  if ((await identity.get())?.statusReason === MARK) await identity.setStatus("enabled", "");
}

/** Whether a revocation still stands at both places. */
async function stands(world: World, service: string, { registrationId, assignedHub, deviceId }: Blocked) {
  const enrollment = await world.individualEnrollment(service, registrationId).get();
  if (enrollment?.provisioningStatus !== "disabled") return false;
  if (assignedHub === undefined || deviceId === undefined) return true;
  return (await world.identity(assignedHub, deviceId).get())?.status !== "enabled";
}

const idOf = (inputs: Props): string => `${text(inputs, "serviceEndpoint")}/revocations`;

/** Revokes what is new and ends what is no more; keeps in the state how far it came. */
async function apply(world: World, olds: Props, news: Props): Promise<Record<string, unknown>> {
  const service = text(news, "serviceEndpoint");
  const wanted = devicesOf(news);
  const blocked = new Map(blockedOf(olds).map((each) => [keyOf(each), each]));
  const done = new Map<string, Revoked>();
  try {
    for (const device of wanted) {
      blocked.set(keyOf(device), await block(world, service, device, blocked.get(keyOf(device))));
      done.set(keyOf(device), device);
    }
    for (const [key, each] of blocked) {
      if (done.has(key)) continue;
      await unblock(world, service, each);
      blocked.delete(key);
    }
  } catch (error) {
    const left = [...blocked.values()].map(({ registrationId }) => ({ registrationId }));
    const devices = [...left.filter((each) => !done.has(keyOf(each))), ...done.values()];
    throw new PartialError(idOf(news), { serviceEndpoint: service, devices, blocked: [...blocked.values()] }, error);
  }
  return { ...pickFields(FIELDS, news), blocked: [...blocked.values()] };
}

/** The handler. */
export const handler = (world: World): Handler => ({
  async check(_olds, news) {
    return checkFields(FIELDS, news);
  },
  async diff(_id, olds, news) {
    return { ...diffFields(FIELDS, olds, news), deleteBeforeReplace: true };
  },
  async create(inputs) {
    return { id: idOf(inputs), outs: await apply(world, {}, inputs) };
  },
  async read(id, props) {
    const service = text(props, "serviceEndpoint");
    const lost = new Set<string>();
    for (const each of blockedOf(props)) if (!(await stands(world, service, each))) lost.add(keyOf(each));
    const devices = devicesOf(props).filter((device) => !lost.has(keyOf(device)));
    const inputs = { ...pickFields(FIELDS, props), devices };
    return { id, props: { ...inputs, blocked: blockedOf(props) }, inputs };
  },
  async update(_id, olds, news) {
    return { outs: await apply(world, olds, news) };
  },
  async delete(_id, props) {
    for (const each of blockedOf(props)) await unblock(world, text(props, "serviceEndpoint"), each);
  },
});
