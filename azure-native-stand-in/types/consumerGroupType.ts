import { any, computed, object, required, text } from "../propertyShape";
import { IOT_HUB_PATH } from "./iotHubType";
import type { ResourceType } from "./resourceType";

/** A consumer group of a hub's built-in Event Hub endpoint. Azure returns other properties than it takes. */
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
    etag: computed(text),
    properties: required(object({ name: required(text), created: computed(any) })),
  },
};
