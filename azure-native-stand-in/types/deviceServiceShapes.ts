import { computed, object, optional, required, text } from "../propertyShape";

/** What IoT hubs and provisioning services have in common. */

/** One access policy, as inputs and key listings have it. */
export const ACCESS_POLICY = {
  keyName: required(text),
  primaryKey: optional(text),
  rights: required(text),
  secondaryKey: optional(text),
} as const;

/** A connection of a private endpoint; what else a type tells of it comes beside this. */
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
