/**
 * Reads messages of devices back from the built-in, Event Hubs-compatible endpoint of a hub, by Azure's own client, over WebSocket
 * at port 443: the port that ARM needs, too, and proxies let through.
 */
import { isObject } from "../wire/jsonObject";
import { proxyFor } from "./mutualTls";

/** The built-in endpoint of a hub with what opens it. */
export interface EventsEndpoint {
  /** `sb://NAMESPACE.servicebus.windows.net/` */
  readonly endpoint: string;
  /** The Event Hubs-compatible name. */
  readonly path: string;
  readonly consumerGroup: string;
  /** Shared access policy with ServiceConnect. */
  readonly policy: string;
  readonly key: string;
}

/** A message that a hub accepted. */
export interface SentMessage {
  readonly deviceId: string;
  readonly messageId: string;
  /** ISO 8601. */
  readonly sentAt: string;
}

/** A message as the endpoint has it. */
export interface ReadMessage {
  readonly deviceId: string;
  readonly messageId: string;
  readonly partition: string;
  readonly sequenceNumber: number;
  /** ISO 8601. */
  readonly enqueuedTime: string;
}

/** What came until all messages were read, or the time was over. */
export interface EventsReading {
  readonly messages: readonly ReadMessage[];
  readonly partitions: readonly string[];
  /** All events that were looked at. */
  readonly seen: number;
  /** The last error from which the client recovered, or tried to. */
  readonly lastError?: string;
}

/** Thrown if the endpoint refuses to be read. */
export class EventsError extends Error {
  override readonly name = "EventsError";

  /** `code` is that of `@azure/event-hubs`, for example `UnauthorizedError`. */
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** By how much the clocks of this machine and of the hub may differ, in milliseconds. */
const CLOCK_SKEW_MS = 300_000;
/** How many events the client hands over at a time. */
const BATCH = 100;

type EventHubs = typeof import("@azure/event-hubs");
type Client = InstanceType<EventHubs["EventHubConsumerClient"]>;

function loadClient(): EventHubs {
  try {
    return require("@azure/event-hubs") as EventHubs;
  } catch {
    throw new EventsError(
      "ModuleNotFound",
      "Reading a hub's events needs @azure/event-hubs.\n  To fix: npm install @azure/event-hubs",
    );
  }
}

/** How the endpoint is read. */
export interface ReadOptions {
  readonly timeoutMs: number;
  /** Where the proxy is named. Default: of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** PEM of the roots by which the server is checked. Default: Node's, and those of NODE_EXTRA_CA_CERTS at its start. */
  readonly ca?: string;
}

function connect(
  { endpoint, path, consumerGroup, policy, key }: EventsEndpoint,
  { env = process.env, ca }: ReadOptions,
): Client {
  const { EventHubConsumerClient } = loadClient();
  const { WebSocket } = require("ws") as typeof import("ws");
  const proxy = proxyFor(new URL(endpoint.replace(/^sb:/, "https:")).hostname, env);
  const { HttpsProxyAgent } = require("https-proxy-agent") as typeof import("https-proxy-agent");
  const agent = proxy === undefined ? undefined : new HttpsProxyAgent(proxy);
  const connection = `Endpoint=${endpoint};SharedAccessKeyName=${policy};SharedAccessKey=${key};EntityPath=${path}`;
  return new EventHubConsumerClient(consumerGroup, connection, {
    webSocketOptions: { webSocket: WebSocket, webSocketConstructorOptions: { agent, ca } },
    retryOptions: { maxRetries: 2, retryDelayInMs: 1000, timeoutInMs: 20_000 },
  });
}

/** What an error says, in one line, without the key. */
function messageOf(error: unknown, { key }: EventsEndpoint): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split("\n")[0] ?? "").replaceAll(key, "***").slice(0, 300);
}

const codeOf = (error: unknown): string =>
  isObject(error) && typeof error.code === "string" ? error.code : error instanceof Error ? error.name : "";

const keyOf = ({ deviceId, messageId }: Pick<SentMessage, "deviceId" | "messageId">): string =>
  JSON.stringify([deviceId, messageId]);

/**
 * Reads all partitions from shortly before the messages were sent, until each of them has come, or `timeoutMs` are over, which is
 * no error. Throws EventsError if the endpoint refuses.
 */
export async function readMessages(
  endpoint: EventsEndpoint,
  sent: readonly SentMessage[],
  options: ReadOptions,
): Promise<EventsReading> {
  const awaited = new Set(sent.map(keyOf));
  const messages: ReadMessage[] = [];
  let [partitions, seen, lastError]: [readonly string[], number, string | undefined] = [[], 0, undefined];
  const enqueuedOn = Math.min(...sent.map(({ sentAt }) => Date.parse(sentAt))) - CLOCK_SKEW_MS;
  const client = connect(endpoint, options);
  const refused = (given: unknown): EventsError => {
    // The client collects the errors of its attempts.
    const error: unknown = given instanceof AggregateError ? given.errors.at(-1) : given;
    return new EventsError(codeOf(error), messageOf(error, endpoint));
  };
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<void>((done) => {
    timer = setTimeout(done, options.timeoutMs);
  });
  const reading = async (): Promise<void> => {
    partitions = await client.getPartitionIds();
    await new Promise<void>((done, fail) => {
      for (const partition of partitions) {
        client.subscribe(
          partition,
          {
            async processEvents(events) {
              seen += events.length;
              for (const { messageId, systemProperties, sequenceNumber, enqueuedTimeUtc } of events) {
                const deviceId = String(systemProperties?.["iothub-connection-device-id"] ?? "");
                const message = { deviceId, messageId: String(messageId ?? "") };
                if (!awaited.delete(keyOf(message))) continue;
                messages.push({ ...message, partition, sequenceNumber, enqueuedTime: enqueuedTimeUtc.toISOString() });
              }
              if (awaited.size === 0) done();
            },
            async processError(error) {
              lastError = messageOf(error, endpoint);
              if ((error as { readonly retryable?: boolean }).retryable !== true) fail(error);
            },
          },
          { startPosition: { enqueuedOn, isInclusive: true }, maxBatchSize: BATCH, maxWaitTimeInSeconds: 1 },
        );
      }
    });
  };
  try {
    await Promise.race([reading(), timeIsUp]);
    return { messages, partitions, seen, lastError };
  } catch (error) {
    throw refused(error);
  } finally {
    clearTimeout(timer);
    await client.close().catch(() => undefined);
  }
}
