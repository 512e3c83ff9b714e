import { type Clock, sevenDigits } from "../../kernel/clock";
import type { DeviceKey } from "../../kernel/deviceKey";
import type { Directory, MessageSource } from "../../kernel/directory";
import type { Ids } from "../../kernel/ids";
import { digitalTwinOf } from "../digitalTwins/digitalTwinDocument";
import { patchOf } from "../digitalTwins/jsonPatch";
import { partitionOf } from "../events/eventPartition";
import { notifiedTwin } from "../twins/twinBody";
import type { TwinChange, TwinStore } from "../twins/twinStore";
import type { MessageRouter } from "./messageRouter";

/** The schema and the source that a notification names. Source: Azure documentation, "Azure IoT Hub non-telemetry event schemas". */
const KINDS = {
  TwinChangeEvents: ["twinChangeNotification", "twinChangeEvents"],
  DeviceLifecycleEvents: ["deviceLifecycleNotification", "deviceLifecycleEvents"],
  DeviceConnectionStateEvents: ["deviceConnectionStateNotification", "deviceConnectionStateEvents"],
  // The schema is a guess.
  DigitalTwinChangeEvents: ["digitalTwinChangeNotification", "digitalTwinChangeEvents"],
} as const satisfies Partial<Record<MessageSource, readonly [string, string]>>;

/** What notifications depend on. */
export interface NotificationDependencies {
  readonly directory: Pick<Directory, "hubByKey">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly twins: Pick<TwinStore, "find">;
  readonly router: Pick<MessageRouter, "route">;
}

/** Milliseconds from 1601, where Windows counts from, to 1970. */
const FILETIME_EPOCH_MS = 11_644_473_600_000n;

/**
 * Returns what makes the sequence numbers of connections: 64 hexadecimal digits that rise, also from one process to the next. As in
 * Microsoft's example, they have the time in units of 100 ns, and a counter.
 */
function connectionSequence(): (now: Date) => string {
  let [last, counter] = [0n, 0];
  return (now) => {
    const time = (BigInt(now.getTime()) + FILETIME_EPOCH_MS) * 10_000n;
    if (time > last) last = time;
    counter += 1;
    return `${last.toString(16).padStart(32, "0")}${counter.toString(16).padStart(32, "0")}`.toUpperCase();
  };
}

/** The hub's own messages of twins, identities and connections: they reach an endpoint only by a route of their source. */
export class HubNotifications {
  readonly #nextSequence = connectionSequence();

  constructor(private readonly deps: NotificationDependencies) {}

  /** A change of a twin. Call it inside the transaction, as the others. */
  twinChanged(hub: string, key: DeviceKey, change: TwinChange): void {
    this.#digitalTwinChanged(hub, key, change);
    const { sections, isReplacement, twin } = change;
    if (isReplacement) {
      this.#notify(hub, key, "TwinChangeEvents", "replaceTwin", () => notifiedTwin(key, twin));
      return;
    }
    const { tags, desired, reported } = sections;
    const properties = {
      ...(desired && { desired: { ...desired, $metadata: twin.desiredMetadata, $version: twin.desiredVersion } }),
      ...(reported && { reported: { ...reported, $metadata: twin.reportedMetadata, $version: twin.reportedVersion } }),
    };
    this.#notify(hub, key, "TwinChangeEvents", "updateTwin", () => ({ version: twin.version, tags, properties }));
  }

  /** What a change of a twin is of the digital twin; a change of tags is none (Azure documentation, "Understand IoT Plug and Play digital twins"). */
  #digitalTwinChanged(hub: string, key: DeviceKey, { before, twin }: TwinChange): void {
    if (!this.#hasRoute(hub, "DigitalTwinChangeEvents")) return;
    const [old, changed] = [digitalTwinOf(key.deviceId, before), digitalTwinOf(key.deviceId, twin)];
    const patch = patchOf(old, changed);
    if (patch.length > 0) this.#notify(hub, key, "DigitalTwinChangeEvents", "updateTwin", () => patch);
  }

  /** A device or module identity was created, or is about to be deleted. */
  identityChanged(hub: string, key: DeviceKey, opType: "createDeviceIdentity" | "deleteDeviceIdentity"): void {
    this.#notify(hub, key, "DeviceLifecycleEvents", opType, () => {
      const twin = this.deps.twins.find(hub, key);
      return twin ? notifiedTwin(key, twin) : key;
    });
  }

  /** A device or module connected or disconnected. */
  connectionChanged(hub: string, key: DeviceKey, isConnected: boolean): void {
    const opType = isConnected ? "deviceConnected" : "deviceDisconnected";
    const sequenceNumber = this.#nextSequence(this.deps.clock.now());
    this.#notify(hub, key, "DeviceConnectionStateEvents", opType, () => ({ sequenceNumber }));
  }

  /** Without a route, no notification of a source reaches anything. */
  #hasRoute(hubKey: string, source: keyof typeof KINDS): boolean {
    const { routes = [] } = this.deps.directory.hubByKey(hubKey)?.routing ?? {};
    return routes.some((route) => route.source === source && route.isEnabled);
  }

  #notify(hubKey: string, key: DeviceKey, source: keyof typeof KINDS, opType: string, body: () => object): void {
    const hub = this.deps.directory.hubByKey(hubKey);
    if (!hub || !this.#hasRoute(hubKey, source)) return;
    const { deviceId, moduleId } = key;
    const [schema, messageSource] = KINDS[source];
    const ids = { deviceId, ...(moduleId !== undefined && { moduleId }) };
    const now = sevenDigits(this.deps.clock.now());
    const draft = {
      deviceId,
      partitionId: partitionOf(deviceId, hub.partitionCount),
      systemProperties: {
        "content-type": source === "DigitalTwinChangeEvents" ? "application/json-patch+json" : "application/json",
        "content-encoding": "utf-8",
        "correlation-id": this.deps.ids.guid().replace(/-/g, "").slice(-12),
        "user-id": hub.name,
        "iothub-connection-device-id": deviceId,
        // Not documented of connections.
        ...(moduleId !== undefined &&
          source !== "DeviceConnectionStateEvents" && { "iothub-connection-module-id": moduleId }),
        "iothub-message-source": messageSource,
      },
      properties: {
        hubName: hub.name,
        ...ids,
        operationTimestamp: now,
        "iothub-message-schema": schema,
        opType,
      },
      body: Buffer.from(JSON.stringify(body())),
    };
    this.deps.router.route(hub, source, [draft]);
  }
}
