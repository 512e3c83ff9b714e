/** An IoT hub as ARM returns it (Azure REST API "IoT Hub Resource", 2023-06-30), as far as its events are concerned. */
export interface IotHubBody {
  readonly name: string;
  readonly properties: {
    /** `NAME.azure-devices.net` */
    readonly hostName?: string;
    /** Whether the hub refuses every shared access key. Default false. */
    readonly disableLocalAuth?: boolean | null;
    readonly eventHubEndpoints?: {
      readonly events?: {
        /** `sb://NAMESPACE.servicebus.windows.net/` */
        readonly endpoint?: string;
        /** The Event Hubs-compatible name. */
        readonly path?: string;
        readonly retentionTimeInDays?: number;
      };
    };
  };
}
