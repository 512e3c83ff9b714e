import type { HubDependencies } from "../hubDependencies";
import { checkIfMatch, hubError } from "../hubErrors";
import { checkScopes } from "./deviceScopes";
import type { Identity, IdentityDraft } from "./identityStore";

type Dependencies = Pick<HubDependencies, "identities">;

/** Returns a device. Throws DeviceNotFound. */
export function existingDevice(hub: string, deviceId: string, { identities }: Dependencies): Identity {
  const device = identities.find(hub, deviceId);
  if (!device) throw hubError("DeviceNotFound", deviceId);
  return device;
}

/** Creates a device. Throws DeviceAlreadyExists or InvalidDeviceScope. Call it inside a transaction. */
export function createDevice(hub: string, draft: IdentityDraft, { identities }: Dependencies): Identity {
  const { deviceId } = draft;
  if (identities.find(hub, deviceId)) {
    throw hubError("DeviceAlreadyExists", `A device with ID '${deviceId}' is already registered.`);
  }
  checkScopes(hub, draft, undefined, identities);
  return identities.save(hub, draft);
}

/** Changes a device. Throws DeviceNotFound, PreconditionFailed or InvalidDeviceScope. Call it inside a transaction. */
export function updateDevice(hub: string, draft: IdentityDraft, ifMatch: string, deps: Dependencies): Identity {
  const known = existingDevice(hub, draft.deviceId, deps);
  checkIfMatch(ifMatch, known.etag, "Device");
  // A client that makes an Edge device another one sends its own scope back: az, `device-identity update --ee false`.
  const isOwnScope = known.iotEdge && !draft.iotEdge && draft.deviceScope === known.deviceScope;
  const changed = isOwnScope ? { ...draft, deviceScope: "" } : draft;
  checkScopes(hub, changed, known, deps.identities);
  return deps.identities.save(hub, changed);
}

/** Removes a device with its modules. Throws DeviceNotFound or PreconditionFailed. Call it inside a transaction. */
export function removeDevice(hub: string, deviceId: string, ifMatch: string, deps: Dependencies): void {
  checkIfMatch(ifMatch, existingDevice(hub, deviceId, deps).etag, "Device");
  deps.identities.remove(hub, deviceId);
}
