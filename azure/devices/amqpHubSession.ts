/** A device's connection to its hub over AMQP. Source: azure-iot-device-amqp of Azure's SDK for Node. */
import { randomUUID } from "node:crypto";
import { type Message, type Sender, types } from "rhea";
import { API_VERSIONS } from "../apiVersions";
import { AzureError } from "../clients/azureError";
import { isObject } from "../wire/jsonObject";
import { type AmqpConnection, bytesOf, dataBody } from "./amqpConnection";
import { type DeviceTwin, explained, type HubListener, type HubSession } from "./device";
import { PendingResponses } from "./pendingResponses";

/** The address of a device. */
export const devicePath = (deviceId: string): string => `/devices/${encodeURIComponent(deviceId)}`;

/** A message of JSON. */
export const telemetryMessage = (message: unknown, messageId: string): Message => ({
  message_id: messageId,
  content_type: "application/json",
  content_encoding: "utf-8",
  body: dataBody(Buffer.from(JSON.stringify(message))),
});

const parseJson = (message: Message): unknown => {
  const text = bytesOf(message).toString("utf8").trim();
  return text === "" ? null : JSON.parse(text);
};

const objectOf = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {});

/** Both links of a node have the same channel. */
const channel = (node: "twin" | "methods") => ({
  "com.microsoft:api-version": API_VERSIONS.hubService,
  "com.microsoft:channel-correlation-id": `${node}:${randomUUID()}`,
});

/** What is malformed is left out: a hub sends none. */
function guarded(work: () => void): void {
  try {
    work();
  } catch {
    // Not JSON.
  }
}

export class AmqpHubSession implements HubSession {
  readonly broken: Promise<Error>;
  readonly #responses: PendingResponses<Message>;
  #twinSender: Promise<Sender> | undefined;
  #listener: HubListener | undefined;

  private constructor(
    private readonly amqp: AmqpConnection,
    private readonly telemetry: Sender,
    private readonly deviceId: string,
    private readonly explain: (error: unknown) => Error,
  ) {
    this.broken = amqp.broken.then(explain);
    this.#responses = new PendingResponses(amqp.broken, "no response of the twin in time");
  }

  /** Attaches the link of telemetry, at which the hub judges the device. `explain` makes AzureError of an error. */
  static async open(
    amqp: AmqpConnection,
    deviceId: string,
    explain: (error: unknown) => Error,
  ): Promise<AmqpHubSession> {
    const telemetry = await amqp.sender(`${devicePath(deviceId)}/messages/events`);
    return new AmqpHubSession(amqp, telemetry, deviceId, explain);
  }

  async send(message: unknown, messageId: string): Promise<"accepted"> {
    await explained(this.explain, () => this.amqp.send(this.telemetry, telemetryMessage(message, messageId)));
    return "accepted";
  }

  async listen(listener: HubListener): Promise<void> {
    this.#listener = listener;
    const path = devicePath(this.deviceId);
    await explained(this.explain, async () => {
      await this.#request("PUT", "/notifications/twin/properties/desired", " ");
      const properties = channel("methods");
      const responses = await this.amqp.sender(`${path}/methods/devicebound`, properties);
      await this.amqp.receiver(
        `${path}/methods/devicebound`,
        (message) => guarded(() => this.#method(message, listener, responses)),
        properties,
      );
      await this.amqp.receiver(`${path}/messages/devicebound`, (message) => {
        const given = objectOf(message.application_properties);
        const texts = Object.entries(given).map(([name, value]) => [name, String(value)] as const);
        guarded(() => listener.message(bytesOf(message), Object.fromEntries(texts)));
      });
    });
  }

  async twin(): Promise<DeviceTwin> {
    const { desired, reported } = objectOf(await explained(this.explain, () => this.#request("GET", undefined, " ")));
    return { desired: objectOf(desired), reported: objectOf(reported) };
  }

  async report(patch: Readonly<Record<string, unknown>>): Promise<void> {
    await explained(this.explain, () => this.#request("PATCH", "/properties/reported", JSON.stringify(patch)));
  }

  close(): Promise<void> {
    return this.amqp.close();
  }

  #method(message: Message, listener: HubListener, responses: Sender): void {
    const name = String(objectOf(message.application_properties)["IoThub-methodname"] ?? "");
    const { status, payload } = listener.method(name, parseJson(message));
    const id: unknown = message.correlation_id;
    const response = {
      correlation_id: Buffer.isBuffer(id) && id.length === 16 ? types.wrap_uuid(id) : id,
      application_properties: { "IoThub-status": types.wrap_int(status) },
      body: dataBody(Buffer.from(JSON.stringify(payload))),
    } as unknown as Message;
    // A connection that is broken has said so.
    this.amqp.send(responses, response).catch(() => undefined);
  }

  /** Attaches both links of the twin at the first request. */
  #twinLink(): Promise<Sender> {
    this.#twinSender ??= (async () => {
      const [path, properties] = [`${devicePath(this.deviceId)}/twin`, channel("twin")];
      await this.amqp.receiver(
        path,
        (message) => {
          const id = message.correlation_id;
          if (!this.#responses.settle(String(id), message) && (id === undefined || id === null))
            guarded(() => this.#listener?.desired(objectOf(parseJson(message))));
        },
        properties,
      );
      return this.amqp.sender(path, properties);
    })();
    return this.#twinSender;
  }

  async #request(operation: string, resource: string | undefined, body: string): Promise<unknown> {
    const sender = await this.#twinLink();
    const id = randomUUID();
    const message_annotations = resource === undefined ? { operation } : { operation, resource };
    const received = await this.#responses.request(id, () =>
      this.amqp.send(sender, { correlation_id: id, message_annotations, body: dataBody(Buffer.from(body)) }),
    );
    const status = Number(objectOf(received.message_annotations).status ?? 200);
    if (status >= 300) throw new AzureError("hub", `use the twin of device "${this.deviceId}"`, { status });
    return parseJson(received);
  }
}
