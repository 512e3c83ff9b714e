/**
 * A device over AMQP 1.0 and TLS, port 5671, by SASL EXTERNAL. Sources: azure-iot-provisioning-device-amqp and
 * azure-iot-device-amqp of Azure's SDK for Node.
 */
import { randomUUID } from "node:crypto";
import type { Message } from "rhea";
import { API_VERSIONS } from "../apiVersions";
import { AzureError, UnreachableError } from "../clients/azureError";
import type { DeviceCredentials } from "../clients/mutualTls";
import { AmqpConnection, AmqpRefusedError, bytesOf, dataBody } from "./amqpConnection";
import { AmqpHubSession, devicePath, telemetryMessage } from "./amqpHubSession";
import { type Device, explained } from "./device";
import { PendingResponses } from "./pendingResponses";
import { type AssignedRegistration, type DeviceOptions, type DeviceResponse, DeviceTask } from "./registration";
import { connectTls } from "./tlsConnection";

const PORT = 5671;

/** How a device reaches Azure over AMQP. */
export interface AmqpDeviceOptions extends DeviceOptions {
  /** Where the proxy is named. Default: of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

/** HTTP's status by AMQP's condition. Source: azure-iot-sdk-csharp, `AmqpErrorMapper`. */
const STATUSES: Readonly<Record<string, number>> = {
  "amqp:unauthorized-access": 401,
  "amqp:not-found": 404,
  "amqp:not-allowed": 403,
  "amqp:resource-limit-exceeded": 403,
  "amqp:precondition-failed": 412,
  "amqp:link:message-size-exceeded": 413,
  "com.microsoft:device-container-throttled": 429,
  "amqp:internal-error": 500,
  "com.microsoft:timeout": 504,
};

const statusOf = ({ condition }: AmqpRefusedError): number => STATUSES[condition] ?? 400;

/** Codes of a hub that follow from the status. */
const HUB_CODES: Readonly<Record<number, string>> = { 401: "401002", 404: "404001", 429: "429001" };

function refusalOf(service: "dpsDevice" | "hub", operation: string, error: unknown, host: string): Error {
  if (error instanceof AzureError || error instanceof UnreachableError) return error;
  if (!(error instanceof AmqpRefusedError)) return new UnreachableError(operation, host, error);
  const status = statusOf(error);
  const code = service === "hub" ? HUB_CODES[status] : undefined;
  return new AzureError(service, operation, { status, code, said: error.message.slice(0, 500) });
}

/** Registers and sends single messages, each over a connection of its own. */
export class AmqpDevice implements Device {
  constructor(
    private readonly credentials: DeviceCredentials,
    private readonly options: AmqpDeviceOptions = {},
  ) {}

  async register(globalEndpoint: string, idScope: string, registrationId: string): Promise<AssignedRegistration> {
    const task = new DeviceTask("dpsDevice", `register device "${registrationId}"`, this.options);
    return this.#connected("dpsDevice", task.operation, globalEndpoint, async (amqp) => {
      const request = await registrationLink(amqp, `${idScope}/registrations/${encodeURIComponent(registrationId)}`);
      const body = JSON.stringify({ registrationId });
      return await task.register({
        register: () => request({ "iotdps-operation-type": "iotdps-register" }, body),
        status: (operationId) =>
          request({ "iotdps-operation-type": "iotdps-get-operationstatus", "iotdps-operation-id": operationId }, ""),
      });
    });
  }

  async sendTelemetry(hubHost: string, deviceId: string, message: unknown, messageId: string): Promise<"accepted"> {
    const operation = `send telemetry of device "${deviceId}"`;
    return this.#connected<"accepted">("hub", operation, hubHost, async (amqp) => {
      const sender = await amqp.sender(`${devicePath(deviceId)}/messages/events`);
      await amqp.send(sender, telemetryMessage(message, messageId));
      return "accepted";
    });
  }

  /** Connects to a hub and stays there. */
  async connect(hubHost: string, deviceId: string): Promise<AmqpHubSession> {
    const operation = `connect device "${deviceId}"`;
    const explain = (error: unknown) => refusalOf("hub", operation, error, hubHost);
    return explained(explain, async () => {
      const amqp = await this.#open(hubHost);
      try {
        return await AmqpHubSession.open(amqp, deviceId, explain);
      } catch (error) {
        await amqp.close();
        throw error;
      }
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #open(host: string): Promise<AmqpConnection> {
    const socket = await connectTls(host, PORT, this.credentials, this.options.env);
    return AmqpConnection.open(socket, host, this.credentials.certificateChain);
  }

  async #connected<R>(
    service: "dpsDevice" | "hub",
    operation: string,
    host: string,
    work: (amqp: AmqpConnection) => Promise<R>,
  ): Promise<R> {
    const explain = (error: unknown) => refusalOf(service, operation, error, host);
    return explained(explain, async () => {
      const amqp = await this.#open(host);
      try {
        return await work(amqp);
      } finally {
        await amqp.close();
      }
    });
  }
}

type RegistrationLink = (properties: Readonly<Record<string, string>>, body: string) => Promise<DeviceResponse>;

/** Requests to DPS, matched with their responses by correlation ID. A refusal comes as a rejected message with Azure's error. */
async function registrationLink(amqp: AmqpConnection, address: string): Promise<RegistrationLink> {
  const responses = new PendingResponses<Message>(amqp.broken, "no response in time");
  const properties = { "com.microsoft:api-version": API_VERSIONS.dpsDevice };
  await amqp.receiver(address, (message) => responses.settle(String(message.correlation_id), message), properties);
  const sender = await amqp.sender(address, properties);
  return async (applicationProperties, body) => {
    const correlationId = randomUUID();
    try {
      const send = () =>
        amqp.send(sender, {
          correlation_id: correlationId,
          application_properties: applicationProperties,
          body: dataBody(Buffer.from(body)),
        });
      return responseOf(await responses.request(correlationId, send));
    } catch (error) {
      if (!(error instanceof AmqpRefusedError)) throw error;
      return refusedResponse(error);
    }
  };
}

function responseOf(message: Message): DeviceResponse {
  const retryAfter = (message.application_properties as Record<string, unknown> | undefined)?.["retry-after"];
  const headers = retryAfter === undefined ? undefined : { "retry-after": String(retryAfter) };
  return { status: 200, headers: headers ?? {}, text: bytesOf(message).toString("utf8") };
}

/** The description has Azure's error as JSON; the first three digits of its code are the status. */
function refusedResponse(error: AmqpRefusedError): DeviceResponse {
  const [, digits] = /"errorCode"\s*:\s*(\d{3})\d{3}/.exec(error.description) ?? [];
  const retryAfter = error.info["retry-after"];
  return {
    status: digits === undefined ? statusOf(error) : Number(digits),
    headers: retryAfter === undefined ? {} : { "retry-after": String(retryAfter) },
    text: digits === undefined ? JSON.stringify({ message: error.message }) : error.description,
  };
}
