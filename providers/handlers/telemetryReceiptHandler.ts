/**
 * Handler of TelemetryReceipt: reads the messages of devices back from the built-in endpoint of their hub. The endpoint accepts
 * shared access keys only (docs/decisions/0038), so the key is fetched for each reading, and is in no input and no output.
 */
import { EventsError, type EventsReading, type SentMessage } from "../../azure/clients/eventsReader";
import type { IotHubBody } from "../../azure/wire/iotHub";
import { isObject } from "../../azure/wire/jsonObject";
import type { AzureGateway } from "./resource/azureGateway";
import { checkFields, diffFields, type Fields, pickFields, text, UNKNOWN, whole } from "./resource/fields";
import type { Handler, Props } from "./resource/handler";

type Gateway = Pick<AzureGateway, "iotHub" | "readMessages" | "now" | "log">;

/** A device's message as inputs have it. */
interface Message {
  readonly deviceId: string;
  readonly assignedHub: string;
  readonly messageId?: string;
  readonly sentAt?: string;
}

type Receipt = Readonly<Record<string, unknown>>;

const isMessage = (value: unknown): boolean =>
  value === UNKNOWN || (isObject(value) && typeof value.deviceId === "string" && typeof value.assignedHub === "string");

const messagesError = (value: unknown): string | undefined =>
  Array.isArray(value) && value.every(isMessage)
    ? undefined
    : "must be a list of messages, each with deviceId and assignedHub";

export const FIELDS: Fields = {
  hubId: { isRequired: true, onChange: "replaceWithParent" },
  messages: { isRequired: true, validate: messagesError },
  consumerGroup: { default: "$Default", onChange: "ignore" },
  policy: { default: "service", onChange: "ignore" },
  timeoutSeconds: { default: 120, onChange: "ignore", validate: whole(1, 3600) },
};

const messagesOf = (props: Props): readonly Message[] =>
  Array.isArray(props.messages) ? (props.messages as Message[]) : [];

const DAY_MS = 86_400_000;

/** Why a message cannot be read back; undefined for one that can. */
function obstacle(message: Message, hub: IotHubBody, now: Date): string | undefined {
  const { hostName = "", disableLocalAuth, eventHubEndpoints } = hub.properties;
  const days = eventHubEndpoints?.events?.retentionTimeInDays ?? 1;
  if (message.sentAt === undefined) return "the device has sent no message";
  if (message.messageId === undefined) return "the message was sent by an older version, without a message ID";
  if (message.assignedHub.toLowerCase() !== hostName.toLowerCase()) return `the device is in ${message.assignedHub}`;
  if (disableLocalAuth === true)
    return "the hub's built-in endpoint accepts shared access keys only, and localAuth is off";
  const isExpired = now.getTime() - Date.parse(message.sentAt) > days * DAY_MS;
  return isExpired ? `the hub keeps events for ${days === 1 ? "a day" : `${days} days`}, and it is older` : undefined;
}

const isSent = (message: Message): message is Message & SentMessage =>
  message.messageId !== undefined && message.sentAt !== undefined;

const REMEDIES: Readonly<Record<string, string>> = {
  UnauthorizedError: "check that the policy has the right ServiceConnect, then run `pulumi up` again.",
  ReceiverDisconnectedError:
    "another reader owns the consumer group: give the receipt its own (consumerGroup), then run `pulumi up` again.",
  QuotaExceededError:
    "the consumer group has its five readers: give the receipt its own (consumerGroup), then run `pulumi up` again.",
  MessagingEntityNotFoundError: "create the consumer group in the hub, then run `pulumi up` again.",
};

const ANY_REMEDY = "check the network to the endpoint (WebSocket, port 443), then run `pulumi up` again.";

const hubName = (inputs: Props): string => text(inputs, "hubId").split("/").at(-1) ?? "";

/** Fetches the key and reads. Throws an Error with a remedy. */
async function read(gateway: Gateway, inputs: Props, hub: IotHubBody, sent: SentMessage[]): Promise<EventsReading> {
  const [policy, consumerGroup] = [text(inputs, "policy"), text(inputs, "consumerGroup")];
  const { endpoint, path } = hub.properties.eventHubEndpoints?.events ?? {};
  if (endpoint === undefined || path === undefined)
    throw new Error(`Hub "${hubName(inputs)}" has no built-in endpoint.`);
  const key = await gateway.iotHub(text(inputs, "hubId")).primaryKey(policy);
  if (key === undefined) {
    throw new Error(
      `Hub "${hubName(inputs)}" has no shared access policy "${policy}" to read its events by.\n` +
        "  To fix: create it with the right ServiceConnect, or name another one (policy).",
    );
  }
  try {
    return await gateway.readMessages({ endpoint, path, consumerGroup, policy, key }, sent, {
      timeoutMs: Number(inputs.timeoutSeconds) * 1000,
    });
  } catch (error) {
    if (!(error instanceof EventsError)) throw error;
    if (error.message.includes("To fix:")) throw error;
    throw new Error(
      `Could not read the events of hub "${hubName(inputs)}" at ${endpoint}, consumer group ${consumerGroup}: ` +
        `${error.code}: ${error.message}\n  To fix: ${REMEDIES[error.code] ?? ANY_REMEDY}`,
    );
  }
}

/** The error of messages that did not come. */
function missingError(inputs: Props, missing: readonly SentMessage[], { partitions, seen, lastError }: EventsReading) {
  const names = missing.map(({ deviceId, messageId }) => `${deviceId} (message ID ${messageId})`).join(", ");
  const where = partitions.length === 0 ? "no partition yet" : `partitions ${partitions.join(", ")}`;
  return new Error(
    `The message of ${names} was accepted by hub "${hubName(inputs)}", and did not come out of its built-in endpoint ` +
      `within ${inputs.timeoutSeconds} seconds (consumer group ${inputs.consumerGroup}, ${where}, ${seen} events seen` +
      `${lastError === undefined ? "" : `, last error: ${lastError}`}).\n` +
      "  To fix: run `pulumi up` again, which goes on reading. If a route of the hub sends messages of devices to another " +
      "endpoint, add a route to `events`, or leave out the receipt (receiptConsumerGroup, or no TelemetryReceipt).",
  );
}

/** Reads what `olds` has no receipt for. */
async function receiptsOf(gateway: Gateway, inputs: Props, olds: Props): Promise<Receipt[]> {
  const messages = messagesOf(inputs);
  const known = new Map<string, Receipt>(
    (Array.isArray(olds.receipts) ? (olds.receipts as Receipt[]) : [])
      .filter(({ status }) => status === "received")
      .map((receipt) => [`${receipt.deviceId} ${receipt.messageId}`, receipt] as const),
  );
  const of = ({ deviceId, messageId }: Message) => known.get(`${deviceId} ${messageId}`);
  const others = messages.filter((message) => of(message) === undefined);
  if (others.length === 0) return messages.map((message) => of(message) ?? {});
  const hub = await gateway.iotHub(text(inputs, "hubId")).get();
  if (hub === undefined) {
    const remedy = "run `pulumi refresh`, then `pulumi up`";
    throw new Error(`There is no hub "${hubName(inputs)}" to read messages back from.\n  To fix: ${remedy}.`);
  }
  const obstacles = new Map(others.map((message) => [message, obstacle(message, hub, gateway.now())]));
  for (const [{ deviceId, sentAt }, reason] of obstacles) {
    if (reason !== undefined && sentAt !== undefined)
      gateway.log(`The message of device "${deviceId}" is not read back: ${reason}. The hub has accepted it.`);
  }
  const sent = others.filter((message) => obstacles.get(message) === undefined).filter(isSent);
  const reading = sent.length === 0 ? undefined : await read(gateway, inputs, hub, sent);
  for (const { deviceId, messageId, ...place } of reading?.messages ?? [])
    known.set(`${deviceId} ${messageId}`, { deviceId, messageId, status: "received", ...place });
  const missing = sent.filter((message) => of(message) === undefined);
  if (reading !== undefined && missing.length > 0) throw missingError(inputs, missing, reading);
  return messages.map(
    (message): Receipt =>
      of(message) ?? { deviceId: message.deviceId, status: "unread", reason: obstacles.get(message) },
  );
}

async function outputsOf(gateway: Gateway, inputs: Props, olds: Props): Promise<Record<string, unknown>> {
  return { ...pickFields(FIELDS, inputs), receipts: await receiptsOf(gateway, inputs, olds) };
}

/** The handler. It makes nothing in Azure. */
export const handler = (gateway: Gateway): Handler => ({
  async check(_olds, news) {
    return checkFields(FIELDS, news);
  },
  async diff(_id, olds, news) {
    const result = diffFields(FIELDS, olds, news);
    return { ...result, changes: result.changes || olds.receipts === undefined };
  },
  async create(inputs) {
    return { id: `${text(inputs, "hubId")}/receipt`, outs: await outputsOf(gateway, inputs, {}) };
  },
  async read(id, props) {
    return { id, props: { ...props } };
  },
  async update(_id, olds, news) {
    return { outs: await outputsOf(gateway, news, olds) };
  },
  async delete() {},
});
