import { unixSeconds } from "../kernel/clock";
import type { DeviceKey } from "../kernel/deviceKey";
import type { Request } from "../kernel/operation";
import type { ClientKey } from "./connections/clientKey";
import type { ConnectionRegistry } from "./connections/connectionRegistry";
import type { SessionStore } from "./connections/sessionStore";
import { type AuthenticatedDevice, authenticateDevice } from "./devices/authenticateDevice";
import type { Message } from "./events/telemetryWriter";
import type { HubDependencies } from "./hubDependencies";
import { HubError, type HubErrorBody, hubError, hubErrorBody } from "./hubErrors";
import type { CloudToDeviceQueue } from "./messages/cloudToDeviceQueue";
import type { MethodInvocations } from "./methods/methodInvocations";
import { type DeviceTwin, patchReported, readDeviceTwin } from "./twins/deviceTwin";

/** Most characters of the ID of a digital twin model (Digital Twins Definition Language, version 2). */
const MODEL_ID_LIMIT = 2048;

/** The device side of the hubs for transports with connections: what they share, whatever the protocol. */
export interface DeviceApi {
  readonly connections: ConnectionRegistry;
  readonly sessions: SessionStore;
  readonly messages: CloudToDeviceQueue;
  readonly methods: MethodInvocations;
  /** Authenticates a device or module by its certificate or signature. Throws the hub's 401 or 404. */
  authenticate(request: Request, key: DeviceKey): AuthenticatedDevice;
  /** Whether a client that was authenticated earlier still is that of its hub, and enabled. */
  isKnown(sender: AuthenticatedDevice): boolean;
  /**
   * Routes messages of an authenticated client; resolves once they are durable. Throws MessageTooLarge, and IotHubNotFound where the
   * hub is deleted.
   */
  send(sender: AuthenticatedDevice, messages: readonly Message[]): Promise<void>;
  /** Sets the digital twin model of a client, which its twin shows; resolves once it is durable. Throws ArgumentInvalid for a long ID. */
  setModel(client: ClientKey, modelId: string): Promise<void>;
  /** Returns a client's twin. Throws DeviceNotFound. */
  twin(client: ClientKey): DeviceTwin;
  /** Merges a patch into reported properties; resolves with their version once it is durable. Throws ArgumentInvalid, DeviceNotFound. */
  patchReported(client: ClientKey, patch: unknown): Promise<number>;
  /** Runs a change; resolves once it is durable. Changes at the same time share a commit. */
  change<T>(work: () => T): Promise<T>;
  /** Returns an error of the hub, or of JSON that a device sent, as JSON; undefined for any other. */
  errorBody(error: unknown): HubErrorBody | undefined;
  /** Seconds since 1970. */
  now(): number;
}

/** Makes the device side of the hubs. */
export function deviceApi(deps: HubDependencies, sessions: SessionStore): DeviceApi {
  const { connections, messages, methods, database, clock } = deps;
  return {
    connections,
    sessions,
    messages,
    methods,
    authenticate: (request, key) => authenticateDevice(request, key, deps),
    isKnown({ hub, identity: { deviceId, generationId }, module }) {
      const known = deps.identities.find(hub.key, deviceId);
      if (!known?.enabled || known.generationId !== generationId) return false;
      return !module || deps.modules.find(hub.key, deviceId, module.moduleId)?.generationId === module.generationId;
    },
    // The hub's settings may have changed since the client connected.
    async send(sender, messages) {
      const hub = deps.directory.hub(sender.hub.hostName);
      if (hub?.key !== sender.hub.key) throw hubError("IotHubNotFound", sender.hub.hostName);
      return deps.telemetry.send(hub === sender.hub ? sender : { ...sender, hub }, messages);
    },
    async setModel({ hub, ...key }, modelId) {
      if (modelId.length > MODEL_ID_LIMIT) {
        throw hubError("ArgumentInvalid", `the model ID has more than ${MODEL_ID_LIMIT} characters`);
      }
      if (deps.twins.find(hub, key)?.modelId === modelId) return;
      await database.groupCommit(() => deps.twins.setModel(hub, key, modelId));
    },
    twin: (client) => readDeviceTwin(client, deps),
    patchReported: (client, patch) => database.groupCommit(() => patchReported(client, patch, deps)),
    change: (work) => database.groupCommit(work),
    errorBody(error) {
      const known = error instanceof SyntaxError ? hubError("ArgumentInvalid", error.message) : error;
      return known instanceof HubError ? hubErrorBody(known, deps) : undefined;
    },
    now: () => unixSeconds(clock),
  };
}
