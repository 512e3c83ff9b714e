import { isObject } from "../azure/wire/jsonObject";
import { addPendingCreate, PENDING_CREATES, removePendingCreate } from "../emulator/contract/pendingCreates";
import { stoppedLocalAzure } from "../emulator/contract/stoppedLocalAzure";
import type { Properties } from "../plugin-protocol/propertyValue";
import {
  type Autonaming,
  type CheckFailure,
  type CheckResult,
  type InvokeResult,
  type ReadState,
  type ResourceDiff,
  ResourceInitFailedError,
  type ResourceProvider,
  type ResourceState,
  urnName,
  urnToken,
} from "../plugin-protocol/resourceProvider";
import { ArmClient, type Pause } from "./arm/armClient";
import { ARM_ORIGIN, type Transport } from "./arm/armTransport";
import { invoke } from "./functionInvoke";
import { check } from "./inputCheck";
import { diffInputs } from "./inputDiff";
import { type Configuration, configuration, configurationFailures } from "./providerConfiguration";
import { previewOutputs } from "./resourceBody";
import { ResourceLifecycle } from "./resourceLifecycle";
import type { ResourceType } from "./types/resourceType";
import { functionType, resourceType, unknownToken } from "./types/typeTable";

/** The version of the genuine plugin that this one replaces. */
const GENUINE_VERSION = "3.28.0";

/** Dependencies of the plugin; tests bring their own. */
export interface StandInDependencies {
  readonly environment: NodeJS.ProcessEnv;
  /** Called once, when the configuration is known. */
  transport(configuration: Configuration): Transport;
  readonly pause: Pause;
  /** Shows text beside the engine's own words, which call every refusal of a plugin to start a bug. */
  complain(text: string): void;
}

/** The provider, apart from gRPC: each method serves one of the engine's requests. */
export class StandIn implements ResourceProvider {
  readonly version = GENUINE_VERSION;
  /** As the genuine plugin: the engine itself marks an output secret where its input is. */
  readonly acceptsSecrets = false;
  #configuration: Configuration;
  #transport: Transport;
  readonly #stop = new AbortController();
  readonly #groupLocations = new Map<string, Promise<string | undefined>>();

  constructor(private readonly dependencies: StandInDependencies) {
    this.#configuration = configuration({}, dependencies.environment);
    this.#transport = dependencies.transport(this.#configuration);
  }

  /**
   * The engine's first request. It loads the plugins before it touches a resource, so that an error here is shown once,
   * where one at `configure` is shown for each resource of a refresh or a destroy, which run no program.
   * @throws {Error} when the environment names a local Azure that is not running.
   */
  async handshake(): Promise<void> {
    const stopped = await stoppedLocalAzure(this.dependencies.environment);
    if (stopped === undefined) return;
    this.dependencies.complain(`\nIt is no bug here. ${stopped}`);
    // The engine puts its own words before it, in one line.
    throw new Error(`\n${stopped}`);
  }

  /**
   * Failures of the provider's own configuration.
   * @throws {Error} outside the local mode: this plugin must never be taken for the genuine one.
   */
  checkConfig(given: Properties): readonly CheckFailure[] {
    this.#refuseElsewhere();
    return configurationFailures(given);
  }

  /** @throws {Error} outside the local mode. */
  configure(given: Properties): void {
    this.#refuseElsewhere();
    this.#configuration = configuration(given, this.dependencies.environment);
    this.#transport = this.dependencies.transport(this.#configuration);
  }

  async check(
    urn: string,
    former: Properties,
    inputs: Properties,
    seed: Uint8Array,
    autonaming?: Autonaming,
  ): Promise<CheckResult> {
    const token = urnToken(urn);
    const type = resourceType(token);
    if (!type) return { inputs, failures: [{ property: "", reason: unknownToken("resource type", token) }] };
    const request = { type, logicalName: urnName(urn), former, inputs, seed, autonaming };
    return check(request, this.#configuration, (group) => this.#groupLocation(group));
  }

  diff(urn: string, oldInputs: Properties, newInputs: Properties, state: Properties): Required<ResourceDiff> {
    return diffInputs(typeOf(urn), oldInputs, newInputs, state);
  }

  /** A preview sends no request; its ID is empty, which the engine takes for unknown. */
  async create(urn: string, inputs: Properties, isPreview: boolean, timeoutSeconds: number): Promise<ResourceState> {
    const type = typeOf(urn);
    if (isPreview) return { id: "", outputs: previewOutputs(type, inputs) };
    const lifecycle = this.#lifecycle();
    const folder = this.dependencies.environment[PENDING_CREATES];
    if (folder === undefined) return lifecycle.create(type, inputs, this.#signal(timeoutSeconds));
    const begun = { urn, id: lifecycle.idOf(type, inputs) };
    addPendingCreate(folder, begun);
    try {
      return await lifecycle.create(type, inputs, this.#signal(timeoutSeconds));
    } catch (error) {
      // What Azure refused does not exist.
      if (!(error instanceof ResourceInitFailedError)) removePendingCreate(folder, begun);
      throw error;
    }
  }

  /** In a preview of an update, name and location are known: they do not change. */
  async update(
    urn: string,
    id: string,
    inputs: Properties,
    state: Properties,
    isPreview: boolean,
    timeoutSeconds: number,
  ): Promise<ResourceState> {
    const type = typeOf(urn);
    if (isPreview) {
      const { name, location } = state;
      const stable: Properties = { ...(name !== undefined && { name }), ...(location !== undefined && { location }) };
      return { id, outputs: { ...previewOutputs(type, inputs), ...stable } };
    }
    return this.#lifecycle().update(type, id, inputs, this.#signal(timeoutSeconds));
  }

  read(urn: string, id: string, inputs: Properties, state: Properties): Promise<ReadState | undefined> {
    return this.#lifecycle().read(typeOf(urn), id, inputs, state, this.#signal(0));
  }

  remove(urn: string, id: string, timeoutSeconds: number): Promise<void> {
    return this.#lifecycle().remove(typeOf(urn), id, this.#signal(timeoutSeconds));
  }

  async invoke(token: string, args: Properties): Promise<InvokeResult> {
    const type = functionType(token);
    if (!type) throw new Error(unknownToken("function", token));
    const dependencies = {
      arm: this.#arm(),
      subscriptionId: this.#configuration.subscriptionId,
      token: () => this.#transport.token(),
    };
    return invoke(type, args, dependencies, this.#signal(0));
  }

  /** A schema of the types that the stand-in knows. */
  schema(): string {
    const { packageSchema } = require("./packageSchema") as typeof import("./packageSchema");
    return packageSchema(this.version);
  }

  /** Ends waits and requests under way. */
  cancel(): void {
    this.#stop.abort(new Error("cancelled"));
  }

  #refuseElsewhere(): void {
    if (this.dependencies.environment.ZERO_TOUCH_CLOUD === "local") return;
    throw new Error(
      "this is the stand-in azure-native plugin for the local Azure, and ZERO_TOUCH_CLOUD is not 'local'. " +
        'For the local Azure run: eval "$(npm run -s env)". For the real Azure use a PULUMI_HOME with the genuine plugin.',
    );
  }

  #lifecycle(): ResourceLifecycle {
    return new ResourceLifecycle(this.#arm(), this.#configuration.subscriptionId);
  }

  #arm(): ArmClient {
    const { pause } = this.dependencies;
    return new ArmClient(this.#transport.send, pause, ARM_ORIGIN, this.#configuration.subscriptionId());
  }

  #signal(timeoutSeconds: number): AbortSignal {
    if (timeoutSeconds <= 0) return this.#stop.signal;
    return AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeoutSeconds * 1000)]);
  }

  #groupLocation(group: string): Promise<string | undefined> {
    const key = group.toLowerCase();
    const pending = this.#groupLocations.get(key) ?? this.#readGroupLocation(group);
    this.#groupLocations.set(key, pending);
    // A group that was not found, or a request that failed, is looked up again.
    pending.then(
      (location) => location === undefined && this.#groupLocations.delete(key),
      () => this.#groupLocations.delete(key),
    );
    return pending;
  }

  async #readGroupLocation(group: string): Promise<string | undefined> {
    const path = `/subscriptions/${this.#configuration.subscriptionId()}/resourceGroups/${encodeURIComponent(group)}`;
    const arm = this.#arm();
    // The genuine plugin's own version for this look-up.
    const response = await arm.send({ method: "GET", url: arm.url(path, "2020-10-01") }, this.#stop.signal, [404]);
    if (response.status === 404 || !isObject(response.body)) return undefined;
    return typeof response.body.location === "string" ? response.body.location : undefined;
  }
}

function typeOf(urn: string): ResourceType {
  const token = urnToken(urn);
  const type = resourceType(token);
  if (!type) throw new Error(unknownToken("resource type", token));
  return type;
}
