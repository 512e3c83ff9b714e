import { computed, ids, map, object, optional, type Property, required, text } from "../propertyShape";
import { SYSTEM_DATA } from "./resourceType";

/** Shapes that IoT hubs and provisioning services share. */

/** One access policy, as inputs and key listings have it. */
export const ACCESS_POLICY = {
  keyName: required(text),
  primaryKey: optional(text),
  rights: required(text),
  secondaryKey: optional(text),
} as const;

/** A private endpoint connection; types add their own properties to it. */
export const PRIVATE_ENDPOINT_CONNECTION = {
  id: computed(text),
  name: computed(text),
  type: computed(text),
  properties: required(
    object({
      privateEndpoint: computed(object({ id: computed(text) })),
      privateLinkServiceConnectionState: required(
        object({ actionsRequired: optional(text), description: required(text), status: required(text) }),
      ),
    }),
  ),
} as const;

/** How both are named, placed and deleted. */
export const DEVICE_SERVICE = { autoName: "random", location: "resourceGroup", deleteIsPolled: true } as const;

/** Members of both bodies; the two differ in whether an identity must have a type. */
export const deviceServiceBody = (identityType: Property) => ({
  etag: computed(text),
  identity: optional(
    object({
      principalId: computed(text),
      tenantId: computed(text),
      type: identityType,
      userAssignedIdentities: optional(ids),
    }),
  ),
  location: optional(text),
  systemData: computed(object(SYSTEM_DATA)),
  tags: optional(map(text)),
});
