import { EventHubConsumerClient, earliestEventPosition, type ReceivedEventData } from "@azure/event-hubs";

/**
 * Reads all events of a hub's built-in endpoint with Azure's client, up to those that are there now; by partition, in order.
 * `connectionString`: that of the endpoint, with `UseDevelopmentEmulator=true` for AMQP without TLS.
 */
export async function readAllEvents(
  connectionString: string,
): Promise<ReadonlyMap<string, readonly ReceivedEventData[]>> {
  const client = new EventHubConsumerClient("$Default", connectionString, { retryOptions: { maxRetries: 1 } });
  try {
    const ids = await client.getPartitionIds();
    return new Map(await Promise.all(ids.map(async (id) => [id, await readPartition(client, id)] as const)));
  } finally {
    await client.close();
  }
}

async function readPartition(client: EventHubConsumerClient, id: string): Promise<readonly ReceivedEventData[]> {
  const { isEmpty, lastEnqueuedSequenceNumber: last } = await client.getPartitionProperties(id);
  const read: ReceivedEventData[] = [];
  if (isEmpty) return read;
  await new Promise<void>((done, fail) => {
    const handlers = {
      async processEvents(events: ReceivedEventData[]) {
        read.push(...events);
        if ((read.at(-1)?.sequenceNumber ?? -1) >= last) done();
      },
      async processError(error: Error) {
        fail(error);
      },
    };
    client.subscribe(id, handlers, { startPosition: earliestEventPosition, maxBatchSize: 500 });
  });
  return read;
}
