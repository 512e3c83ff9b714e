import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import type { IConnectPacket } from "mqtt-packet";
import { createSas } from "../../azure/sas";
import type { ClientKey } from "../../emulator/hub/connections/clientKey";
import { admitOperations, callOperations } from "../../emulator/kernel/callOperation";
import type { ServiceDefinition } from "../../emulator/kernel/service";
import { mqttService } from "../../emulator/mqtt/mqttService";
import { DataPlane, HUB_HOST, keyOf } from "./dataPlane";
import { MqttClient } from "./mqttClient";

/** Two ends of a connection in memory. */
function streamPair(): readonly [Duplex, Duplex] {
  const ends: Duplex[] = [0, 1].map(
    (index) =>
      new Duplex({
        read: () => undefined,
        write(chunk, _encoding, done) {
          ends[1 - index]?.push(chunk);
          done();
        },
        final(done) {
          ends[1 - index]?.push(null);
          done();
        },
        destroy(error, done) {
          ends[1 - index]?.push(null);
          done(error);
        },
      }),
  );
  return [ends[0] ?? assert.fail(), ends[1] ?? assert.fail()];
}

/** Options of a connection besides those of CONNECT. */
interface ConnectOptions extends Partial<IConnectPacket> {
  /** The digital twin model that it names. */
  readonly modelId?: string;
  /** Seconds until the signature expires. Default: an hour. */
  readonly seconds?: number;
  /** The name in TLS. Default: the hub's. */
  readonly host?: string;
}

/** Devices with keys at `hub-1` that connect over MQTT without a network. */
export class MqttHarness {
  readonly plane: DataPlane;
  readonly log: string[] = [];
  readonly #service: ReturnType<typeof mqttService>;

  constructor(plane = new DataPlane(), guard = (definition: ServiceDefinition) => definition) {
    this.plane = plane;
    const failed = (_service: string, error: unknown) => assert.fail(String(error));
    this.#service = mqttService({
      callDps: callOperations(this.plane.dps.deviceDefinition, failed),
      admit: admitOperations(guard(this.plane.hubs.definition)),
      devices: this.plane.hubs.devices,
      log: (event, { reason = "" }) => this.log.push(`${event} ${reason}`.trim()),
    });
  }

  /** Registers a device with a key. */
  async register(deviceId: string): Promise<ClientKey> {
    const authentication = { type: "sas", symmetricKey: { primaryKey: keyOf("device"), secondaryKey: keyOf("other") } };
    const body = { deviceId, authentication };
    const { status } = await this.plane.ask("Devices_CreateOrUpdateIdentity", { params: { deviceId }, body });
    assert.equal(status, 200);
    return { hub: "hub-key-hub-1", deviceId };
  }

  /** Registers a module with a key. */
  async registerModule(deviceId: string, moduleId: string, more: object = {}): Promise<ClientKey> {
    const authentication = { type: "sas", symmetricKey: { primaryKey: keyOf("device"), secondaryKey: keyOf("other") } };
    const params = { deviceId, moduleId };
    const { status } = await this.plane.ask("Modules_CreateOrUpdateIdentity", {
      params,
      body: { ...params, authentication, ...more },
    });
    assert.equal(status, 200);
    return { hub: "hub-key-hub-1", ...params };
  }

  /** A connection before CONNECT; `host` is the name in TLS. */
  stream(host = HUB_HOST): MqttClient {
    const [near, far] = streamPair();
    this.#service.start(far, { host, clientChain: () => [] });
    return MqttClient.over(near);
  }

  /** Connects a device, or a module (`device/module`); fails unless CONNACK is 0. */
  async connect(id: string, { seconds = 3600, modelId = "", host, ...more }: ConnectOptions = {}): Promise<MqttClient> {
    const client = this.stream(host);
    const expiry = Math.floor(this.plane.clock.now().getTime() / 1000) + seconds;
    const resource = `${HUB_HOST}/devices/${id.replace("/", "/modules/")}`;
    const password = Buffer.from(createSas(resource, keyOf("device"), expiry));
    const user = `${HUB_HOST}/${id}/?api-version=2021-04-12${modelId && `&model-id=${encodeURIComponent(modelId)}`}`;
    assert.equal(await client.connect(id, user, { password, ...more }), 0);
    return client;
  }
}
