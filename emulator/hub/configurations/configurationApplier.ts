import { setImmediate } from "node:timers/promises";
import type { DeviceKey } from "../../kernel/deviceKey";
import type { Identity } from "../devices/identityStore";
import type { HubDependencies } from "../hubDependencies";
import { HubError } from "../hubErrors";
import { EDGE_MANAGER } from "../modules/moduleStore";
import { meets } from "../queries/evaluateExpression";
import { wireModuleTwin, wireTwin } from "../twins/twinBody";
import { checkTwin } from "../twins/twinSections";
import { isWhole, kindOf, moduleIdsOf, moduleSettings } from "./configurationContent";
import type { Configuration, ConfigurationTarget } from "./configurationStore";
import { readTarget, type Target } from "./targetCondition";
import { patchBetween, type Setting, settingsOf, withValue } from "./twinPaths";

/** Devices that are read before other requests have their turn. */
const BATCH = 50;

type Dependencies = Pick<HubDependencies, "database" | "ids" | "configurations" | "identities" | "modules" | "twins">;

/** What a configuration sets in one twin. */
interface Contribution {
  readonly configuration: Configuration;
  readonly status: ConfigurationTarget["status"];
  readonly settings: readonly Setting[];
}

/** Cache of parsed conditions. */
const targets = new WeakMap<Configuration, Target>();

function isTargeted(configuration: Configuration, document: unknown): boolean {
  let target = targets.get(configuration);
  if (target === undefined) {
    target = readTarget(configuration.targetCondition);
    targets.set(configuration, target);
  }
  return target === "all" || (target !== "none" && meets(target, document));
}

/**
 * Applies configurations and Edge deployments to the twins that they target, in the background: after each change of a
 * configuration to all devices of the hub, after a change of a device to it alone. Azure does so every five minutes.
 */
export class ConfigurationApplier {
  /** The devices to look at by hub; `all` for every device. */
  readonly #pending = new Map<string, Set<string> | "all">();
  #work: Promise<void> | undefined;
  #isStopped = false;

  /** `failed` takes internal errors. */
  constructor(
    private readonly deps: Dependencies,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Goes on with what an earlier process has left. */
  start(): void {
    for (const hub of this.deps.configurations.hubs()) this.hubChanged(hub);
  }

  /** Stops; the next start goes on. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Looks at every device of a hub: a configuration has changed. */
  hubChanged(hub: string): void {
    this.#pending.set(hub, "all");
    this.#begin();
  }

  /** Looks at a device: it is new, or its tags or reported properties have changed. */
  deviceChanged(hub: string, deviceId: string): void {
    if (this.deps.configurations.list(hub).length === 0) return;
    const pending = this.#pending.get(hub) ?? new Set();
    this.#pending.set(hub, pending);
    if (pending !== "all") pending.add(deviceId);
    this.#begin();
  }

  /** Resolves when nothing is left to apply. */
  async settled(): Promise<void> {
    while (this.#work) await this.#work;
  }

  #begin(): void {
    this.#work ??= this.#run()
      .catch((error: unknown) => {
        // After the stop the database is closed.
        if (!this.#isStopped) this.failed(error);
      })
      .finally(() => {
        this.#work = undefined;
        if (this.#pending.size > 0 && !this.#isStopped) this.#begin();
      });
  }

  async #run(): Promise<void> {
    // After the transaction in which something changed.
    await setImmediate();
    while (this.#pending.size > 0 && !this.#isStopped) {
      for (const [hub, devices] of [...this.#pending]) {
        this.#pending.delete(hub);
        if (devices === "all") await this.#applyToAll(hub);
        else for (const deviceId of devices) await this.#applyTo(hub, deviceId);
      }
    }
  }

  async #applyToAll(hub: string): Promise<void> {
    for (let after = ""; !this.#isStopped; ) {
      const batch = this.deps.identities.list(hub, BATCH, after);
      await Promise.all(batch.map(({ deviceId }) => this.#applyTo(hub, deviceId)));
      if (batch.length < BATCH) return;
      after = batch.at(-1)?.deviceId ?? "";
    }
  }

  /** A twin that would be too large stays as it is. */
  async #applyTo(hub: string, deviceId: string): Promise<void> {
    try {
      await this.deps.database.groupCommit(() => this.#apply(hub, deviceId));
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
    }
  }

  #apply(hub: string, deviceId: string): void {
    const { configurations, identities, modules, twins } = this.deps;
    const identity = identities.find(hub, deviceId);
    const twin = twins.find(hub, { deviceId });
    if (!identity || !twin) return;
    const document = wireTwin(identity, twin);
    const of = (kind: string) => configurations.list(hub).filter(({ content }) => kindOf(content) === kind);
    const deployments = identity.iotEdge ? of("edge").filter((each) => isTargeted(each, document)) : [];
    const own = of("device").filter((each) => isTargeted(each, document));
    const acting = actingDeployments(deployments);
    this.#manageModules(hub, deviceId, acting);
    const applied = own.map((configuration): Contribution => {
      const settings = settingsOf(configuration.content.deviceContent ?? {}) ?? [];
      return { configuration, status: "Applied", settings };
    });
    const targeted = deployments.map((configuration): Contribution => {
      return { configuration, status: acting.includes(configuration) ? "Applied" : "Targeted", settings: [] };
    });
    this.#write(hub, { deviceId }, [...applied, ...targeted]);
    for (const module of modules.list(hub, deviceId)) this.#applyToModule(hub, identity, module.moduleId, acting);
  }

  #applyToModule(hub: string, identity: Identity, moduleId: string, acting: readonly Configuration[]): void {
    const { configurations, modules, twins } = this.deps;
    const key = { deviceId: identity.deviceId, moduleId };
    const module = modules.find(hub, key.deviceId, moduleId);
    const twin = twins.find(hub, key);
    if (!module || !twin) return;
    const document = wireModuleTwin(identity, module, twin);
    const contributions = configurations.list(hub).flatMap((configuration): Contribution[] => {
      const { content } = configuration;
      if (kindOf(content) === "module" && isTargeted(configuration, document)) {
        return [{ configuration, status: "Applied", settings: settingsOf(content.moduleContent ?? {}) ?? [] }];
      }
      const settings = acting.includes(configuration) ? moduleSettings(content).get(moduleId) : undefined;
      return settings ? [{ configuration, status: "Applied", settings }] : [];
    });
    this.#write(hub, key, contributions);
  }

  /** Creates the modules of deployments, and removes those that one had which no longer acts. Those of a deleted one stay. */
  #manageModules(hub: string, deviceId: string, acting: readonly Configuration[]): void {
    const { modules } = this.deps;
    const wasManaged = this.#earlier(hub, { deviceId, moduleId: "$edgeAgent" }).length > 0;
    if (acting.length === 0 && !wasManaged) return;
    setManagedModules(
      hub,
      deviceId,
      acting.flatMap(({ content }) => moduleIdsOf(content)),
      { ...this.deps, modules },
    );
  }

  /**
   * The configurations that concerned a twin and were not deleted since: what a deleted one has set stays (measured on Azure:
   * mwalser/terraform-provider-iothub).
   */
  #earlier(hub: string, key: DeviceKey): ConfigurationTarget[] {
    const { configurations } = this.deps;
    return configurations.targets(hub, key).filter(({ id }) => configurations.find(hub, id) !== undefined);
  }

  /** Writes what configurations set in a twin, weakest first, and removes what earlier ones have set. */
  #write(hub: string, key: DeviceKey, contributions: readonly Contribution[]): void {
    const { configurations, twins } = this.deps;
    const before = configurations.targets(hub, key);
    const after = contributions.map(
      ({ configuration: { id, etag }, status, settings }): ConfigurationTarget => ({
        id,
        etag,
        status,
        paths: settings.map(({ path }) => path),
      }),
    );
    const stamp = (list: readonly ConfigurationTarget[]) =>
      list
        .map(({ id, etag, status }) => `${id} ${etag} ${status}`)
        .sort()
        .join();
    if (stamp(before) === stamp(after)) return;
    const twin = twins.find(hub, key);
    if (!twin) return;
    let desired = twin.desired;
    // A deployment replaces another as a whole.
    const isDeployed = contributions.some(({ configuration: { content } }) => kindOf(content) === "edge");
    for (const { paths } of isDeployed ? before : this.#earlier(hub, key))
      for (const path of paths) desired = withValue(desired, path, undefined);
    for (const { settings } of [...contributions].reverse()) {
      for (const { path, value } of settings) desired = withValue(desired, path, value);
    }
    const patch = patchBetween(twin.desired, desired);
    if (patch) checkTwin(twins.patch(hub, key, { desired: patch }));
    configurations.setTargets(hub, key, after);
  }
}

/**
 * Returns the deployments that act on a device, strongest first: the strongest whole one, and the layered ones above it (Azure
 * documentation, "Understand IoT Edge automatic deployments").
 */
function actingDeployments(deployments: readonly Configuration[]): readonly Configuration[] {
  const at = deployments.findIndex(({ content }) => isWhole(content));
  return at < 0 ? [] : deployments.slice(0, at + 1);
}

/** Makes the modules that the Edge runtime manages on a device exactly these. Call it inside a transaction. */
export function setManagedModules(
  hub: string,
  deviceId: string,
  moduleIds: readonly string[],
  { modules, ids }: Pick<HubDependencies, "modules" | "ids">,
): void {
  for (const { moduleId, managedBy } of modules.list(hub, deviceId)) {
    if (managedBy === EDGE_MANAGER && !moduleId.startsWith("$") && !moduleIds.includes(moduleId)) {
      modules.remove(hub, deviceId, moduleId);
    }
  }
  for (const moduleId of new Set(moduleIds)) {
    if (modules.find(hub, deviceId, moduleId)) continue;
    const symmetricKey = { primaryKey: ids.key(), secondaryKey: ids.key() };
    modules.save(hub, { deviceId, moduleId, managedBy: EDGE_MANAGER, authentication: { type: "sas", symmetricKey } });
  }
}
