import { isDeepStrictEqual } from "node:util";
import type { InitialTwin } from "../../../azure/wire/enrollment";
import type { DeviceAuthentication } from "../../../azure/wire/identity";
import type { RegistrationSubstatus } from "../../../azure/wire/registration";
import type { Identity } from "../../hub/identities";
import type { Enrollment } from "../enrollment";
import { sevenDigits } from "../errors";
import type { Registration } from "../registrations";
import type { Attested } from "./attest";
import type { Choice } from "./choose";
import type { DeviceParts } from "./identify";

const isSame = (identity: Identity, credential: DeviceAuthentication, iotEdge: boolean): boolean =>
  identity.iotEdge === iotEdge && isDeepStrictEqual(identity.authentication, credential);

/** Creates the hub's device, or gives it the certificate or the keys that the device has now. Azure knows no other. */
function place(
  hubKey: string,
  deviceId: string,
  { enrollment, credential }: Attested,
  initialTwin: InitialTwin | undefined,
  moved: Identity | undefined,
  parts: DeviceParts,
): void {
  const { iotEdge } = enrollment.settings;
  const there = parts.identities.find(hubKey, deviceId);
  if (there && isSame(there, credential, iotEdge)) return;
  parts.identities.save(hubKey, {
    deviceId,
    enabled: there?.enabled ?? moved?.enabled ?? true,
    authentication: credential,
    iotEdge,
    tags: moved?.tags ?? initialTwin?.tags ?? {},
    desired: moved?.desired ?? initialTwin?.properties?.desired ?? {},
  });
}

/** Takes the device out of the hub that it leaves; answers what moves with it. */
function leave(known: Registration, enrollment: Enrollment, parts: DeviceParts): Identity | undefined {
  const old = parts.directory.hub(known.hub ?? "");
  if (!old || known.deviceId === undefined) return undefined;
  const identity = parts.identities.find(old.key, known.deviceId);
  parts.identities.remove(old.key, known.deviceId);
  return enrollment.settings.reprovisionPolicy.migrateDeviceData ? identity : undefined;
}

function substatusOf(hub: string, known: Registration | undefined, enrollment: Enrollment): RegistrationSubstatus {
  if (known?.hub === undefined) return "initialAssignment";
  if (known.hub === hub) return known.substatus ?? "initialAssignment";
  if (known.firstHub === hub) return "reprovisionedToInitialAssignment";
  return enrollment.settings.reprovisionPolicy.migrateDeviceData ? "deviceDataMigrated" : "deviceDataReset";
}

const pickPlace = ({ hub, deviceId, firstHub, substatus }: Registration) => ({
  ...(hub === undefined ? {} : { hub }),
  ...(deviceId === undefined ? {} : { deviceId }),
  ...(firstHub === undefined ? {} : { firstHub }),
  ...(substatus === undefined ? {} : { substatus }),
});

/**
 * Assigns an attested device to the hub that was chosen and keeps what became of it: a hub and a device in it, or
 * `failed`. Call it inside a transaction.
 */
export function assign(attested: Attested, choice: Choice, parts: DeviceParts): Registration {
  const { service, registrationId, enrollment, proof } = attested;
  const known = parts.registrations.find(service.key, registrationId);
  const now = parts.clock.now();
  const stamp = Math.floor(now.getTime() / 1000).toString(16);
  const base = {
    id: enrollment.kind === "individual" ? enrollment.id : (known?.id ?? registrationId),
    attestedBy: proof.by === "key" ? ("symmetricKey" as const) : ("x509" as const),
    ...(enrollment.kind === "group" ? { groupId: enrollment.id } : {}),
    etag: Buffer.from(`"${parts.ids.hex(4)}-0000-0300-0000-${stamp}0000"`).toString("base64"),
    created: known?.created ?? sevenDigits(now),
    updated: sevenDigits(now),
  };
  let registration: Registration;
  if (choice.hub === undefined) {
    const { errorCode, errorMessage } = choice;
    // Where the device is since earlier is kept, for the registration that works again.
    const before = known?.hub === undefined ? {} : pickPlace(known);
    registration = { ...base, ...before, status: "failed", errorCode, errorMessage };
  } else {
    const { hub, hubKey, payload } = choice;
    const initialTwin = choice.initialTwin ?? enrollment.settings.initialTwin;
    const own = enrollment.kind === "individual" ? (enrollment.settings.deviceId ?? enrollment.id) : undefined;
    const deviceId = own ?? known?.deviceId ?? registrationId;
    const moved = known?.hub !== undefined && known.hub !== hub ? leave(known, enrollment, parts) : undefined;
    place(hubKey, deviceId, attested, initialTwin, moved, parts);
    const substatus = substatusOf(hub, known, enrollment);
    const told = payload === undefined ? {} : { payload };
    registration = { ...base, ...told, status: "assigned", substatus, hub, deviceId, firstHub: known?.firstHub ?? hub };
  }
  parts.registrations.save(service.key, registration);
  return registration;
}
