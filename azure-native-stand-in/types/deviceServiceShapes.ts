import { computed, object, optional, required, text } from "../propertyShape";

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
