import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { ClientKey } from "../connections/clientKey";
import type { HubDependencies } from "../hubDependencies";
import { hubError } from "../hubErrors";
import { ownPart, sectionError } from "./twinRules";

type Dependencies = Pick<HubDependencies, "twins" | "identities" | "database">;

/** A twin as its device sees it: no tags and no metadata (Azure documentation, "Understand device twins"). */
export interface DeviceTwin {
  readonly desired: JsonObject;
  readonly reported: JsonObject;
}

/** Returns a client's twin. Throws DeviceNotFound. */
export function readDeviceTwin({ hub, ...key }: ClientKey, { twins }: Dependencies): DeviceTwin {
  const twin = twins.find(hub, key);
  if (!twin) throw hubError("DeviceNotFound", key.deviceId);
  return {
    desired: { ...twin.desired, $version: twin.desiredVersion },
    reported: { ...twin.reported, $version: twin.reportedVersion },
  };
}

/**
 * Merges a patch into a client's reported properties; returns their new version. Durable with the enclosing transaction. Throws
 * ArgumentInvalid, DeviceNotFound.
 */
export function patchReported({ hub, ...key }: ClientKey, patch: unknown, deps: Dependencies): number {
  const section = ownPart(patch);
  if (!isObject(section)) throw hubError("ArgumentInvalid", "the reported properties are no object");
  return deps.database.transaction(() => {
    const before = sectionError("reported", section);
    if (before) throw hubError("ArgumentInvalid", before);
    const twin = deps.twins.patch(hub, key, { reported: section });
    if (!twin) throw hubError("DeviceNotFound", key.deviceId);
    const after = sectionError("reported", twin.reported);
    if (after) throw hubError("ArgumentInvalid", after);
    deps.identities.heard(hub, key.deviceId);
    return twin.reportedVersion;
  });
}
