import type { ClientKey } from "../../hub/connections/clientKey";
import type { DeviceApi } from "../../hub/deviceApi";
import type { MqttClient } from "../mqttDependencies";
import { deviceBoundTopic } from "./hubTopics";

/**
 * Sends a client the cloud-to-device messages that wait for it, oldest first, while it is subscribed. With QoS 1 the client's
 * PUBACK completes a message; with QoS 0 it is complete when it is sent. A message that is not acknowledged comes again when its
 * lock lapses, or with the next connection. MQTT has no way to reject or abandon one.
 */
export class DeviceBoundPump {
  readonly #locks = new Set<string>();
  #stopListening: (() => void) | undefined;
  #isPumping = false;
  #mustPump = false;

  constructor(
    private readonly client: ClientKey,
    private readonly path: string,
    private readonly filter: string,
    private readonly mqtt: MqttClient,
    private readonly devices: DeviceApi,
  ) {}

  /** Begins to send. */
  start(): void {
    this.#stopListening ??= this.devices.messages.listen(this.client, () => this.pump());
    this.pump();
  }

  /** Ends sending, and releases what the client has not acknowledged. */
  stop(): Promise<void> {
    this.#stopListening?.();
    this.#stopListening = undefined;
    const locks = [...this.#locks];
    this.#locks.clear();
    return this.devices.change(() => {
      for (const token of locks) this.devices.messages.abandon(this.client, token);
    });
  }

  /** Sends what waits. Call it again when the client reads again. */
  pump(): void {
    this.#mustPump = true;
    if (!this.#isPumping) this.#pumpAll().catch(() => this.mqtt.end("the queue of messages failed"));
  }

  async #pumpAll(): Promise<void> {
    this.#isPumping = true;
    while (this.#mustPump && this.#stopListening && this.mqtt.reads()) {
      this.#mustPump = await this.#sendNext();
    }
    this.#isPumping = false;
  }

  /** Sends the oldest message; returns whether there was one. */
  async #sendNext(): Promise<boolean> {
    this.#mustPump = false;
    if (this.devices.messages.count(this.client) === 0) return this.#mustPump;
    const message = await this.devices.change(() => this.devices.messages.receive(this.client));
    if (!message) return this.#mustPump;
    const { lockToken } = message;
    this.#locks.add(lockToken);
    const isSent = this.mqtt.send(this.filter, {
      topic: deviceBoundTopic(this.path, message),
      body: message.body,
      isRepeated: message.deliveries > 0,
      received: () => this.#settle(lockToken, (token) => this.devices.messages.complete(this.client, token)),
    });
    if (!isSent) this.#settle(lockToken, (token) => this.devices.messages.abandon(this.client, token));
    return true;
  }

  #settle(lockToken: string, work: (token: string) => void): void {
    if (!this.#locks.delete(lockToken)) return;
    // A lock that has lapsed is no error: the message comes again.
    this.devices.change(() => work(lockToken)).catch(() => this.mqtt.end("the queue of messages failed"));
  }
}
