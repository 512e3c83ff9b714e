import { any, gives, must, object, text } from "../shapes";
import { IOT_HUB_PATH } from "./iotHub";
import type { ResourceType } from "./resourceType";

/** A consumer group of a hub's built-in Event Hub endpoint. Azure answers other properties than it takes. */
export const CONSUMER_GROUP: ResourceType = {
  token: "azure-native:iothub:IotHubResourceEventHubConsumerGroup",
  armType: "Microsoft.Devices/IotHubs/EventHubEndpoints/ConsumerGroups",
  path: `${IOT_HUB_PATH}/eventHubEndpoints/{eventHubEndpointName}/ConsumerGroups/{name}`,
  apiVersion: "2023-06-30",
  nameParameter: "name",
  autoName: "copy",
  location: "none",
  deleteIsPolled: false,
  body: {
    etag: gives(text),
    properties: must(object({ name: must(text), created: gives(any) })),
  },
};
