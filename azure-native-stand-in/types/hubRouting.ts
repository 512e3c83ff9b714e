import { count, flag, gives, hidden, list, may, must, object, type Shapes, text } from "../shapes";

/** A user-assigned identity by which a hub speaks to an endpoint. */
export const managedIdentity = object({ userAssignedIdentity: may(text) });

const endpoint: Shapes = {
  authenticationType: may(text),
  endpointUri: may(text),
  identity: may(managedIdentity),
  name: must(text),
  resourceGroup: may(text),
  subscriptionId: may(text),
};

const messaging: Shapes = {
  ...endpoint,
  connectionString: hidden(may(text)),
  entityPath: may(text),
  id: may(text),
};

const storage: Shapes = {
  ...endpoint,
  batchFrequencyInSeconds: may(count),
  connectionString: hidden(may(text)),
  containerName: must(text),
  encoding: may(text),
  fileNameFormat: may(text),
  id: may(text),
  maxChunkSizeInBytes: may(count),
};

const cosmos: Shapes = {
  ...endpoint,
  containerName: must(text),
  databaseName: must(text),
  endpointUri: must(text),
  id: gives(text),
  partitionKeyName: may(text),
  partitionKeyTemplate: may(text),
  primaryKey: hidden(may(text)),
  secondaryKey: hidden(may(text)),
};

const fallback: Shapes = {
  condition: may(text),
  endpointNames: must(list(text)),
  isEnabled: must(flag),
  name: may(text),
  source: must(text),
};

/** A hub's message routing: endpoints, enrichments, routes, and the fallback route. */
export const hubRouting = object({
  endpoints: may(
    object({
      cosmosDBSqlContainers: may(list(object(cosmos))),
      eventHubs: may(list(object(messaging))),
      serviceBusQueues: may(list(object(messaging))),
      serviceBusTopics: may(list(object(messaging))),
      storageContainers: may(list(object(storage))),
    }),
  ),
  enrichments: may(list(object({ endpointNames: must(list(text)), key: must(text), value: must(text) }))),
  fallbackRoute: may(object(fallback)),
  routes: may(list(object({ ...fallback, name: must(text) }))),
});
