/**
 * Handler of Revocations: devices to block. Each gets a disabled individual enrollment, which the service
 * looks at before any group (Azure documentation "How to disenroll or revoke a device"), and its identity in the hub is
 * disabled, because a device that is registered already never asks the service again. All in one resource, so that the end
 * of a revocation is an update, which precedes the device's own: deletions come last.
 */
import { AzureError } from "../../azure/clients/azureError";
import { nameError } from "../../azure/names";
import type {
  AttestationMechanism,
  IndividualEnrollmentBody,
  ProvisioningStatus,
} from "../../azure/wire/dpsEnrollment";
import { withKeys } from "./enrollment/enrollmentRecord";
import type { AzureGateway } from "./resource/azureGateway";
import { isSame } from "./resource/canonicalJson";
import { checkFields, diffFields, type Fields, pickFields, text, UNKNOWN } from "./resource/fields";
import { type Handler, PartialError, type Props } from "./resource/handler";
import { importIdError, serviceEndpointOf } from "./resource/importId";
import { isSameCertificate } from "./resource/unknownCertificate";
import { markedDevices } from "./revocation/importedRevocations";
import {
  type Blocked,
  blockedOf,
  devicesOf,
  keyOf,
  type Revoked,
  textsOf,
  wantedOf,
} from "./revocation/revokedDevices";
import { findHolders } from "./revocation/thumbprintSearch";

type Gateway = Pick<
  AzureGateway,
  "individualEnrollment" | "enrollmentList" | "registrationRecord" | "identity" | "twins" | "log"
>;

/** What marks an enrollment and an identity's status as this resource's doing, in state that was lost too. */
const MARK = "revoked by azure-iot-zero-touch";

function devicesError(value: unknown): string | undefined {
  if (!Array.isArray(value)) return "must be a list of devices";
  for (const device of value) {
    if (device === UNKNOWN) continue;
    const id: unknown = device?.registrationId;
    if (id === UNKNOWN) continue;
    const error = typeof id === "string" ? nameError("registrationId", id) : "registrationId is missing";
    if (error !== undefined) return `${String(id)}: ${error}`;
  }
  return undefined;
}

/**
 * Whether the same devices are blocked, in any order. A certificate that the state does not know, or knows by its thumbprint,
 * is an import's.
 */
function isSameDevices(before: unknown, after: unknown): boolean {
  const [olds, news] = [before, after].map((value) =>
    Array.isArray(value) ? (value as readonly Revoked[]) : undefined,
  );
  if (olds === undefined || news === undefined || !news.every((each) => typeof each?.registrationId === "string"))
    return isSame(before, after);
  const known = new Map(olds.map((each) => [keyOf(each), each]));
  const isSameDevice = (device: Revoked): boolean => {
    const old = known.get(keyOf(device));
    if (old === undefined) return false;
    return old.certificate === undefined || isSameCertificate(old.certificate, device.certificate);
  };
  return new Set(news.map(keyOf)).size === known.size && news.every(isSameDevice);
}

const THUMBPRINT = /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/;

function thumbprintsError(value: unknown): string | undefined {
  const given: readonly unknown[] = Array.isArray(value) ? value : [""];
  const wrong = given.find((each) => each !== UNKNOWN && !(typeof each === "string" && THUMBPRINT.test(each)));
  if (wrong === undefined) return undefined;
  return `${JSON.stringify(wrong)} is no thumbprint: 40 (SHA-1) or 64 (SHA-256) upper-case hexadecimal digits`;
}

/** Inputs. `hubs` are the host names of the hubs where holders of thumbprints are looked for. */
export const FIELDS: Fields = {
  serviceEndpoint: { isRequired: true, onChange: "replaceWithParent" },
  devices: { default: [], validate: devicesError, isSame: isSameDevices },
  thumbprints: { default: [], validate: thumbprintsError },
  hubs: { default: [], onChange: "ignore" },
};

const isOurs = (body: IndividualEnrollmentBody): boolean => body.optionalDeviceInformation?.note === MARK;

/** A device with unknown certificate is blocked by its ID: unknown keys serve as its attestation. */
const attestationOf = ({ certificate }: Revoked): AttestationMechanism =>
  certificate === undefined
    ? { type: "symmetricKey", symmetricKey: {} }
    : { type: "x509", x509: { clientCertificates: { primary: { certificate } } } };

/**
 * Enables or disables an enrollment and leaves all else as it is: the symmetric keys are sent along, for the service makes
 * new ones if there are none. A status that is already set is success, whatever the ETag: a response was lost.
 */
async function setStatus(
  client: ReturnType<AzureGateway["individualEnrollment"]>,
  present: IndividualEnrollmentBody,
  provisioningStatus: ProvisioningStatus,
): Promise<void> {
  const whole = await withKeys(client, present);
  try {
    await client.put({ ...whole, provisioningStatus }, present.etag ?? "*");
  } catch (error) {
    const isStale = error instanceof AzureError && error.status === 412;
    if (!isStale || (await client.get())?.provisioningStatus !== provisioningStatus) throw error;
  }
}

/** Revokes; doing it twice is the same as once. Each step that is done is noted, for a revocation half-way has an end, too. */
async function block(
  gateway: Gateway,
  service: string,
  device: Revoked & Pick<Blocked, "thumbprints">,
  before: Omit<Blocked, "registrationId"> | undefined,
  note: (blocked: Blocked) => void,
): Promise<void> {
  const { registrationId, thumbprints } = device;
  const client = gateway.individualEnrollment(service, registrationId);
  const present = await client.get();
  const disabled = { provisioningStatus: "disabled", optionalDeviceInformation: { note: MARK } } as const;
  const isEnabled = present !== undefined && present.provisioningStatus !== "disabled";
  const wasEnabled = isEnabled ? !isOurs(present) : before?.wasEnabled === true;
  const noteAt = (assignedHub: string | undefined, deviceId: string | undefined): void =>
    note({
      registrationId,
      ...(assignedHub === undefined ? {} : { assignedHub }),
      ...(deviceId === undefined ? {} : { deviceId }),
      ...(wasEnabled ? { wasEnabled } : {}),
      ...(thumbprints === undefined ? {} : { thumbprints }),
    });
  // Before the request: its response may be lost, and the block must be in the state all the same.
  noteAt(before?.assignedHub, before?.deviceId);
  if (!present) await client.put({ registrationId, attestation: attestationOf(device), ...disabled });
  else if (isEnabled) await setStatus(client, present, "disabled");
  const record = await gateway.registrationRecord(service, registrationId).get();
  const assignedHub = record?.assignedHub ?? before?.assignedHub;
  const deviceId = record?.deviceId ?? before?.deviceId;
  noteAt(assignedHub, deviceId);
  if (assignedHub !== undefined && deviceId !== undefined)
    await gateway.identity(assignedHub, deviceId).setStatus("disabled", MARK);
}

/** Ends a revocation. What others disabled, or changed since, stays as they left it. */
async function unblock(gateway: Gateway, service: string, blocked: Blocked): Promise<void> {
  const { registrationId, wasEnabled } = blocked;
  const client = gateway.individualEnrollment(service, registrationId);
  const present = await client.get();
  if (present && isOurs(present)) await client.delete(present.etag ?? "*");
  else if (present && wasEnabled) await setStatus(client, present, "enabled");
  // A revocation that was interrupted has not noted where the device is.
  const isNoted = blocked.assignedHub !== undefined;
  const { assignedHub, deviceId } = isNoted
    ? blocked
    : ((await gateway.registrationRecord(service, registrationId).get()) ?? blocked);
  if (assignedHub === undefined || deviceId === undefined) return;
  const identity = gateway.identity(assignedHub, deviceId);
  if ((await identity.get())?.statusReason === MARK) await identity.setStatus("enabled", "");
}

/** Whether a device is still blocked in both places. */
async function isBlocked(gateway: Gateway, service: string, { registrationId, assignedHub, deviceId }: Blocked) {
  const enrollment = await gateway.individualEnrollment(service, registrationId).get();
  if (enrollment?.provisioningStatus !== "disabled") return false;
  if (assignedHub === undefined || deviceId === undefined) return true;
  return (await gateway.identity(assignedHub, deviceId).get())?.status !== "enabled";
}

const idOf = (inputs: Props): string => `${text(inputs, "serviceEndpoint")}/revocations`;

/** Whether a revocation that was interrupted, and is wanted no more, may have blocked a device. */
function isLeftBlocked(olds: Props, news: Props): boolean {
  const named = new Set([...devicesOf(olds), ...devicesOf(news)].map(keyOf));
  return blockedOf(olds).some((each) => each.thumbprints === undefined && !named.has(keyOf(each)));
}

/** Revokes what is new and ends what is no more; keeps in the state how far it came. */
async function apply(gateway: Gateway, olds: Props, news: Props): Promise<Record<string, unknown>> {
  const service = text(news, "serviceEndpoint");
  const { devices: wanted, unmatched } = await wantedOf(gateway, olds, news);
  const blocked = new Map(blockedOf(olds).map((each) => [keyOf(each), each]));
  const [begun, done] = [new Set<string>(), new Set<string>()];
  try {
    for (const device of wanted) {
      const key = keyOf(device);
      begun.add(key);
      await block(gateway, service, device, blocked.get(key) ?? device, (each) => blocked.set(key, each));
      begun.delete(key);
      done.add(key);
    }
    for (const [key, each] of blocked) {
      if (done.has(key)) continue;
      await unblock(gateway, service, each);
      blocked.delete(key);
    }
  } catch (error) {
    const stillBlocked = [...blocked.values()];
    const named = new Map(devicesOf(news).map((device) => [keyOf(device), device]));
    // In the state as done: of the blocked devices those that were named by their IDs.
    const devices = stillBlocked
      .filter((each) => !begun.has(keyOf(each)))
      .filter((each) => (done.has(keyOf(each)) ? named.has(keyOf(each)) : each.thumbprints === undefined))
      .map(
        (each) =>
          (done.has(keyOf(each)) ? named.get(keyOf(each)) : undefined) ?? { registrationId: each.registrationId },
      );
    const open = wanted.filter((each) => !done.has(keyOf(each))).flatMap((each) => each.thumbprints ?? []);
    const found = stillBlocked.flatMap((each) => each.thumbprints ?? []);
    const thumbprints = [...new Set([...found, ...unmatched])].filter((each) => !open.includes(each));
    throw new PartialError(
      idOf(news),
      { serviceEndpoint: service, devices, thumbprints, blocked: stillBlocked, unmatched },
      error,
    );
  }
  return { ...pickFields(FIELDS, news, ["hubs"]), hubs: news.hubs ?? [], blocked: [...blocked.values()], unmatched };
}

/** The handler. */
export const handler = (gateway: Gateway): Handler => ({
  async check(_olds, news) {
    return checkFields(FIELDS, news);
  },
  async diff(_id, olds, news) {
    const result = diffFields(FIELDS, olds, news);
    return { ...result, changes: result.changes || isLeftBlocked(olds, news), deleteBeforeReplace: true };
  },
  async create(inputs) {
    return { id: idOf(inputs), outs: await apply(gateway, {}, inputs) };
  },
  async read(id, props) {
    const service = text(props, "serviceEndpoint");
    const lost = new Set<string>();
    for (const each of blockedOf(props)) if (!(await isBlocked(gateway, service, each))) lost.add(keyOf(each));
    const devices = devicesOf(props).filter((device) => !lost.has(keyOf(device)));
    const inputs = { ...pickFields(FIELDS, props), devices };
    const thumbprints = textsOf(props.thumbprints);
    if (thumbprints.length === 0) return { id, props: { ...props, ...inputs }, inputs };
    // Unmatched thumbprints are searched again: a device that appeared since shows as a difference, and `up` blocks it.
    const unmatched = textsOf(props.unmatched);
    const holders = await findHolders(gateway, service, textsOf(props.hubs), unmatched);
    const lifted = blockedOf(props).flatMap((each) => (lost.has(keyOf(each)) ? (each.thumbprints ?? []) : []));
    const effective = thumbprints.filter((each) => !holders.has(each) && !lifted.includes(each));
    const seen = { ...inputs, thumbprints: effective };
    return { id, props: { ...props, ...seen }, inputs: seen };
  },
  async import(id) {
    const [, service] = /^([^/]+)(?:\/revocations)?$/.exec(id) ?? [];
    if (service === undefined) throw importIdError("Revocations", id, "the name of the provisioning service");
    const serviceEndpoint = serviceEndpointOf(service);
    const { devices, blocked } = await markedDevices(gateway, serviceEndpoint, isOurs, MARK);
    const inputs = { serviceEndpoint, devices };
    return { id: idOf(inputs), props: { ...inputs, thumbprints: [], hubs: [], blocked, unmatched: [] }, inputs };
  },
  async update(_id, olds, news) {
    return { outs: await apply(gateway, olds, news) };
  },
  async delete(_id, props) {
    for (const each of blockedOf(props)) await unblock(gateway, text(props, "serviceEndpoint"), each);
  },
});
