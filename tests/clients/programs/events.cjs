/**
 * Reads a hub's events with @azure/event-hubs until COUNT have come; prints them as JSON.
 * Arguments: connection string of the built-in endpoint, how many events, transport (amqp, websockets).
 */
const { EventHubConsumerClient, earliestEventPosition } = require("@azure/event-hubs");

const [connectionString, count, transport] = process.argv.slice(2);

function options() {
  if (transport !== "websockets") return {};
  const { HttpsProxyAgent } = require("https-proxy-agent");
  const { WebSocket } = require("ws");
  const agent = new HttpsProxyAgent(process.env.HTTPS_PROXY);
  return { webSocketOptions: { webSocket: WebSocket, webSocketConstructorOptions: { agent } } };
}

async function main() {
  const client = new EventHubConsumerClient("$Default", connectionString, options());
  const events = [];
  await new Promise((done, fail) => {
    client.subscribe(
      {
        async processEvents(received, { partitionId: partition }) {
          for (const { body, properties, systemProperties, sequenceNumber, offset } of received) {
            const device = systemProperties["iothub-connection-device-id"];
            events.push({ partition, sequenceNumber, offset, body, device, properties });
          }
          if (events.length >= Number(count)) done();
        },
        async processError(error) {
          fail(error);
        },
      },
      { startPosition: earliestEventPosition, maxWaitTimeInSeconds: 1 },
    );
  });
  const partitions = await client.getPartitionIds();
  await client.close();
  process.stdout.write(JSON.stringify({ partitions, events }));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
