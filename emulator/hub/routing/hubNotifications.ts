import type { Clock } from "../../kernel/clock";
import type { DeviceKey } from "../../kernel/deviceKey";
import type { Directory, MessageSource } from "../../kernel/directory";
import { partitionOf } from "../events/telemetryWriter";
import type { TwinChange } from "../twins/twinStore";
import type { MessageRouter } from "./messageRouter";

/** The schema and the source that a notification names. Source: Azure documentation, "Use IoT Hub message routing – nontelemetry events". */
const KINDS = {
  TwinChangeEvents: ["twinChangeNotification", "twinChangeEvents"],
  DeviceLifecycleEvents: ["deviceLifecycleNotification", "deviceLifecycleEvents"],
  DeviceConnectionStateEvents: ["deviceConnectionStateNotification", "deviceConnectionStateEvents"],
} as const satisfies Partial<Record<MessageSource, readonly [string, string]>>;

/** What notifications depend on. */
export interface NotificationDependencies {
  readonly directory: Pick<Directory, "hubByKey">;
  readonly clock: Clock;
  readonly router: Pick<MessageRouter, "route">;
}

/** The hub's own messages of twins, identities and connections: they reach an endpoint only by a route of their source. */
export class HubNotifications {
  #connectionChanges = 0;

  constructor(private readonly deps: NotificationDependencies) {}

  /** A change of a twin. Call it inside the transaction, as the others. */
  twinChanged(hub: string, key: DeviceKey, { sections: { tags, desired, reported }, twin }: TwinChange): void {
    const properties = {
      ...(desired && { desired: { ...desired, $metadata: twin.desiredMetadata, $version: twin.desiredVersion } }),
      ...(reported && { reported: { ...reported, $metadata: twin.reportedMetadata, $version: twin.reportedVersion } }),
    };
    const body = { version: twin.version, ...(tags && { tags }), properties };
    this.#notify(hub, key, "TwinChangeEvents", "updateTwin", body);
  }

  /** A device identity was created or deleted. */
  identityChanged(hub: string, deviceId: string, opType: "createDeviceIdentity" | "deleteDeviceIdentity"): void {
    this.#notify(hub, { deviceId }, "DeviceLifecycleEvents", opType, { deviceId });
  }

  /** A device or module connected or disconnected. */
  connectionChanged(hub: string, key: DeviceKey, isConnected: boolean): void {
    this.#connectionChanges += 1;
    const sequenceNumber = this.#connectionChanges.toString(16).toUpperCase().padStart(36, "0");
    const opType = `${key.moduleId === undefined ? "device" : "module"}${isConnected ? "Connected" : "Disconnected"}`;
    this.#notify(hub, key, "DeviceConnectionStateEvents", opType, { sequenceNumber });
  }

  #notify(hubKey: string, key: DeviceKey, source: keyof typeof KINDS, opType: string, body: object): void {
    const hub = this.deps.directory.hubByKey(hubKey);
    // The cheap way out: without a route, no notification of this source reaches anything.
    if (!hub?.routing.routes.some((route) => route.source === source && route.isEnabled)) return;
    const { deviceId, moduleId } = key;
    const [schema, messageSource] = KINDS[source];
    const ids = { deviceId, ...(moduleId !== undefined && { moduleId }) };
    const draft = {
      deviceId,
      partitionId: partitionOf(deviceId, hub.partitionCount),
      systemProperties: {
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "iothub-connection-device-id": deviceId,
        ...(moduleId !== undefined && { "iothub-connection-module-id": moduleId }),
        "iothub-message-source": messageSource,
      },
      properties: {
        hubName: hub.name,
        ...ids,
        operationTimestamp: this.deps.clock.now().toISOString(),
        "iothub-message-schema": schema,
        opType,
      },
      body: Buffer.from(JSON.stringify(body)),
    };
    this.deps.router.route(hub, source, [draft]);
  }
}
