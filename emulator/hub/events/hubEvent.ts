/** A device-to-cloud event as the control listener returns it. */
export interface HubEvent {
  /** Rises from event to event; unique within the local Azure, with gaps. */
  readonly sequenceNumber: number;
  readonly deviceId: string;
  /** ISO 8601. */
  readonly enqueuedTimeUtc: string;
  readonly partitionId: string;
  readonly systemProperties: Readonly<Record<string, string>>;
  /** Application properties. */
  readonly properties: Readonly<Record<string, string>>;
  /** JSON where the event says it is JSON; else text where it is UTF-8; else `{ base64 }`. */
  readonly body: unknown;
}

/** An event to store. */
export interface EventDraft extends Pick<HubEvent, "deviceId" | "systemProperties" | "properties"> {
  readonly partitionId: number;
  readonly body: Buffer;
}

/** An event as the Event Hubs-compatible endpoint sends it. */
export interface PartitionEvent extends Pick<HubEvent, "deviceId" | "systemProperties" | "properties"> {
  /** Rises by one from event to event of the partition, from 0. */
  readonly sequenceNumber: number;
  /** Rises from event to event of the partition. */
  readonly offset: number;
  readonly enqueued: Date;
  readonly body: Buffer;
}
