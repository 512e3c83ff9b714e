/** A device's connection to its hub over MQTT. Source: Azure documentation "Communicate with an IoT hub using the MQTT protocol". */

import { AzureError } from "../clients/azureError";
import { isObject } from "../wire/jsonObject";
import { type DeviceTwin, explained, type HubListener, type HubSession } from "./device";
import type { MqttConnection } from "./mqttConnection";
import { PendingResponses } from "./pendingResponses";

const TWIN_RESPONSES = "$iothub/twin/res/";
const DESIRED = "$iothub/twin/PATCH/properties/desired/";
const METHODS = "$iothub/methods/POST/";

/** The topic of a message of JSON. Throws AzureError for a device ID that no topic can have. */
export function telemetryTopic(deviceId: string, messageId: string): string {
  if (/[#+]/.test(deviceId)) {
    throw new AzureError("hub", `send telemetry of device "${deviceId}"`, {
      status: 400,
      code: "400004",
      said: "a topic of MQTT cannot have # or + in the device ID",
    });
  }
  const bag = `%24.mid=${encodeURIComponent(messageId)}&%24.ct=application%2Fjson&%24.ce=utf-8`;
  return `devices/${deviceId}/messages/events/${bag}`;
}

/** The properties of a topic, without the system's, which begin with `$`. */
function propertiesOf(bag: string): Record<string, string> {
  const pairs = bag.split("&").filter((pair) => pair !== "");
  const decoded = pairs.map((pair): [string, string] => {
    const at = pair.indexOf("=");
    const [name, value] = at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
    return [decodeURIComponent(name), decodeURIComponent(value)];
  });
  return Object.fromEntries(decoded.filter(([name]) => !name.startsWith("$")));
}

const parseJson = (payload: Buffer): unknown => {
  const text = payload.toString("utf8").trim();
  return text === "" ? null : JSON.parse(text);
};

const objectOf = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {});

interface TwinResponse {
  readonly status: number;
  readonly body: unknown;
}

export class MqttHubSession implements HubSession {
  readonly #responses: PendingResponses<TwinResponse>;
  readonly broken: Promise<Error>;
  #listener: HubListener | undefined;
  #lastRequest = 0;
  #hasResponses = false;

  /** `explain` makes AzureError of an error of the connection. */
  constructor(
    private readonly mqtt: MqttConnection,
    private readonly deviceId: string,
    private readonly explain: (error: unknown) => Error,
  ) {
    this.broken = mqtt.broken.then(explain);
    this.#responses = new PendingResponses(mqtt.broken, "no response of the twin in time");
    mqtt.listener = (topic, payload) => this.#receive(topic, payload);
  }

  async send(message: unknown, messageId: string): Promise<"PUBACK"> {
    const topic = telemetryTopic(this.deviceId, messageId);
    await explained(this.explain, () => this.mqtt.publish(topic, JSON.stringify(message)));
    return "PUBACK";
  }

  async listen(listener: HubListener): Promise<void> {
    this.#listener = listener;
    for (const filter of [`${DESIRED}#`, `${METHODS}#`, `devices/${this.deviceId}/messages/devicebound/#`])
      await explained(this.explain, () => this.mqtt.subscribe(filter));
  }

  async twin(): Promise<DeviceTwin> {
    const { desired, reported } = objectOf(await this.#request("$iothub/twin/GET/", " "));
    return { desired: objectOf(desired), reported: objectOf(reported) };
  }

  async report(patch: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#request("$iothub/twin/PATCH/properties/reported/", JSON.stringify(patch));
  }

  close(): Promise<void> {
    return this.mqtt.close();
  }

  /** A request to the twin; returns the body. Throws AzureError. */
  #request(topic: string, payload: string): Promise<unknown> {
    return explained(this.explain, async () => {
      if (!this.#hasResponses) await this.mqtt.subscribe(`${TWIN_RESPONSES}#`);
      this.#hasResponses = true;
      this.#lastRequest += 1;
      const rid = String(this.#lastRequest);
      const { status, body } = await this.#responses.request(rid, () =>
        this.mqtt.publish(`${topic}?$rid=${rid}`, payload),
      );
      if (status >= 300) throw new AzureError("hub", `use the twin of device "${this.deviceId}"`, { status });
      return body;
    });
  }

  /** What is malformed is left out: a hub sends none. */
  #receive(topic: string, payload: Buffer): void {
    try {
      this.#dispatch(topic, payload);
    } catch {
      // Not JSON, or not percent-encoded.
    }
  }

  #dispatch(topic: string, payload: Buffer): void {
    const deviceBound = `devices/${this.deviceId}/messages/devicebound/`;
    const [, status, query = ""] = /^\$iothub\/twin\/res\/(\d+)\/\?(.*)$/.exec(topic) ?? [];
    if (status !== undefined) {
      const body = parseJson(payload);
      this.#responses.settle(new URLSearchParams(query).get("$rid") ?? "", { status: Number(status), body });
    } else if (topic.startsWith(DESIRED)) {
      this.#listener?.desired(objectOf(parseJson(payload)));
    } else if (topic.startsWith(METHODS)) {
      const [, name = "", rid = ""] = /^\$iothub\/methods\/POST\/([^/]*)\/\?\$rid=(.*)$/.exec(topic) ?? [];
      const response = this.#listener?.method(decodeURIComponent(name), parseJson(payload));
      const { status: code = 501, payload: body = null } = response ?? {};
      // A connection that is broken has said so.
      this.mqtt.publish(`$iothub/methods/res/${code}/?$rid=${rid}`, JSON.stringify(body)).catch(() => undefined);
    } else if (topic.startsWith(deviceBound)) {
      this.#listener?.message(payload, propertiesOf(topic.slice(deviceBound.length)));
    }
  }
}
