import { type ClientKey, clientPath } from "../../hub/connections/clientKey";
import type { Connection } from "../../hub/connections/connectionRegistry";
import type { DeviceApi } from "../../hub/deviceApi";
import type { AuthenticatedDevice } from "../../hub/devices/authenticateDevice";
import type { Message } from "../../hub/events/telemetryWriter";
import type { DeviceBoundMessage } from "../../hub/messages/cloudToDeviceQueue";
import { DeliveryPump } from "../../hub/messages/deliveryPump";
import { deviceBoundSource } from "../../hub/messages/deviceBoundSource";
import type { AdmitOperation } from "../../kernel/callOperation";
import type { Request } from "../../kernel/operation";
import { parseJson } from "../../kernel/parseJson";
import type { MqttClient, MqttConnection, Publication } from "../mqttDependencies";
import {
  type ClientTopic,
  DESIRED_PATCHES,
  deviceBoundTopic,
  METHODS,
  messageOf,
  readTopic,
  TWIN_RESPONSES,
} from "./hubTopics";
import type { Property } from "./propertyBag";

const EXPIRED = "the shared access signature has expired";
/** Calls of methods that wait for their responses: more than a hub lets wait for one client. */
const MOST_CALLS = 1000;
/** The longest delay of a timer, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What a connection to a hub depends on. */
export interface HubConnectionDependencies {
  readonly devices: DeviceApi;
  readonly admit: AdmitOperation;
}

/**
 * A device's or module's connection to a hub: telemetry, twin, direct methods, cloud-to-device messages. Source: Azure
 * documentation "Communicate with an IoT hub using the MQTT protocol". Topics and filters that the hub does not have end the
 * connection (azure-iot-middleware-freertos#89).
 */
export class HubConnection implements MqttConnection {
  readonly kept: ReadonlyMap<string, number> | undefined;
  /** The filters that the hub keeps for a later connection, with their QoS. */
  readonly #session: Map<string, number>;
  readonly #path: string;
  /** Sends telemetry. */
  readonly #operation: string;
  readonly #pump: DeliveryPump<DeviceBoundMessage>;
  readonly #connection: Connection;
  readonly #filters: ReadonlyMap<string, (isOn: boolean) => void>;
  /** Calls of methods by the number that the client gets. */
  readonly #calls = new Map<string, string>();
  #lastCall = 0;
  readonly #expiry: number | undefined;
  readonly #expiryTimer: NodeJS.Timeout | undefined;
  /** The last topic of telemetry and what it means: most clients have one, whatever they send. */
  #last: { readonly topic: string; readonly message: Omit<Message, "body"> } | undefined;

  constructor(
    private readonly client: ClientKey,
    private readonly mqtt: MqttClient,
    private readonly sender: AuthenticatedDevice,
    /** A request of the client to send telemetry, without the message. */
    private readonly telemetry: Request,
    /** When the client's signature expires, in seconds since 1970; undefined for a certificate. */
    expiry: number | undefined,
    private readonly deps: HubConnectionDependencies,
  ) {
    const { devices } = deps;
    this.#path = clientPath(client);
    this.#operation = client.moduleId === undefined ? "Device_SendDeviceEvent" : "Device_SendModuleEvent";
    const deviceBound = `${this.#path}/messages/devicebound/#`;
    this.#pump = new DeliveryPump(deviceBoundSource(client, devices.messages, devices.change), {
      isReady: () => mqtt.reads(),
      // PUBACK completes a message; MQTT has no way to reject or abandon one.
      send: (message, settle) =>
        mqtt.send(deviceBound, {
          topic: deviceBoundTopic(this.#path, message),
          body: message.body,
          isRepeated: message.deliveries > 0,
          received: () => settle("completed"),
        }),
      fail: (error) => mqtt.end(`the queue of messages failed: ${String(error)}`),
    });
    this.#connection = devices.connections.open(client, { end: (reason) => mqtt.end(reason) });
    this.kept = devices.sessions.open(client, mqtt.isClean);
    this.#session = new Map(this.kept);
    this.#expiry = expiry;
    if (expiry !== undefined) {
      const ms = Math.min((expiry - devices.now()) * 1000, LONGEST_TIMER);
      this.#expiryTimer = setTimeout(() => mqtt.end(EXPIRED), ms).unref();
    }
    this.#filters = new Map<string, (isOn: boolean) => void>([
      [deviceBound, (isOn) => this.#receiveMessages(isOn)],
      ...(client.moduleId === undefined ? [] : moduleFilters(this.#path)),
      [TWIN_RESPONSES, () => undefined],
      [DESIRED_PATCHES, (isOn) => this.#receiveDesired(isOn)],
      [METHODS, (isOn) => this.#receiveMethods(isOn)],
    ]);
  }

  async subscribe(filter: string, qos: number): Promise<number> {
    if (!this.#filters.has(filter)) throw new Error(`the hub does not have the topic filter ${filter}`);
    if (this.mqtt.isClean || this.#session.get(filter) === qos) return qos;
    this.#session.set(filter, qos);
    await this.deps.devices.sessions.add(this.client, filter, qos);
    return qos;
  }

  subscribed(filter: string): void {
    this.#filters.get(filter)?.(true);
  }

  async unsubscribe(filter: string): Promise<void> {
    this.#filters.get(filter)?.(false);
    if (this.#session.delete(filter)) await this.deps.devices.sessions.remove(this.client, filter);
  }

  async receive(publication: Publication): Promise<void> {
    const { topic: name, body, retain } = publication;
    if (this.#last?.topic === name && !retain) return this.#send({ ...this.#last.message, body });
    const topic = readTopic(name, this.#path);
    switch (topic?.kind) {
      case "telemetry":
        return this.#sendTelemetry(publication, topic.properties);
      case "getTwin":
        return this.#reply(topic.requestId, async () => ({ status: 200, body: this.deps.devices.twin(this.client) }));
      case "patchReported":
        return this.#reply(topic.requestId, async () => {
          const version = await this.deps.devices.patchReported(this.client, jsonOf(body));
          return { status: 204, version };
        });
      case "methodResponse":
        this.#respond(topic, body);
        return;
      default:
        throw new Error(`the hub does not have the topic ${name}`);
    }
  }

  drained(): void {
    this.#pump.pump();
  }

  async closed(clean: boolean): Promise<void> {
    clearTimeout(this.#expiryTimer);
    this.deps.devices.connections.close(this.#connection);
    // At once: a newer connection of the client may send already.
    await Promise.all([this.#pump.stop(), clean ? undefined : this.#sendWill()]);
  }

  /** Sends the client's will, unless the hub ended the connection because the client may send no more: a guess. */
  async #sendWill(): Promise<void> {
    const { will } = this.mqtt;
    const topic = will && readTopic(will.topic, this.#path);
    if (topic?.kind !== "telemetry" || !this.deps.devices.isKnown(this.sender)) return;
    const more: readonly Property[] = [...retained(will?.retain === true), ["iothub-MessageType", "Will"]];
    await this.#send(messageOf([...topic.properties, ...more], will?.body ?? Buffer.alloc(0)));
  }

  #sendTelemetry({ topic, body, retain }: Publication, given: readonly Property[]): Promise<void> {
    const message = messageOf([...given, ...retained(retain)], body);
    const { system, properties } = message;
    if (!retain) this.#last = { topic, message: { system, properties } };
    return this.#send(message);
  }

  /** Resolves once the message is durable. */
  async #send(message: Message): Promise<void> {
    const { devices, admit } = this.deps;
    if (this.#expiry !== undefined && devices.now() >= this.#expiry) throw new Error(EXPIRED);
    const admitted = admit(this.#operation, this.telemetry);
    if (admitted) await admitted;
    await devices.send(this.sender, [message]);
  }

  /** Sends the outcome of a twin request, errors too. */
  async #reply(
    requestId: string,
    work: () => Promise<{ readonly status: number; readonly version?: number; readonly body?: object }>,
  ): Promise<void> {
    const { status, version, body } = await work().catch((error: unknown) => {
      const wire = this.deps.devices.errorBody(error);
      if (!wire) throw error;
      return { status: wire.status, version: undefined, body: wire.body };
    });
    const more = version === undefined ? "" : `&$version=${version}`;
    const topic = `$iothub/twin/res/${status}/?$rid=${requestId}${more}`;
    this.mqtt.send(TWIN_RESPONSES, { topic, body: body === undefined ? "" : JSON.stringify(body) });
  }

  #respond({ requestId, status }: ClientTopic & { readonly kind: "methodResponse" }, body: Buffer): void {
    const { methods } = this.deps.devices;
    const call = this.#calls.get(requestId);
    if (call === undefined) return;
    this.#calls.delete(requestId);
    try {
      methods.respond(this.#connection, call, { status, payload: jsonOf(body) });
    } catch {
      methods.refuse(this.#connection, call);
    }
  }

  /** Numbers a call: a connection counts its calls from 1 (azure-iot-cli-extension, `test_uamqp_device_messaging`). */
  #numbered(requestId: string): string {
    // Of calls without a response, which have timed out, the oldest is forgotten.
    const [oldest] = this.#calls.keys();
    if (oldest !== undefined && this.#calls.size >= MOST_CALLS) this.#calls.delete(oldest);
    this.#lastCall += 1;
    const number = String(this.#lastCall);
    this.#calls.set(number, requestId);
    return number;
  }

  #receiveMessages(isOn: boolean): void {
    if (isOn) this.#pump.start();
    else this.#pump.stop().catch(() => this.mqtt.end("the queue of messages failed"));
  }

  #receiveDesired(isOn: boolean): void {
    this.#connection.receiveDesired = isOn
      ? ({ patch, version }) => {
          const topic = `$iothub/twin/PATCH/properties/desired/?$version=${version}`;
          this.mqtt.send(DESIRED_PATCHES, { topic, body: JSON.stringify({ ...patch, $version: version }) });
        }
      : undefined;
  }

  #receiveMethods(isOn: boolean): void {
    this.#connection.receiveMethods = isOn
      ? ({ requestId, name, payload }) => {
          const topic = `$iothub/methods/POST/${encodeURIComponent(name)}/?$rid=${this.#numbered(requestId)}`;
          this.mqtt.send(METHODS, { topic, body: payload === undefined ? "" : JSON.stringify(payload) });
        }
      : undefined;
  }
}

/** Filters of modules, at which a hub sends nothing: inputs are the Edge runtime's. */
const moduleFilters = (path: string): [string, () => void][] =>
  [`${path}/#`, `${path}/inputs/#`].map((filter) => [filter, () => undefined]);

/** The application property that says that a message was to be retained, which the hub does not do. */
const retained = (retain: boolean): readonly Property[] => (retain ? [["mqtt-retain", "true"]] : []);

/** Parses the JSON of a message; null for an empty one. Throws SyntaxError. */
const jsonOf = (body: Buffer): unknown => (body.toString("utf8").trim() === "" ? null : parseJson(body));
