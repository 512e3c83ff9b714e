import {
  isSame,
  markedLike,
  type Properties,
  plain,
  secret,
  UNKNOWN,
  type Value,
} from "../plugin-protocol/propertyValue";
import {
  type CheckFailure,
  type CheckResult,
  type ReadState,
  type ResourceDiff,
  ResourceInitFailedError,
  type ResourceProvider,
  type ResourceState,
  urnToken,
} from "../plugin-protocol/resourceProvider";
import { type Handler, PartialError, type Props } from "../providers/handlers/resource/handler";
import { isUnknownCertificate } from "../providers/handlers/resource/unknownCertificate";
import { listInputs, schemaInputs } from "./listInputs";
import type { PackageSchema, ResourceSchema } from "./packageSchema";

/** Dependencies of the plugin; tests bring their own. */
export interface ProviderDependencies {
  /** The package's schema as JSON. */
  readonly schemaText: string;
  /** The handler of a noun, for example `enrollmentGroup`. Its waits end with the signal. */
  handler(noun: string, signal: AbortSignal): Handler;
}

/** The provider `zero-touch`, apart from gRPC: the handlers of the dynamic resources, with secrets, previews and imports. */
export class ZeroTouchProvider implements ResourceProvider {
  readonly version: string;
  readonly acceptsSecrets = true;
  readonly #schema: PackageSchema;
  readonly #stop = new AbortController();

  constructor(private readonly dependencies: ProviderDependencies) {
    this.#schema = JSON.parse(dependencies.schemaText) as PackageSchema;
    this.version = this.#schema.version;
  }

  async handshake(): Promise<void> {}

  /** The provider has no configuration: it signs in from the environment, as the dynamic resources do. */
  checkConfig(): readonly CheckFailure[] {
    return [];
  }

  configure(): void {}

  schema(): string {
    return this.dependencies.schemaText;
  }

  async check(urn: string, former: Properties, given: Properties): Promise<CheckResult> {
    const { schema, handler, token } = this.#resource(urn);
    const news = listInputs(token, given);
    const { inputs, failures } = await handler.check(propsOf(former), propsOf(news));
    // An import has a thumbprint in place of a certificate, and lacks what Azure does not return, such as the key of an issuer:
    // it stays valid as long as nothing is to be changed.
    const isUnchanged = Object.keys(former).length > 0 && isSame(plain(listInputs(token, former)), valuesOf(inputs));
    const isUnread = (property: string) => inputs[property] === undefined || isUnknownCertificate(inputs[property]);
    const checked = withSecrets(valuesOf(inputs), schema.inputProperties, news);
    // The inputs of an import are as in the schema, by which the CLI generates its code.
    const isImport = former.enrollments !== undefined && isUnchanged;
    return {
      inputs: isImport ? schemaInputs(token, checked) : checked,
      failures: failures.filter(({ property }) => !(isUnchanged && isUnread(property))),
    };
  }

  async diff(
    urn: string,
    _oldInputs: Properties,
    inputs: Properties,
    state: Properties,
    id: string,
  ): Promise<ResourceDiff> {
    const { handler, token } = this.#resource(urn);
    const found = await handler.diff(id, propsOf(state), handlerInputs(token, inputs));
    const { changes, replaces, deleteBeforeReplace = false } = found;
    return { hasChanges: changes, changed: [], replaces, deleteBeforeReplace };
  }

  async create(urn: string, inputs: Properties, isPreview: boolean, timeoutSeconds: number): Promise<ResourceState> {
    const { schema, handler, token } = this.#resource(urn, timeoutSeconds);
    if (isPreview) return { id: "", outputs: unknownOutputs(schema, inputs) };
    return keepPartial(schema, inputs, async () => {
      const { id, outs } = await handler.create(handlerInputs(token, inputs));
      return { id, outputs: withSecrets(valuesOf(outs), schema.properties, inputs) };
    });
  }

  async read(urn: string, id: string, inputs: Properties, state: Properties): Promise<ReadState | undefined> {
    const { schema, handler, token } = this.#resource(urn);
    const isImport = Object.keys(inputs).length === 0 && Object.keys(state).length === 0;
    if (isImport && handler.import === undefined)
      throw new Error(
        `${token} cannot be imported: what it holds exists only where it was made, or in a stack's state`,
      );
    const found = await (isImport ? handler.import?.(id) : handler.read(id, propsOf(state)));
    if (found === undefined || found.id === "") return undefined;
    const marks = { ...state, ...inputs };
    const outputs = withSecrets(valuesOf(found.props), schema.properties, marks);
    if (found.inputs === undefined) return { id: found.id, outputs, inputs };
    const read = withSecrets(valuesOf(found.inputs), schema.inputProperties, marks);
    return { id: found.id, outputs, inputs: isImport ? schemaInputs(token, read) : read };
  }

  async update(
    urn: string,
    id: string,
    inputs: Properties,
    state: Properties,
    isPreview: boolean,
    timeoutSeconds: number,
  ): Promise<ResourceState> {
    const { schema, handler, token } = this.#resource(urn, timeoutSeconds);
    if (isPreview) return { id, outputs: unknownOutputs(schema, inputs) };
    return keepPartial(schema, inputs, async () => {
      const { outs } = await handler.update(id, propsOf(state), handlerInputs(token, inputs));
      return { id, outputs: withSecrets(valuesOf(outs), schema.properties, inputs) };
    });
  }

  async remove(urn: string, id: string, timeoutSeconds: number, state: Properties): Promise<void> {
    await this.#resource(urn, timeoutSeconds).handler.delete(id, propsOf(state));
  }

  /** Ends waits; a request under way goes on, because its outcome belongs into the state. */
  cancel(): void {
    this.#stop.abort(new Error("cancelled"));
  }

  #resource(urn: string, timeoutSeconds = 0): { token: string; schema: ResourceSchema; handler: Handler } {
    const token = urnToken(urn);
    const schema = Object.hasOwn(this.#schema.resources, token) ? this.#schema.resources[token] : undefined;
    if (schema === undefined || schema.isComponent === true)
      throw new Error(`${token} is no resource of zero-touch ${this.version}`);
    this.#stop.signal.throwIfAborted();
    const signal =
      timeoutSeconds > 0
        ? AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeoutSeconds * 1000)])
        : this.#stop.signal;
    const name = token.split(":").at(-1) ?? "";
    return { token, schema, handler: this.dependencies.handler(name.charAt(0).toLowerCase() + name.slice(1), signal) };
  }
}

const propsOf = (properties: Properties): Props => plain(properties) as Properties;

/** The inputs of a resource as its handler has them. */
const handlerInputs = (token: string, inputs: Properties): Props => propsOf(listInputs(token, inputs));

/** The handler's values without what is undefined. */
const valuesOf = (outs: Props): Properties => JSON.parse(JSON.stringify(outs)) as Properties;

/** Marks what the schema says is secret, and what is secret in the program. */
function withSecrets(values: Properties, schemas: ResourceSchema["properties"], given: Properties): Properties {
  const marked = Object.entries(values).map(([key, value]): [string, Value] => {
    const isSecret = Object.hasOwn(schemas, key) && schemas[key]?.secret === true;
    return [key, isSecret ? secret(value) : markedLike(value, Object.hasOwn(given, key) ? given[key] : undefined)];
  });
  return Object.fromEntries(marked);
}

/** What a preview knows of a resource: its inputs. */
function unknownOutputs(schema: ResourceSchema, inputs: Properties): Properties {
  const outputs = Object.keys(schema.properties).filter(
    (key) => inputs[key] === undefined && !Object.hasOwn(schema.inputProperties, key),
  );
  return { ...Object.fromEntries(outputs.map((key) => [key, UNKNOWN])), ...inputs };
}

/** Runs a create or update; one that stopped half-way leaves what it made in the state. */
async function keepPartial(
  schema: ResourceSchema,
  inputs: Properties,
  run: () => Promise<ResourceState>,
): Promise<ResourceState> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof PartialError)) throw error;
    const outputs = withSecrets(valuesOf(error.properties), schema.properties, inputs);
    throw new ResourceInitFailedError({ id: error.id, outputs }, error);
  }
}
