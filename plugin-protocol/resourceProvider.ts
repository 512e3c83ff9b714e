import type { Properties } from "./propertyValue";

/** One error in a program's inputs, at a property's path such as `properties.iotHubs[0].location`. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/** The inputs with what a program may leave out filled in, and all their failures. */
export interface CheckResult {
  readonly inputs: Properties;
  readonly failures: readonly CheckFailure[];
}

/** The engine's settings for automatic names (`pulumi:autonaming` configuration). */
export interface Autonaming {
  readonly proposedName: string;
  readonly mode: "propose" | "enforce" | "disable";
}

/** How one property changed. */
export interface Change {
  readonly kind: "add" | "delete" | "update";
  readonly replaces: boolean;
}

/** The effect of a change of inputs on a resource. */
export interface ResourceDiff {
  readonly hasChanges: boolean;
  /** By property path, for example `sku.capacity`. Undefined: the engine compares the inputs. */
  readonly changes?: ReadonlyMap<string, Change>;
  /** The top-level properties that changed. */
  readonly changed: readonly string[];
  /** The top-level properties whose change replaces the resource. */
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** A resource's state after a request. */
export interface ResourceState {
  readonly id: string;
  readonly outputs: Properties;
}

/** A resource's state as it was read, with the inputs that a program would have for it. */
export interface ReadState extends ResourceState {
  readonly inputs: Properties;
}

/** A resource that was accepted and then failed, or may have been: it must stay in the state. */
export class ResourceInitFailedError extends Error {
  override readonly name = "ResourceInitFailedError";
  constructor(
    readonly state: ResourceState,
    cause: Error,
  ) {
    super(cause.message, { cause });
  }
}

/** A function's result, or the failures of its arguments. */
export type InvokeResult = { readonly result: Properties } | { readonly failures: readonly CheckFailure[] };

/** A Pulumi provider, apart from gRPC: each method serves one of the engine's requests. */
export interface ResourceProvider {
  readonly version: string;
  /** Whether secrets arrive wrapped, and leave wrapped. Without, the engine marks an output secret where its input is. */
  readonly acceptsSecrets: boolean;
  /** @throws {Error} when the plugin must not start. */
  handshake(): Promise<void>;
  /** Failures of the provider's own configuration. */
  checkConfig(given: Properties): readonly CheckFailure[];
  configure(given: Properties): void;
  check(
    urn: string,
    former: Properties,
    inputs: Properties,
    seed: Uint8Array,
    autonaming?: Autonaming,
  ): Promise<CheckResult>;
  /** `state` are the outputs of the last run. */
  diff(
    urn: string,
    oldInputs: Properties,
    newInputs: Properties,
    state: Properties,
    id: string,
  ): ResourceDiff | Promise<ResourceDiff>;
  /**
   * A preview changes nothing. A timeout of 0 is none.
   * @throws {ResourceInitFailedError} for a resource that was made in part.
   */
  create(urn: string, inputs: Properties, isPreview: boolean, timeoutSeconds: number): Promise<ResourceState>;
  /** Inputs and state are empty for an import. Undefined when the resource is gone. */
  read(urn: string, id: string, inputs: Properties, state: Properties): Promise<ReadState | undefined>;
  /** @throws {ResourceInitFailedError} for an update that stopped half-way. */
  update(
    urn: string,
    id: string,
    inputs: Properties,
    state: Properties,
    isPreview: boolean,
    timeoutSeconds: number,
  ): Promise<ResourceState>;
  remove(urn: string, id: string, timeoutSeconds: number, state: Properties): Promise<void>;
  /** Runs a function by its token. Undefined: the provider has no functions. */
  invoke?(token: string, args: Properties): Promise<InvokeResult>;
  /** Ends waits and requests under way. */
  cancel(): void;
  /** The package's schema as JSON. Undefined: it has none. */
  schema?(): string;
}

/** The type token of a URN, `urn:pulumi:stack::project::parent$pkg:mod:Type::name`. */
export const urnToken = (urn: string): string => (urn.split("::")[2] ?? "").split("$").at(-1) ?? "";
/** The logical name of a URN. A name may contain `::`. */
export const urnName = (urn: string): string => urn.split("::").slice(3).join("::");
