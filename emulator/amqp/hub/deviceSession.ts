import { string_to_uuid, types } from "rhea";
import { textOrEmpty } from "../../../azure/wire/jsonObject";
import type { ClientKey } from "../../hub/connections/clientKey";
import type { Connection } from "../../hub/connections/connectionRegistry";
import type { DeviceApi } from "../../hub/deviceApi";
import type { AuthenticatedDevice } from "../../hub/devices/authenticateDevice";
import { BATCH_LIMIT } from "../../hub/events/telemetryWriter";
import { deviceBoundSource } from "../../hub/messages/deviceBoundSource";
import type { AdmitOperation } from "../../kernel/callOperation";
import type { Request } from "../../kernel/operation";
import { parseJson } from "../../kernel/parseJson";
import { AmqpError, CONDITION } from "../amqpErrors";
import type { IncomingLink, OutgoingLink } from "../amqpLinks";
import { type AmqpMessage, dataBody } from "../amqpMessage";
import { pumpLink } from "../pumpLink";
import { ReplyQueue } from "../requestNode";
import { idText } from "./idText";
import { bytesOf, deviceBoundMessage, telemetryOf } from "./messageFields";

/** What a session depends on. */
export interface DeviceSessionDependencies {
  readonly devices: DeviceApi;
  readonly admit: AdmitOperation;
}

const DESIRED = "/notifications/twin/properties/desired";
const REPORTED = "/properties/reported";

const annotationsOf = (message: AmqpMessage): Readonly<Record<string, unknown>> =>
  (message.message_annotations ?? {}) as Readonly<Record<string, unknown>>;

/** Parses the JSON of a message; null for an empty one. Throws SyntaxError. */
function jsonOf(message: AmqpMessage): unknown {
  const bytes = bytesOf(message);
  return bytes.toString("utf8").trim() === "" ? null : parseJson(bytes);
}

const json = (value: unknown): unknown => dataBody(Buffer.from(value === undefined ? "" : JSON.stringify(value)));

/**
 * A device or module on one AMQP connection, from its first link to its last: telemetry, cloud-to-device messages, direct
 * methods and twin. Sources: the links of azure-iot-device-amqp (Node) and of the .NET SDK.
 */
export class DeviceSession {
  readonly #connection: Connection;
  readonly #links = new Set<IncomingLink | OutgoingLink>();
  #twinReplies: ReplyQueue | undefined;

  constructor(
    client: ClientKey,
    private readonly deps: DeviceSessionDependencies,
    private readonly closed: () => void,
  ) {
    this.#connection = deps.devices.connections.open(client, {
      end: (reason) => this.end(new AmqpError(CONDITION.stolen, reason)),
    });
  }

  /** Ends all links. */
  end(error: AmqpError): void {
    for (const link of [...this.#links]) link.close(error);
  }

  #add(link: IncomingLink | OutgoingLink): void {
    this.#links.add(link);
    link.onClosed(() => {
      this.#links.delete(link);
      if (this.#links.size > 0) return;
      this.deps.devices.connections.close(this.#connection);
      this.closed();
    });
  }

  /** The client sends telemetry. `request` is one that sends a message, without the message. */
  telemetry(link: IncomingLink, sender: AuthenticatedDevice, request: Request): void {
    this.#add(link);
    const operation = sender.module === undefined ? "Device_SendDeviceEvent" : "Device_SendModuleEvent";
    const send = async (messages: readonly AmqpMessage[]) => {
      await this.deps.admit(operation, request);
      await this.deps.devices.send(sender, messages.map(telemetryOf));
    };
    link.receive((message) => send([message]), { most: BATCH_LIMIT, take: send });
  }

  /** The client receives cloud-to-device messages: it accepts, rejects or releases each. */
  deviceBound(link: OutgoingLink): void {
    this.#add(link);
    const { messages, change } = this.deps.devices;
    pumpLink(link, deviceBoundSource(this.#connection.client, messages, change), deviceBoundMessage);
  }

  /** The client receives calls of direct methods. */
  methodCalls(link: OutgoingLink): void {
    this.#add(link);
    const calls = new ReplyQueue(link);
    const receive: Connection["receiveMethods"] = ({ requestId, name, payload }) =>
      calls.push({
        correlation_id: types.wrap_uuid(string_to_uuid(requestId)),
        application_properties: { "IoThub-methodname": name },
        body: json(payload),
      } as unknown as AmqpMessage);
    this.#connection.receiveMethods = receive;
    link.onClosed(() => {
      if (this.#connection.receiveMethods === receive) this.#connection.receiveMethods = undefined;
    });
  }

  /** The client responds to calls of direct methods. */
  methodResponses(link: IncomingLink): void {
    this.#add(link);
    const { methods } = this.deps.devices;
    link.receive((message) => {
      const requestId = idText(message.correlation_id) ?? "";
      const given = (message.application_properties as Record<string, unknown> | undefined)?.["IoThub-status"];
      const status = typeof given === "object" ? Number.NaN : Number(given);
      if (!Number.isInteger(status)) throw new AmqpError(CONDITION.argument, "IoThub-status is no integer");
      try {
        methods.respond(this.#connection, requestId, { status, payload: jsonOf(message) });
      } catch {
        methods.refuse(this.#connection, requestId);
      }
    });
  }

  /** The client receives responses of its twin, and patches of desired properties. */
  twinResponses(link: OutgoingLink): void {
    this.#add(link);
    const replies = new ReplyQueue(link);
    this.#twinReplies = replies;
    link.onClosed(() => {
      // A newer link may have replaced it.
      if (this.#twinReplies !== replies) return;
      this.#twinReplies = undefined;
      this.#connection.receiveDesired = undefined;
    });
  }

  /** The client reads its twin, patches reported properties, and subscribes to desired ones. */
  twinRequests(link: IncomingLink): void {
    this.#add(link);
    link.receive(async (message) => {
      const { operation, resource } = annotationsOf(message);
      const { status, version, body } = await this.#twin(
        `${textOrEmpty(operation)} ${textOrEmpty(resource)}`,
        message,
      ).catch((error: unknown) => {
        const wire = this.deps.devices.errorBody(error);
        if (!wire) throw error;
        return { status: wire.status, version: undefined, body: wire.body };
      });
      this.#twinReplies?.push({
        correlation_id: message.correlation_id,
        message_annotations: {
          status: types.wrap_int(status),
          ...(version === undefined ? {} : { version: types.wrap_long(version) }),
        },
        body: json(body),
      } as unknown as AmqpMessage);
    });
  }

  async #twin(
    request: string,
    message: AmqpMessage,
  ): Promise<{ readonly status: number; readonly version?: number; readonly body?: unknown }> {
    const { devices } = this.deps;
    const { client } = this.#connection;
    switch (request) {
      case "GET ":
      case "GET /":
        return { status: 200, body: devices.twin(client) };
      case `PATCH ${REPORTED}`:
        return { status: 200, version: await devices.patchReported(client, jsonOf(message)) };
      case `PUT ${DESIRED}`:
        this.#connection.receiveDesired = ({ patch, version }) =>
          this.#twinReplies?.push({ body: json({ ...patch, $version: version }) } as unknown as AmqpMessage);
        return { status: 200 };
      case `DELETE ${DESIRED}`:
        this.#connection.receiveDesired = undefined;
        return { status: 200 };
      default:
        throw new AmqpError(CONDITION.notImplemented, `a twin has no operation ${request}`);
    }
  }
}
