import { type handleUnaryCall, Metadata, status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb";
import provider from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Autonaming } from "./autoNaming";
import type { Change } from "./inputDiff";
import type { CheckFailure } from "./inputValidation";
import type { Properties } from "./propertyValue";
import { ResourceInitFailedError } from "./resourceLifecycle";
import type { StandIn } from "./standIn";

/**
 * The engine's gRPC service `pulumirpc.ResourceProvider` over the stand-in. It accepts no secrets, as the genuine plugin: the
 * engine itself marks an output secret where its input is. Served with the protocol's own messages: the SDK's
 * high-level server knows neither detailed diffs nor previews nor automatic names, and loads the whole SDK (0.4 s).
 * `configured` is called each time the engine has configured the plugin.
 */
export function service(standIn: StandIn, version: string, configured?: () => void): UntypedServiceImplementation {
  return {
    handshake: unary<provider.ProviderHandshakeRequest, provider.ProviderHandshakeResponse>(async () => {
      await standIn.handshake();
      const response = new provider.ProviderHandshakeResponse();
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
    getPluginInfo: unary<Empty, plugin.PluginInfo>(async () => {
      const response = new plugin.PluginInfo();
      response.setVersion(version);
      return response;
    }),
    checkConfig: unary<provider.CheckRequest, provider.CheckResponse>(async (request) => {
      const news = toObject(request.getNews());
      return checked(news, standIn.checkConfig(news));
    }),
    diffConfig: unary<provider.DiffRequest, provider.DiffResponse>(async () => new provider.DiffResponse()),
    configure: unary<provider.ConfigureRequest, provider.ConfigureResponse>(async (request) => {
      standIn.configure(toObject(request.getArgs()));
      configured?.();
      const response = new provider.ConfigureResponse();
      response.setSupportspreview(true);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
    check: unary<provider.CheckRequest, provider.CheckResponse>(async (request) => {
      const { inputs, failures } = await standIn.check(
        request.getUrn(),
        toObject(request.getOlds()),
        toObject(request.getNews()),
        request.getRandomseed_asU8(),
        autonaming(request),
      );
      return checked(inputs, failures);
    }),
    diff: unary<provider.DiffRequest, provider.DiffResponse>(async (request) => diffed(standIn, request)),
    create: unary<provider.CreateRequest, provider.CreateResponse>(async (request) => {
      const inputs = toObject(request.getProperties());
      const made = await standIn.create(request.getUrn(), inputs, request.getPreview(), request.getTimeout());
      const response = new provider.CreateResponse();
      response.setId(made.id);
      response.setProperties(toStruct(made.outputs));
      return response;
    }),
    read: unary<provider.ReadRequest, provider.ReadResponse>(async (request) => {
      const [inputs, state] = [toObject(request.getInputs()), toObject(request.getProperties())];
      const found = await standIn.read(request.getUrn(), request.getId(), inputs, state);
      const response = new provider.ReadResponse(); // an empty id: the resource is gone
      if (!found) return response;
      response.setId(found.id);
      response.setProperties(toStruct(found.outputs));
      response.setInputs(toStruct(found.inputs));
      return response;
    }),
    update: unary<provider.UpdateRequest, provider.UpdateResponse>(async (request) => {
      const [inputs, state] = [toObject(request.getNews()), toObject(request.getOlds())];
      const made = await standIn.update(
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
      await standIn.remove(request.getUrn(), request.getId(), request.getTimeout());
      return new Empty();
    }),
    invoke: unary<provider.InvokeRequest, provider.InvokeResponse>(async (request) => {
      const invoked = await standIn.invoke(request.getTok(), toObject(request.getArgs()));
      const response = new provider.InvokeResponse();
      if ("failures" in invoked) response.setFailuresList(invoked.failures.map(failure));
      else response.setReturn(toStruct(invoked.result));
      return response;
    }),
    cancel: unary<Empty, Empty>(async () => {
      standIn.cancel();
      return new Empty();
    }),
    getSchema: refused("GetSchema: the schema comes with the genuine azure-native plugin"),
    parameterize: refused("Parameterize: other api-versions come with the genuine azure-native plugin"),
    construct: refused("Construct: azure-native has no components"),
    call: refused("Call: azure-native has no methods"),
    attach: unary<Empty, Empty>(async () => new Empty()),
    getMapping: unary<Empty, provider.GetMappingResponse>(async () => new provider.GetMappingResponse()),
    getMappings: unary<Empty, provider.GetMappingsResponse>(async () => new provider.GetMappingsResponse()),
    list: refused("List: listing comes with the genuine azure-native plugin"),
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

const refused = (what: string): handleUnaryCall<unknown, never> => {
  return (_, callback) =>
    callback({ code: status.UNIMPLEMENTED, details: `the stand-in azure-native plugin does not do ${what}` });
};

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

function diffed(standIn: StandIn, request: provider.DiffRequest): provider.DiffResponse {
  const [oldInputs, news] = [toObject(request.getOldInputs()), toObject(request.getNews())];
  const found = standIn.diff(request.getUrn(), oldInputs, news, toObject(request.getOlds()));
  const response = new provider.DiffResponse();
  const { DiffChanges } = provider.DiffResponse;
  response.setChanges(found.changes.size > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
  response.setDiffsList([...found.changed]);
  response.setReplacesList([...found.replaces]);
  // ARM IDs are names: a new resource of a fixed name has the old one's ID.
  response.setDeletebeforereplace(found.deleteBeforeReplace);
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
