import { stoppedLocalAzure } from "../emulator/contract/stoppedLocalAzure";
import { ArmClient, type Pause } from "./arm/client";
import { ARM_ORIGIN, type Transport } from "./arm/transport";
import { previewOutputs } from "./body";
import { type CheckResult, check } from "./check";
import { type Configuration, configuration, configurationFaults } from "./configuration";
import { type Difference, difference } from "./diff";
import { type Invoked, invoke } from "./invoke";
import { Lifecycle, type Made } from "./lifecycle";
import { type Autonaming, urnName, urnToken } from "./naming";
import type { ResourceType } from "./types/resourceType";
import { functionType, resourceType, unknownToken } from "./types/table";
import type { Fault } from "./validate";
import { isObject, open, type Properties } from "./values";

/** What the plugin is built on; tests bring their own. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** Called once, when the configuration is known. */
  transport(configuration: Configuration): Transport;
  readonly pause: Pause;
  /** Text that the engine shows where it calls a plugin's refusal to start a bug, which it does of each. */
  complain(text: string): void;
  /** Shows a warning beside a resource. */
  warn(urn: string, message: string): void;
}

/** The provider, apart from gRPC: each method answers one of the engine's requests. */
export class StandIn {
  #configuration: Configuration;
  #transport: Transport;
  readonly #stop = new AbortController();
  readonly #groupLocations = new Map<string, Promise<string | undefined>>();

  constructor(private readonly surroundings: Surroundings) {
    this.#configuration = configuration({}, surroundings.environment);
    this.#transport = surroundings.transport(this.#configuration);
  }

  /**
   * The engine's first request. It loads the plugins before it touches a resource, so that a refusal here is told once,
   * where one at `configure` is told for each resource of a refresh or a destroy, which run no program.
   * @throws {Error} when the shell points at a local Azure that is not running.
   */
  async handshake(): Promise<void> {
    const stopped = await stoppedLocalAzure(this.surroundings.environment);
    if (stopped === undefined) return;
    this.surroundings.complain(`\nIt is no bug here. ${stopped}`);
    // The engine puts its own words before it, in one line.
    throw new Error(`\n${stopped}`);
  }

  /**
   * Faults of the provider's own configuration.
   * @throws {Error} outside the local mode: this plugin must never be taken for the genuine one.
   */
  checkConfig(given: Properties): readonly Fault[] {
    this.#refuseElsewhere();
    return configurationFaults(given);
  }

  /** @throws {Error} outside the local mode. */
  configure(given: Properties): void {
    this.#refuseElsewhere();
    this.#configuration = configuration(given, this.surroundings.environment);
    this.#transport = this.surroundings.transport(this.#configuration);
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
    if (!type) return { inputs, faults: [{ property: "", reason: unknownToken("resource type", token) }] };
    const request = { type, logicalName: urnName(urn), former, inputs, seed, autonaming };
    return check(request, this.#configuration, (group) => this.#groupLocation(group));
  }

  diff(urn: string, oldInputs: Properties, newInputs: Properties, state: Properties): Difference {
    return difference(typeOf(urn), oldInputs, newInputs, state);
  }

  /** A preview asks nobody; its id is empty, which the engine takes for unknown. */
  async create(urn: string, inputs: Properties, isPreview: boolean, timeoutSeconds: number): Promise<Made> {
    const type = typeOf(urn);
    if (isPreview) return { id: "", outputs: previewOutputs(type, inputs) };
    const signal = this.#signal(timeoutSeconds);
    return this.#lifecycle(urn).create(type, await this.#located(type, inputs), signal);
  }

  /** In a preview of an update, the name and the location are known to stay. */
  async update(
    urn: string,
    id: string,
    inputs: Properties,
    state: Properties,
    isPreview: boolean,
    timeoutSeconds: number,
  ): Promise<Made> {
    const type = typeOf(urn);
    if (isPreview) {
      const { name, location } = state;
      const stable: Properties = { ...(name !== undefined && { name }), ...(location !== undefined && { location }) };
      return { id, outputs: { ...previewOutputs(type, inputs), ...stable } };
    }
    return this.#lifecycle(urn).update(type, id, inputs, this.#signal(timeoutSeconds));
  }

  read(urn: string, id: string, inputs: Properties, state: Properties): ReturnType<Lifecycle["read"]> {
    return this.#lifecycle(urn).read(typeOf(urn), id, inputs, state, this.#signal(0));
  }

  remove(urn: string, id: string, timeoutSeconds: number): Promise<void> {
    return this.#lifecycle(urn).remove(typeOf(urn), id, this.#signal(timeoutSeconds));
  }

  async invoke(token: string, args: Properties): Promise<Invoked> {
    const type = functionType(token);
    if (!type) throw new Error(unknownToken("function", token));
    const services = {
      arm: this.#arm(),
      subscriptionId: this.#configuration.subscriptionId,
      token: () => this.#transport.token(),
    };
    return invoke(type, args, services, this.#signal(0));
  }

  /** Ends waits and requests under way. */
  cancel(): void {
    this.#stop.abort(new Error("cancelled"));
  }

  #refuseElsewhere(): void {
    if (this.surroundings.environment.ZERO_TOUCH_CLOUD === "local") return;
    throw new Error(
      "this is the stand-in azure-native plugin for the local Azure, and ZERO_TOUCH_CLOUD is not 'local'. " +
        'For the local Azure run: eval "$(npm run -s env)". For the real Azure use a PULUMI_HOME with the genuine plugin.',
    );
  }

  #lifecycle(urn: string): Lifecycle {
    return new Lifecycle(this.#arm(), this.#configuration.subscriptionId, (message) =>
      this.surroundings.warn(urn, message),
    );
  }

  #arm(): ArmClient {
    const { pause } = this.surroundings;
    return new ArmClient(this.#transport.send, pause, ARM_ORIGIN, this.#configuration.subscriptionId());
  }

  #signal(timeoutSeconds: number): AbortSignal {
    if (timeoutSeconds <= 0) return this.#stop.signal;
    return AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeoutSeconds * 1000)]);
  }

  /** A check at a preview may have found no group yet; at the create it is there. */
  async #located(type: ResourceType, inputs: Properties): Promise<Properties> {
    const group = open(inputs.resourceGroupName ?? null);
    if (type.location !== "resourceGroup" || inputs.location !== undefined || typeof group !== "string") return inputs;
    const location = await this.#groupLocation(group);
    if (location === undefined) throw new Error(`no location: the resource group '${group}' does not exist`);
    return { ...inputs, location };
  }

  #groupLocation(group: string): Promise<string | undefined> {
    const key = group.toLowerCase();
    const asked = this.#groupLocations.get(key) ?? this.#askGroupLocation(group);
    this.#groupLocations.set(key, asked);
    // What was not found, or failed, is asked again.
    asked.then(
      (location) => location === undefined && this.#groupLocations.delete(key),
      () => this.#groupLocations.delete(key),
    );
    return asked;
  }

  async #askGroupLocation(group: string): Promise<string | undefined> {
    const path = `/subscriptions/${this.#configuration.subscriptionId()}/resourceGroups/${encodeURIComponent(group)}`;
    const arm = this.#arm();
    // The genuine plugin's own version for this look-up.
    const answer = await arm.send({ method: "GET", url: arm.url(path, "2020-10-01") }, this.#stop.signal, [404]);
    if (answer.status === 404 || !isObject(answer.body)) return undefined;
    return typeof answer.body.location === "string" ? answer.body.location : undefined;
  }
}

function typeOf(urn: string): ResourceType {
  const token = urnToken(urn);
  const type = resourceType(token);
  if (!type) throw new Error(unknownToken("resource type", token));
  return type;
}
