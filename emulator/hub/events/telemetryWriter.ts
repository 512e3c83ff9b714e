import type { HubRecord } from "../../kernel/directory";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import type { IdentityStore } from "../devices/identityStore";
import { hubError } from "../hubErrors";
import type { MessageRouter } from "../routing/messageRouter";
import { partitionOf } from "./eventPartition";
import type { EventDraft } from "./hubEvent";

/** Bytes of the largest message, properties included, and of the largest batch: 256 KB (Azure documentation, "IoT Hub quotas"). */
export const MESSAGE_LIMIT = 256 * 1024;
/** The most messages of a batch (Azure documentation, "Azure subscription and service limits"). */
export const BATCH_LIMIT = 500;
/** How exact the time of a device's last activity is. */
const ACTIVITY_MS = 1000;
/** Devices whose last activity is remembered. */
const ACTIVITY_LIMIT = 10_000;

/** A received device-to-cloud message. */
export interface Message {
  readonly body: Buffer;
  /** The sender's system properties: `message-id`, `content-type` … */
  readonly system: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, string>>;
}

/** Who sends: an authenticated device or module. */
export interface TelemetrySender {
  readonly hub: HubRecord;
  readonly identity: { readonly deviceId: string; readonly generationId: string };
  readonly module?: { readonly moduleId: string; readonly generationId: string };
  /** As in the `iothub-connection-auth-method` of its events. */
  readonly method: object;
  /** Its digital twin model. */
  readonly modelId?: string;
}

/** What a writer depends on. */
export interface TelemetryDependencies extends Pick<SharedDependencies, "database" | "clock"> {
  readonly router: Pick<MessageRouter, "route">;
  readonly identities: Pick<IdentityStore, "heard">;
}

/** What all events of a sender have in common. */
interface Origin extends Pick<TelemetrySender, "module" | "method" | "modelId"> {
  readonly partitionCount: number;
  readonly partitionId: number;
  /** System properties. */
  readonly connection: Readonly<Record<string, string>>;
}

function sizeOf({ body, properties, system }: Message): number {
  let size = body.length;
  for (const texts of [properties, system]) {
    for (const [name, value] of Object.entries(texts)) size += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  return size;
}

function checkSize(messages: readonly Message[]): void {
  if (messages.length > BATCH_LIMIT) {
    throw hubError("ArgumentInvalid", `a batch has at most ${BATCH_LIMIT} messages, not ${messages.length}`);
  }
  const size = messages.reduce((sum, message) => sum + sizeOf(message), 0);
  if (size <= MESSAGE_LIMIT) return;
  throw hubError("MessageTooLarge", `the limit is ${MESSAGE_LIMIT} bytes, properties included, not ${size}`);
}

/** Routes the messages of devices and modules, over any transport. Those that wait for the same commit are stored together. */
export class TelemetryWriter {
  #waiting: { readonly sender: TelemetrySender; readonly messages: readonly Message[] }[] = [];
  #committed: Promise<void> | undefined;
  /** When a device's activity was stored, in milliseconds since 1970. */
  readonly #heard = new Map<string, number>();
  /** By the identity that a connection has authenticated. */
  readonly #origins = new WeakMap<TelemetrySender["identity"], Origin>();

  constructor(private readonly deps: TelemetryDependencies) {}

  /** Routes messages; resolves once they are durable. Throws MessageTooLarge for more than 256 KB together, ArgumentInvalid for more than 500. */
  async send(sender: TelemetrySender, messages: readonly Message[]): Promise<void> {
    checkSize(messages);
    this.#waiting.push({ sender, messages });
    this.#committed ??= this.deps.database.groupCommit(() => this.#routeAll());
    return this.#committed;
  }

  #routeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#committed = undefined;
    const drafts = new Map<HubRecord, EventDraft[]>();
    for (const { sender, messages } of waiting) {
      const ofHub = drafts.get(sender.hub) ?? [];
      drafts.set(sender.hub, ofHub);
      const { deviceId } = sender.identity;
      const { partitionId, connection } = this.#originOf(sender);
      for (const { body, system, properties } of messages) {
        ofHub.push({ deviceId, partitionId, systemProperties: { ...system, ...connection }, properties, body });
      }
      this.#noteActivity(sender);
    }
    for (const [hub, ofHub] of drafts) this.deps.router.route(hub, "DeviceMessages", ofHub);
  }

  #originOf(sender: TelemetrySender): Origin {
    const { hub, identity, module, method, modelId } = sender;
    const known = this.#origins.get(identity);
    const isSame = known?.module === module && known?.method === method && known?.modelId === modelId;
    if (known && isSame && known.partitionCount === hub.partitionCount) return known;
    const origin = originOf(sender);
    this.#origins.set(identity, origin);
    return origin;
  }

  /** Stores that a device was active: once a second is as exact as its readers are. */
  #noteActivity({ hub, identity: { deviceId, generationId } }: TelemetrySender): void {
    const key = `${hub.key} ${deviceId} ${generationId}`;
    const now = this.deps.clock.now().getTime();
    const known = this.#heard.get(key);
    if (known !== undefined && Math.abs(now - known) < ACTIVITY_MS) return;
    if (this.#heard.size >= ACTIVITY_LIMIT) this.#heard.clear();
    this.#heard.set(key, now);
    this.deps.identities.heard(hub.key, deviceId);
  }
}

function originOf({ hub: { partitionCount }, identity, module, method, modelId }: TelemetrySender): Origin {
  const { deviceId, generationId } = identity;
  const connection = {
    "iothub-connection-device-id": deviceId,
    ...(module && { "iothub-connection-module-id": module.moduleId }),
    "iothub-connection-auth-method": JSON.stringify(method),
    "iothub-connection-auth-generation-id": module?.generationId ?? generationId,
    "iothub-message-source": "Telemetry",
    ...(modelId && { "dt-dataschema": modelId }),
  };
  return { partitionCount, partitionId: partitionOf(deviceId, partitionCount), module, method, modelId, connection };
}
