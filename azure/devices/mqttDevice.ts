/**
 * A device over MQTT and TLS, port 8883.
 * Sources: Azure documentation "Communicate with DPS using the MQTT protocol", "Communicate with an IoT hub using the MQTT
 * protocol".
 */
import { API_VERSIONS } from "../apiVersions";
import { AzureError, UnreachableError } from "../clients/azureError";
import type { DeviceCredentials } from "../clients/mutualTls";
import { type Device, explained } from "./device";
import { MqttConnection, type MqttIdentity, MqttRefusedError } from "./mqttConnection";
import { MqttHubSession, telemetryTopic } from "./mqttHubSession";
import { PendingResponses } from "./pendingResponses";
import { type AssignedRegistration, type DeviceOptions, type DeviceResponse, DeviceTask } from "./registration";
import { connectTls } from "./tlsConnection";

const PORT = 8883;
const RESPONSES = "$dps/registrations/res/";

/** How a device reaches Azure over MQTT. */
export interface MqttDeviceOptions extends DeviceOptions {
  /** Where the proxy is named. Default: of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

const refusalOf = (service: "dpsDevice" | "hub", operation: string, error: unknown, host: string): Error => {
  if (error instanceof AzureError || error instanceof UnreachableError) return error;
  if (!(error instanceof MqttRefusedError)) return new UnreachableError(operation, host, error);
  const isUnauthorized = error.code === 4 || error.code === 5;
  const status = isUnauthorized ? 401 : error.code === 3 ? 503 : 400;
  // MQTT 3.1.1 has no field for a reason: a hub refuses an unknown device as it does a wrong certificate.
  return new AzureError(service, operation, {
    status,
    code: isUnauthorized ? "401002" : undefined,
    said: error.message,
  });
};

/** Registers and sends single messages, each over a connection of its own. */
export class MqttDevice implements Device {
  constructor(
    private readonly credentials: DeviceCredentials,
    private readonly options: MqttDeviceOptions = {},
  ) {}

  async register(globalEndpoint: string, idScope: string, registrationId: string): Promise<AssignedRegistration> {
    const task = new DeviceTask("dpsDevice", `register device "${registrationId}"`, this.options);
    const username = `${idScope}/registrations/${registrationId}/api-version=${API_VERSIONS.dpsDevice}`;
    return this.#connected(
      "dpsDevice",
      task.operation,
      globalEndpoint,
      { clientId: registrationId, username },
      async (mqtt) => {
        const responses = new ResponseTopics(mqtt);
        await mqtt.subscribe(`${RESPONSES}#`);
        const put = (rid: string) => `$dps/registrations/PUT/iotdps-register/?$rid=${rid}`;
        const get = (rid: string, operationId: string) =>
          `$dps/registrations/GET/iotdps-get-operationstatus/?$rid=${rid}&operationId=${encodeURIComponent(operationId)}`;
        const registered = await task.register({
          register: () => responses.request(put, JSON.stringify({ registrationId })),
          status: (operationId) => responses.request((rid) => get(rid, operationId), " "),
        });
        return registered;
      },
    );
  }

  async sendTelemetry(hubHost: string, deviceId: string, message: unknown, messageId: string): Promise<"PUBACK"> {
    const operation = `send telemetry of device "${deviceId}"`;
    const topic = telemetryTopic(deviceId, messageId);
    return this.#connected<"PUBACK">("hub", operation, hubHost, hubIdentity(hubHost, deviceId), async (mqtt) => {
      await mqtt.publish(topic, JSON.stringify(message));
      return "PUBACK";
    });
  }

  /** Connects to a hub and stays there. */
  async connect(hubHost: string, deviceId: string): Promise<MqttHubSession> {
    const operation = `connect device "${deviceId}"`;
    const explain = (error: unknown) => refusalOf("hub", operation, error, hubHost);
    const mqtt = await explained(explain, () => this.#open(hubHost, hubIdentity(hubHost, deviceId)));
    return new MqttHubSession(mqtt, deviceId, explain);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #open(host: string, identity: MqttIdentity): Promise<MqttConnection> {
    return MqttConnection.open(await connectTls(host, PORT, this.credentials, this.options.env), identity);
  }

  async #connected<R>(
    service: "dpsDevice" | "hub",
    operation: string,
    host: string,
    identity: MqttIdentity,
    work: (mqtt: MqttConnection) => Promise<R>,
  ): Promise<R> {
    const explain = (error: unknown) => refusalOf(service, operation, error, host);
    return explained(explain, async () => {
      const mqtt = await this.#open(host, identity);
      try {
        return await work(mqtt);
      } finally {
        await mqtt.close();
      }
    });
  }
}

const hubIdentity = (hubHost: string, deviceId: string): MqttIdentity => ({
  clientId: deviceId,
  username: `${hubHost}/${deviceId}/?api-version=${API_VERSIONS.hubService}`,
});

/** Requests to DPS, matched with their responses by `$rid`. */
class ResponseTopics {
  readonly #responses: PendingResponses<DeviceResponse>;
  #last = 0;

  constructor(private readonly mqtt: MqttConnection) {
    this.#responses = new PendingResponses(mqtt.broken, "no response in time");
    mqtt.listener = (topic, payload) => {
      // $dps/registrations/res/{status}/?$rid={rid}&retry-after={seconds}
      const [, status, query = ""] = /^\$dps\/registrations\/res\/(\d+)\/\?(.*)$/.exec(topic) ?? [];
      const parameters = new URLSearchParams(query);
      const retryAfter = parameters.get("retry-after");
      this.#responses.settle(parameters.get("$rid") ?? "", {
        status: Number(status),
        headers: retryAfter === null ? {} : { "retry-after": retryAfter },
        text: payload.toString("utf8"),
      });
    };
  }

  request(topicOf: (rid: string) => string, payload: string): Promise<DeviceResponse> {
    this.#last += 1;
    const rid = String(this.#last);
    return this.#responses.request(rid, () => this.mqtt.publish(topicOf(rid), payload));
  }
}
