import {
  computed,
  flag,
  integerFrom,
  limitedText,
  list,
  listBy,
  object,
  optional,
  required,
  type Shapes,
  text,
} from "../propertyShape";

/** A user-assigned identity by which a hub speaks to an endpoint. */
export const managedIdentity = object({ userAssignedIdentity: optional(text) });

const routeName = limitedText({ pattern: "^[A-Za-z0-9-._]{1,64}$" });

const endpoint: Shapes = {
  authenticationType: optional(text),
  endpointUri: optional(text),
  identity: optional(managedIdentity),
  name: required(routeName),
  resourceGroup: optional(text),
  subscriptionId: optional(text),
};

const messaging: Shapes = {
  ...endpoint,
  connectionString: optional(text),
  entityPath: optional(text),
  id: optional(text),
};

const storage: Shapes = {
  ...endpoint,
  batchFrequencyInSeconds: optional(integerFrom(60, 720)),
  connectionString: optional(text),
  containerName: required(text),
  encoding: optional(text),
  fileNameFormat: optional(text),
  id: optional(text),
  maxChunkSizeInBytes: optional(integerFrom(10_485_760, 524_288_000)),
};

const cosmos: Shapes = {
  ...endpoint,
  containerName: required(text),
  databaseName: required(text),
  endpointUri: required(text),
  id: computed(text),
  partitionKeyName: optional(text),
  partitionKeyTemplate: optional(text),
  primaryKey: optional(text),
  secondaryKey: optional(text),
};

const fallback: Shapes = {
  condition: optional(text),
  endpointNames: required(list(text)),
  isEnabled: required(flag),
  name: optional(text),
  source: required(text),
};

/** A hub's message routing: endpoints, enrichments, routes, and the fallback route. */
export const hubRouting = object({
  endpoints: optional(
    object({
      cosmosDBSqlContainers: optional(list(object(cosmos))),
      eventHubs: optional(list(object(messaging))),
      serviceBusQueues: optional(list(object(messaging))),
      serviceBusTopics: optional(list(object(messaging))),
      storageContainers: optional(list(object(storage))),
    }),
  ),
  enrichments: optional(
    listBy("key", object({ endpointNames: required(list(text)), key: required(text), value: required(text) })),
  ),
  fallbackRoute: optional(object(fallback)),
  routes: optional(listBy("name", object({ ...fallback, name: required(routeName) }))),
});
