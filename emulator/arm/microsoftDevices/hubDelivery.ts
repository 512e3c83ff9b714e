import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { CloudToDeviceSettings, DeliverySettings, FileUploadSettings } from "../../kernel/directory";
import { durationMs } from "../../kernel/duration";
import { objectAt } from "../armRequest";

const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];
/** The default of every queue (Azure documentation, "Cloud-to-device configuration options"). */
const MAX_DELIVERY_COUNT = 10;

const countOf = (value: unknown): number => (typeof value === "number" ? value : MAX_DELIVERY_COUNT);

/** Returns the delivery settings of `cloudToDevice.feedback` or `messagingEndpoints.fileNotifications`, with Azure's defaults. */
export const deliveryOf = ({
  lockDurationAsIso8601,
  ttlAsIso8601,
  maxDeliveryCount,
}: JsonObject): DeliverySettings => ({
  lockMs: durationMs(lockDurationAsIso8601, MINUTE_MS),
  ttlMs: durationMs(ttlAsIso8601, HOUR_MS),
  maxDeliveryCount: countOf(maxDeliveryCount),
});

/** Returns the `cloudToDevice` of a hub's stored properties, with Azure's defaults. */
export function cloudToDeviceOf(properties: JsonObject): CloudToDeviceSettings {
  const given = objectAt(properties, "cloudToDevice");
  return {
    defaultTtlMs: durationMs(given.defaultTtlAsIso8601, HOUR_MS),
    maxDeliveryCount: countOf(given.maxDeliveryCount),
    feedback: deliveryOf(objectAt(given, "feedback")),
  };
}

function userAssignedOf(endpoint: JsonObject): string | undefined {
  const { userAssignedIdentity } = objectAt(endpoint, "identity");
  return typeof userAssignedIdentity === "string" && userAssignedIdentity !== "" ? userAssignedIdentity : undefined;
}

/** Returns the settings of file uploads of a hub's stored properties, with Azure's defaults. */
export function fileUploadOf(properties: JsonObject): FileUploadSettings {
  const given = objectAt(objectAt(properties, "storageEndpoints"), "$default");
  const { connectionString, containerName } = given;
  return {
    // A new hub has an endpoint with two empty texts.
    storage:
      connectionString && containerName
        ? {
            connectionString: String(connectionString),
            container: String(containerName),
            sasTtlMs: durationMs(given.sasTtlAsIso8601, HOUR_MS),
            isIdentityBased: String(given.authenticationType).toLowerCase() === "identitybased",
            userAssignedIdentity: userAssignedOf(given),
          }
        : undefined,
    notifies: properties.enableFileUploadNotifications === true,
    notifications: deliveryOf(objectAt(objectAt(properties, "messagingEndpoints"), "fileNotifications")),
  };
}
