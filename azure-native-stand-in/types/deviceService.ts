import { gives, hidden, may, must, object, text } from "../shapes";

/** What IoT hubs and provisioning services have in common. */

/** One access policy, as inputs and key listings have it. */
export const ACCESS_POLICY = {
  keyName: must(text),
  primaryKey: hidden(may(text)),
  rights: must(text),
  secondaryKey: hidden(may(text)),
} as const;

/** A connection of a private endpoint; what else a type tells of it comes beside this. */
export const PRIVATE_ENDPOINT_CONNECTION = {
  id: gives(text),
  name: gives(text),
  type: gives(text),
  properties: must(
    object({
      privateEndpoint: gives(object({ id: gives(text) })),
      privateLinkServiceConnectionState: must(
        object({ actionsRequired: may(text), description: must(text), status: must(text) }),
      ),
    }),
  ),
} as const;
