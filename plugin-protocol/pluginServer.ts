import { type handleUnaryCall, Metadata, status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb";
import provider from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "./propertyValue";
import {
  type Autonaming,
  type Change,
  type CheckFailure,
  ResourceInitFailedError,
  type ResourceProvider,
} from "./resourceProvider";

/** What differs between the plugins. */
export interface PluginOptions {
  /** Begins the message of a request that the plugin does not serve. */
  readonly name: string;
  /** By request, why the plugin does not serve it. */
  readonly refused: Readonly<Partial<Record<"getSchema" | "parameterize" | "construct" | "call" | "list", string>>>;
  /** Called each time the engine has configured the plugin. */
  configured?(): void;
  /** Serves `construct`, which makes a component. */
  readonly construct?: handleUnaryCall<provider.ConstructRequest, provider.ConstructResponse>;
}

/**
 * The engine's gRPC service `pulumirpc.ResourceProvider` over a provider. Served with the protocol's own messages: the SDK's
 * high-level server knows neither detailed diffs nor previews nor automatic names, and loads the whole SDK (0.4 s).
 */
export function pluginService(resources: ResourceProvider, options: PluginOptions): UntypedServiceImplementation {
  const refuse = (request: keyof PluginOptions["refused"]) => refused(options, request);
  return {
    handshake: unary<provider.ProviderHandshakeRequest, provider.ProviderHandshakeResponse>(async () => {
      await resources.handshake();
      const response = new provider.ProviderHandshakeResponse();
      response.setAcceptSecrets(resources.acceptsSecrets);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
    getPluginInfo: unary<Empty, plugin.PluginInfo>(async () => {
      const response = new plugin.PluginInfo();
      response.setVersion(resources.version);
      return response;
    }),
    checkConfig: unary<provider.CheckRequest, provider.CheckResponse>(async (request) => {
      const news = toObject(request.getNews());
      return checked(news, resources.checkConfig(news));
    }),
    diffConfig: unary<provider.DiffRequest, provider.DiffResponse>(async () => new provider.DiffResponse()),
    configure: unary<provider.ConfigureRequest, provider.ConfigureResponse>(async (request) => {
      resources.configure(toObject(request.getArgs()));
      options.configured?.();
      const response = new provider.ConfigureResponse();
      response.setSupportspreview(true);
      response.setAcceptsecrets(resources.acceptsSecrets);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
    check: unary<provider.CheckRequest, provider.CheckResponse>(async (request) => {
      const { inputs, failures } = await resources.check(
        request.getUrn(),
        toObject(request.getOlds()),
        toObject(request.getNews()),
        request.getRandomseed_asU8(),
        autonaming(request),
      );
      return checked(inputs, failures);
    }),
    diff: unary<provider.DiffRequest, provider.DiffResponse>(async (request) => diffed(resources, request)),
    create: unary<provider.CreateRequest, provider.CreateResponse>(async (request) => {
      const inputs = toObject(request.getProperties());
      const made = await resources.create(request.getUrn(), inputs, request.getPreview(), request.getTimeout());
      const response = new provider.CreateResponse();
      response.setId(made.id);
      response.setProperties(toStruct(made.outputs));
      return response;
    }),
    read: unary<provider.ReadRequest, provider.ReadResponse>(async (request) => {
      const [inputs, state] = [toObject(request.getInputs()), toObject(request.getProperties())];
      const found = await resources.read(request.getUrn(), request.getId(), inputs, state);
      const response = new provider.ReadResponse(); // an empty id: the resource is gone
      if (!found) return response;
      response.setId(found.id);
      response.setProperties(toStruct(found.outputs));
      response.setInputs(toStruct(found.inputs));
      return response;
    }),
    update: unary<provider.UpdateRequest, provider.UpdateResponse>(async (request) => {
      const [inputs, state] = [toObject(request.getNews()), toObject(request.getOlds())];
      const made = await resources.update(
        request.getUrn(),
        request.getId(),
        inputs,
        state,
        request.getPreview(),
        request.getTimeout(),
      );
      const response = new provider.UpdateResponse();
      response.setProperties(toStruct(made.outputs));
      return response;
    }),
    delete: unary<provider.DeleteRequest, Empty>(async (request) => {
      await resources.remove(
        request.getUrn(),
        request.getId(),
        request.getTimeout(),
        toObject(request.getProperties()),
      );
      return new Empty();
    }),
    invoke: unary<provider.InvokeRequest, provider.InvokeResponse>(async (request) => {
      const token = request.getTok();
      if (resources.invoke === undefined) throw new Error(`${options.name} has no function ${token}`);
      const invoked = await resources.invoke(token, toObject(request.getArgs()));
      const response = new provider.InvokeResponse();
      if ("failures" in invoked) response.setFailuresList(invoked.failures.map(failure));
      else response.setReturn(toStruct(invoked.result));
      return response;
    }),
    cancel: unary<Empty, Empty>(async () => {
      resources.cancel();
      return new Empty();
    }),
    getSchema:
      resources.schema === undefined
        ? refuse("getSchema")
        : unary<provider.GetSchemaRequest, provider.GetSchemaResponse>(async () => {
            const response = new provider.GetSchemaResponse();
            response.setSchema(resources.schema?.() ?? "{}");
            return response;
          }),
    parameterize: refuse("parameterize"),
    construct: options.construct ?? refuse("construct"),
    call: refuse("call"),
    attach: unary<Empty, Empty>(async () => new Empty()),
    getMapping: unary<Empty, provider.GetMappingResponse>(async () => new provider.GetMappingResponse()),
    getMappings: unary<Empty, provider.GetMappingsResponse>(async () => new provider.GetMappingsResponse()),
    list: refuse("list"),
  };
}

function unary<Request, Response>(handle: (request: Request) => Promise<Response>): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    handle(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(rpcError(error instanceof Error ? error : new Error(String(error)))),
    );
  };
}

const refused =
  (
    { name, refused: reasons }: PluginOptions,
    request: keyof PluginOptions["refused"],
  ): handleUnaryCall<unknown, never> =>
  (_, callback) =>
    callback({
      code: status.UNIMPLEMENTED,
      details: `${name} does not serve ${request}${reasons[request] === undefined ? "" : `: ${reasons[request]}`}`,
    });

/** One message without a stack; a partly made resource travels in the status details, where the engine looks for it. */
function rpcError(error: Error): { code: status; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  if (error instanceof ResourceInitFailedError) {
    const detail = new provider.ErrorResourceInitFailed();
    detail.setId(error.state.id);
    detail.setProperties(toStruct(error.state.outputs));
    detail.setReasonsList([error.message]);
    const wrapped = new Any();
    wrapped.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const rich = new Status();
    rich.setCode(status.UNKNOWN);
    rich.setMessage(error.message);
    rich.addDetails(wrapped);
    metadata.add("grpc-status-details-bin", Buffer.from(rich.serializeBinary()));
  }
  return { code: status.UNKNOWN, details: error.message, metadata };
}

function checked(inputs: Properties, failures: readonly CheckFailure[]): provider.CheckResponse {
  const response = new provider.CheckResponse();
  response.setInputs(toStruct(inputs));
  response.setFailuresList(failures.map(failure));
  return response;
}

/** The reason names the property's path. The field for it stays empty, as the genuine plugin leaves it: the engine prints the value beside it. */
function failure({ reason }: CheckFailure): provider.CheckFailure {
  const message = new provider.CheckFailure();
  message.setReason(reason);
  return message;
}

function autonaming(request: provider.CheckRequest): Autonaming | undefined {
  const options = request.getAutonaming();
  if (!options) return undefined;
  const { Mode } = provider.CheckRequest.AutonamingOptions;
  const modes = { [Mode.PROPOSE]: "propose", [Mode.ENFORCE]: "enforce", [Mode.DISABLE]: "disable" } as const;
  return { proposedName: options.getProposedName(), mode: modes[options.getMode()] };
}

async function diffed(resources: ResourceProvider, request: provider.DiffRequest): Promise<provider.DiffResponse> {
  const [oldInputs, news] = [toObject(request.getOldInputs()), toObject(request.getNews())];
  const found = await resources.diff(request.getUrn(), oldInputs, news, toObject(request.getOlds()), request.getId());
  const response = new provider.DiffResponse();
  const { DiffChanges } = provider.DiffResponse;
  response.setChanges(found.hasChanges ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
  response.setDiffsList([...found.changed]);
  response.setReplacesList([...found.replaces]);
  // ARM IDs are names: a new resource of a fixed name has the old one's ID.
  response.setDeletebeforereplace(found.deleteBeforeReplace);
  if (found.changes === undefined) return response;
  response.setHasdetaileddiff(true);
  const details = response.getDetaileddiffMap();
  for (const [path, change] of found.changes) details.set(path, propertyDiff(change));
  return response;
}

function propertyDiff(change: Change): provider.PropertyDiff {
  const { Kind } = provider.PropertyDiff;
  const kind = change.kind.toUpperCase() as Uppercase<Change["kind"]>;
  const message = new provider.PropertyDiff();
  message.setKind(Kind[change.replaces ? (`${kind}_REPLACE` as const) : kind]);
  message.setInputdiff(true);
  return message;
}

const toObject = (struct: Struct | undefined): Properties => (struct?.toJavaScript() ?? {}) as Properties;

const toStruct = (properties: Properties): Struct =>
  Struct.fromJavaScript(properties as Record<string, JavaScriptValue>);
