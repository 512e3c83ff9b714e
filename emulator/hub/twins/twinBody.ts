import type { DeviceKey } from "../../kernel/deviceKey";
import { wireIdentity } from "../devices/identityBody";
import type { Identity } from "../devices/identityStore";
import { wireModule } from "../modules/moduleBody";
import type { Module } from "../modules/moduleStore";
import type { Twin } from "./twinStore";

/** What the twins of devices and of modules have alike. */
const sectionsOf = (twin: Twin) => ({
  modelId: twin.modelId,
  version: twin.version,
  // A twin without tags has no such member (azure-iot-cli-extension, test_iothub_device_twin_int.py).
  tags: Object.keys(twin.tags).length === 0 ? undefined : twin.tags,
  properties: {
    desired: { ...twin.desired, $metadata: twin.desiredMetadata, $version: twin.desiredVersion },
    reported: { ...twin.reported, $metadata: twin.reportedMetadata, $version: twin.reportedVersion },
  },
});

/** A twin as notifications of it have it: without what it has of its identity. */
export const notifiedTwin = ({ deviceId, moduleId }: DeviceKey, twin: Twin): Readonly<Record<string, unknown>> => ({
  deviceId,
  moduleId,
  etag: twin.etag,
  ...sectionsOf(twin),
  // Microsoft's examples, of devices without a model, do not have it.
  modelId: twin.modelId || undefined,
});

/** A device's twin as the service API writes it. */
export function wireTwin(identity: Identity, twin: Twin): Readonly<Record<string, unknown>> {
  const { deviceId, etag, status, statusUpdatedTime, lastActivityTime, ...rest } = wireIdentity(identity);
  return {
    deviceId,
    etag: twin.etag,
    deviceEtag: etag,
    status,
    statusReason: rest.statusReason,
    statusUpdateTime: statusUpdatedTime,
    connectionState: rest.connectionState,
    lastActivityTime,
    cloudToDeviceMessageCount: rest.cloudToDeviceMessageCount,
    authenticationType: identity.authentication.type,
    x509Thumbprint: rest.authentication?.x509Thumbprint,
    capabilities: rest.capabilities,
    deviceScope: rest.deviceScope,
    parentScopes: rest.parentScopes,
    ...sectionsOf(twin),
  };
}

/** A module's twin as the service API writes it. */
export function wireModuleTwin(identity: Identity, module: Module, twin: Twin): Readonly<Record<string, unknown>> {
  const { deviceId, moduleId, connectionState, lastActivityTime, cloudToDeviceMessageCount, authentication } =
    wireModule(module);
  return {
    deviceId,
    moduleId,
    etag: twin.etag,
    // That of the module (measured on Azure: mwalser/terraform-provider-iothub).
    deviceEtag: module.etag,
    status: identity.enabled ? "enabled" : "disabled",
    statusUpdateTime: identity.statusUpdated,
    connectionState,
    lastActivityTime,
    cloudToDeviceMessageCount,
    authenticationType: module.authentication.type,
    x509Thumbprint: authentication?.x509Thumbprint,
    ...sectionsOf(twin),
  };
}
