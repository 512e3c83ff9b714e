import { wireAuthentication } from "../devices/authenticationBody";
import type { Identity } from "../devices/identityStore";
import type { Module } from "../modules/moduleStore";
import type { Twin } from "../twins/twinStore";

/** What lines of devices and of modules have alike. Exported twins have no metadata (MicrosoftDocs/azure-docs#116520). */
const sectionsOf = ({ etag, tags, desired, reported }: Twin) => ({
  twinETag: etag,
  tags,
  properties: { desired, reported },
});

function authenticationOf({ authentication }: Identity | Module, excludesKeys: boolean) {
  const wire = wireAuthentication(authentication);
  return excludesKeys ? { ...wire, symmetricKey: { primaryKey: null, secondaryKey: null } } : wire;
}

/** A device as a line of an export (azure-iot-sdk-csharp#1146; REST API "ExportImportDevice"). */
export const exportedDevice = (device: Identity, twin: Twin, excludesKeys: boolean) => ({
  id: device.deviceId,
  eTag: device.etag,
  status: device.enabled ? "enabled" : "disabled",
  statusReason: device.statusReason ?? "",
  authentication: authenticationOf(device, excludesKeys),
  ...sectionsOf(twin),
  capabilities: { iotEdge: device.iotEdge },
  // That of an Edge device is its hub's to give.
  ...(!device.iotEdge && device.deviceScope ? { deviceScope: device.deviceScope } : {}),
  ...(device.parentScopes.length > 0 ? { parentScopes: device.parentScopes } : {}),
});

/** A module as a line of an export. */
export const exportedModule = (device: Identity, module: Module, twin: Twin, excludesKeys: boolean) => ({
  id: device.deviceId,
  moduleId: module.moduleId,
  eTag: module.etag,
  status: device.enabled ? "enabled" : "disabled",
  authentication: authenticationOf(module, excludesKeys),
  ...sectionsOf(twin),
  capabilities: { iotEdge: false },
  ...(module.managedBy === undefined ? {} : { managedBy: module.managedBy }),
});
