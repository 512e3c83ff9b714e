import { isDeepStrictEqual } from "node:util";
import type { InitialTwin } from "../../../azure/wire/dpsEnrollment";
import type { RegistrationSubstatus } from "../../../azure/wire/dpsRegistration";
import type { DeviceAuthentication } from "../../../azure/wire/hubIdentity";
import type { Identity } from "../../hub/devices/identityStore";
import { mergeSection, type Twin } from "../../hub/twins/twinStore";
import { sevenDigits } from "../../kernel/clock";
import { newEtag } from "../../kernel/etag";
import type { Attested } from "../attestation/attest";
import type { DpsDependencies } from "../dpsDependencies";
import type { Registration } from "../registrations/registrationStore";
import { type Choice, isReachable } from "./chooseHub";

const isSame = (identity: Identity, credential: DeviceAuthentication, iotEdge: boolean): boolean =>
  identity.iotEdge === iotEdge && isDeepStrictEqual(identity.authentication, credential);

/** The data of a device that moves from another hub; empty if it is reset. */
interface MigratedDevice {
  readonly enabled?: boolean;
  readonly twin?: Twin;
}

/** Creates the hub's device, or updates its credential. */
function place(
  hubKey: string,
  deviceId: string,
  { enrollment, credential }: Attested,
  initialTwin: InitialTwin | undefined,
  migrated: MigratedDevice | undefined,
  deps: DpsDependencies,
): void {
  const { iotEdge = false } = enrollment.settings;
  // Null values are removed.
  const tags = mergeSection({}, initialTwin?.tags ?? {});
  const desired = mergeSection({}, initialTwin?.properties?.desired ?? {});
  const there = deps.identities.find(hubKey, deviceId);
  if (!there || !isSame(there, credential, iotEdge)) {
    const enabled = there?.enabled ?? migrated?.enabled ?? true;
    deps.identities.save(hubKey, { deviceId, enabled, authentication: credential, iotEdge, tags, desired });
  }
  // A migrated device keeps its twin or gets the initial one, replacing any older one in this hub.
  if (migrated) deps.twins.replace(hubKey, { deviceId }, migrated.twin ?? { tags, desired, reported: {} });
}

/**
 * Removes the device from its previous hub. If that hub is no longer linked, or linked with an outdated key, DPS has no
 * access: the device stays in its registry, and its twin is not migrated.
 */
function leave(known: Registration, { service, enrollment }: Attested, deps: DpsDependencies): MigratedDevice {
  const old = deps.directory.hub(known.hub ?? "");
  if (!old || known.deviceId === undefined || !isReachable(service, old.hostName)) return {};
  const identity = deps.identities.find(old.key, known.deviceId);
  const twin = deps.twins.find(old.key, { deviceId: known.deviceId });
  deps.identities.remove(old.key, known.deviceId);
  if (!identity || !twin || enrollment.settings.reprovisionPolicy?.migrateDeviceData === false) return {};
  return { enabled: identity.enabled, twin };
}

/** A device without its twin counts as reset, even if the policy says to migrate. */
function substatusOf(hub: string, known?: Registration, migrated?: MigratedDevice): RegistrationSubstatus {
  if (known?.hub === undefined) return "initialAssignment";
  if (known.hub === hub) return known.substatus ?? "initialAssignment";
  if (known.firstHub === hub) return "reprovisionedToInitialAssignment";
  return migrated?.twin ? "deviceDataMigrated" : "deviceDataReset";
}

const attestedBy = ({ proof, activate }: Pick<Attested, "proof" | "activate">): Registration["attestedBy"] =>
  activate ? "tpm" : proof.by === "key" ? "symmetricKey" : "x509";

/** The fields of a device's new registration record that do not depend on its outcome. */
function newRegistration(
  { enrollment, registrationId, ...attested }: Attested,
  known: Registration | undefined,
  deps: DpsDependencies,
) {
  const now = deps.clock.now();
  return {
    id: enrollment.kind === "individual" ? enrollment.id : (known?.id ?? registrationId),
    attestedBy: attestedBy(attested),
    groupId: enrollment.kind === "group" ? enrollment.id : undefined,
    etag: newEtag(deps.ids, now),
    created: known?.created ?? sevenDigits(now),
    updated: sevenDigits(now),
  };
}

/** The previous assignment, which the next successful registration needs. */
function previousAssignment(known: Registration | undefined): Partial<Registration> {
  const { hub, deviceId, firstHub, substatus } = known?.hub === undefined ? ({} as Partial<Registration>) : known;
  return { hub, deviceId, firstHub, substatus };
}

/**
 * Stores that a device's enrollment is disabled: the service API shows the registration (azure-iot-cli-extension,
 * `test_dps_device_registration_disabled_enrollment`). Call it inside a transaction.
 */
export function storeDisabled(attested: Attested, deps: DpsDependencies): void {
  const { service, registrationId } = attested;
  const known = deps.registrations.find(service.key, registrationId);
  const registration = newRegistration(attested, known, deps);
  deps.registrations.save(service.key, { ...registration, ...previousAssignment(known), status: "disabled" });
}

/**
 * Assigns an attested device to the chosen hub and stores the registration: a hub and a device in it, or `failed`. Call
 * it inside a transaction.
 */
export function assignDevice(attested: Attested, choice: Choice, deps: DpsDependencies): Registration {
  const { service, registrationId, enrollment } = attested;
  const known = deps.registrations.find(service.key, registrationId);
  const base = newRegistration(attested, known, deps);
  let registration: Registration;
  if (choice.hub === undefined) {
    const { errorCode, errorMessage } = choice;
    registration = { ...base, ...previousAssignment(known), status: "failed", errorCode, errorMessage };
  } else {
    const { hub, hubKey, payload } = choice;
    const initialTwin = choice.initialTwin ?? enrollment.settings.initialTwin;
    const own = enrollment.kind === "individual" ? (enrollment.settings.deviceId ?? enrollment.id) : undefined;
    const deviceId = own ?? known?.deviceId ?? registrationId;
    const migrated = known?.hub !== undefined && known.hub !== hub ? leave(known, attested, deps) : undefined;
    place(hubKey, deviceId, attested, initialTwin, migrated, deps);
    const substatus = substatusOf(hub, known, migrated);
    const authenticationKey = attested.activate?.();
    const firstHub = known?.firstHub ?? hub;
    registration = { ...base, payload, authenticationKey, status: "assigned", substatus, hub, deviceId, firstHub };
  }
  deps.registrations.save(service.key, registration);
  return registration;
}
