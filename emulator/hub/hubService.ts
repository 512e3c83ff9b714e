import { hubHost } from "../../azure/hosts";
import { CertificateCache } from "../../certs/cache";
import type { ArmDependencies } from "../arm/armDependencies";
import { BlobsUnavailable, type SendBlobRequest } from "../kernel/blobRequests";
import type { Directory, TokenValidator } from "../kernel/directory";
import { isApiVersion, type Operation, type Request } from "../kernel/operation";
import type { ServiceDefinition } from "../kernel/service";
import type { SharedDependencies } from "../kernel/sharedDependencies";
import { ConfigurationApplier } from "./configurations/configurationApplier";
import { configurationOperations } from "./configurations/configurationOperations";
import { ConfigurationStore } from "./configurations/configurationStore";
import type { ClientKey } from "./connections/clientKey";
import { ConnectionRegistry } from "./connections/connectionRegistry";
import { SessionStore } from "./connections/sessionStore";
import { type DeviceApi, deviceApi } from "./deviceApi";
import { bulkOperations } from "./devices/bulkOperations";
import { deviceOperations } from "./devices/deviceOperations";
import { IdentityStore } from "./devices/identityStore";
import { keyRegeneration } from "./devices/keyRegeneration";
import { digitalTwinOperations } from "./digitalTwins/digitalTwinOperations";
import { eventOperations } from "./events/eventOperations";
import { type EventQuery, EventStore } from "./events/eventStore";
import type { HubEvent } from "./events/hubEvent";
import { TelemetryWriter } from "./events/telemetryWriter";
import { fileNotificationOperations } from "./files/fileNotificationOperations";
import { FileNotificationQueue } from "./files/fileNotificationQueue";
import { fileUploadOperations } from "./files/fileUploadOperations";
import { FileUploadStore } from "./files/fileUploadStore";
import type { HubDependencies } from "./hubDependencies";
import { completeHubError, hubError } from "./hubErrors";
import { hubManagement } from "./hubManagement";
import { importExportManagement } from "./importExport/importExportManagement";
import { importExportOperations } from "./importExport/importExportOperations";
import { ImportExportRunner } from "./importExport/importExportRunner";
import { ImportExportStore } from "./importExport/importExportStore";
import { jobOperations } from "./jobs/jobOperations";
import { JobRunner } from "./jobs/jobRunner";
import { JobStore } from "./jobs/jobStore";
import { CloudToDeviceQueue } from "./messages/cloudToDeviceQueue";
import { deviceBoundOperations } from "./messages/deviceBoundOperations";
import { feedbackOperations } from "./messages/feedbackOperations";
import { MethodInvocations } from "./methods/methodInvocations";
import { methodOperations } from "./methods/methodOperations";
import { moduleOperations } from "./modules/moduleOperations";
import { queryOperations } from "./queries/queryOperations";
import { HubNotifications } from "./routing/hubNotifications";
import { MessageRouter } from "./routing/messageRouter";
import { routeTestOperations } from "./routing/routeTestOperations";
import { type ServiceApi, serviceApi } from "./serviceApi";
import { twinOperations } from "./twins/twinOperations";
import { TwinStore } from "./twins/twinStore";

/** Reads a hub's events for the control listener. */
export interface EventReader {
  /** Returns the events of a hub by name or host name; undefined if there is no such hub. */
  read(hub: string, query?: EventQuery): readonly HubEvent[] | undefined;
}

/** The data plane of all IoT hubs. */
export interface HubService {
  /** `NAME.azure-devices.net`: the service API and the device API. */
  readonly definition: ServiceDefinition;
  readonly events: EventReader;
  /** The same, for the Event Hubs-compatible endpoint. */
  readonly eventStore: EventStore;
  /** The notifications of uploaded files. */
  readonly fileNotifications: FileNotificationQueue;
  /** The identity registries, in which DPS creates devices. */
  readonly identities: IdentityStore;
  /** The device side for transports with connections. */
  readonly devices: DeviceApi;
  /** The service side for transports with connections. */
  readonly service: ServiceApi;
  /** Runs jobs in the background from `start` on. */
  readonly jobs: JobRunner;
  /** Imports and exports devices in the background; `start` ends what an earlier process left. */
  readonly importExports: ImportExportRunner;
  /** Applies configurations in the background; from `start` on those of an earlier process too. */
  readonly configurations: ConfigurationApplier;
  /** ARM's operations on what the hubs count. */
  readonly management: (arm: ArmDependencies) => Operation[];
}

function hubDefinition(operations: readonly Operation[], deps: HubDependencies): ServiceDefinition {
  return {
    name: "hub",
    operations,
    // The Java SDK's HTTP client knows no PATCH.
    verb: (headers) => (/^patch$/i.test(String(headers["x-http-method-override"])) ? "PATCH" : "POST"),
    headers: () => ({ "x-ms-request-id": deps.ids.guid() }),
    notFound: (request: Request) =>
      hubError("NotEmulated", `${request.method} ${request.path} is not emulated by the local Azure`),
    badBody: (_request, reason) => hubError("ArgumentInvalid", `the body is not valid JSON: ${reason ?? "it is cut"}`),
    badPath: () => hubError("ArgumentInvalid", "the path's percent-encoding is invalid"),
    tooLarge: () =>
      hubError("MessageTooLarge", "the body is larger than its limit: 256 KB for messages, 1 MB for others"),
    internal: () => hubError("ServerError", "an internal error of the local Azure; see its log"),
    complete: (error, request) => completeHubError(error, deps, request),
    before(request) {
      if (!request.query.get("api-version")) throw hubError("InvalidProtocolVersion", "the api-version is missing");
      if (!isApiVersion(request)) {
        throw hubError("InvalidProtocolVersion", "the api-version is no date, such as 2021-04-12");
      }
      return undefined;
    },
  };
}

const noStorage: SendBlobRequest = () =>
  Promise.reject(new BlobsUnavailable(true, "the local Azure has no storage of its own"));

/** Makes the data plane of the IoT hubs. */
export function hubService(
  services: Pick<SharedDependencies, "database" | "clock" | "ids">,
  outside: {
    readonly directory: Directory;
    readonly tokens: TokenValidator;
    /** Takes errors of work in the background. */
    readonly failed: (error: unknown) => void;
    /** Logs a message that was routed to an endpoint that is not emulated. Default: it does not. */
    readonly warnOfRouting?: (detail: Readonly<Record<string, unknown>>) => void;
    /** Sends requests to blobs. Default: there is no storage. */
    readonly sendBlobRequest?: SendBlobRequest;
    /** Issues a token of a managed identity for storage. Default: an empty one, as there is no storage. */
    readonly issueToken?: HubDependencies["issueToken"];
  },
): HubService {
  const { directory, failed } = outside;
  const [identities, twins, events] = [new IdentityStore(services), new TwinStore(services), new EventStore(services)];
  const { modules } = identities;
  const [connections, sessions] = [new ConnectionRegistry(), new SessionStore(services)];
  const messages = new CloudToDeviceQueue(services, (client, count) => identities.setMessageCount(client, count));
  const methods = new MethodInvocations({ ids: services.ids, connections });
  const [jobs, configurations] = [new JobStore(services), new ConfigurationStore(services)];
  const router = new MessageRouter({ events, twins, warn: outside.warnOfRouting ?? (() => undefined) });
  const notifications = new HubNotifications({ ...services, directory, router, twins });
  const stores = {
    ...{ identities, modules, twins, events, connections, messages, methods, jobs, configurations },
    router,
    fileUploads: new FileUploadStore(services),
    fileNotifications: new FileNotificationQueue(services),
    importExports: new ImportExportStore(services),
    sendBlobRequest: outside.sendBlobRequest ?? noStorage,
    issueToken: outside.issueToken ?? (() => ""),
    telemetry: new TelemetryWriter({ ...services, router, identities }),
  };
  const jobRunner = new JobRunner({ ...services, ...stores }, failed);
  const applier = new ConfigurationApplier({ ...services, ...stores }, failed);
  const deps: HubDependencies = { ...services, ...outside, ...stores, cas: new CertificateCache() };
  const importExports = new ImportExportRunner(deps, failed, (hub) => applier.hubChanged(hub));
  connections.onState((client, state) => {
    // Not awaited: who is connected is known without the database, and a process that ends takes its connections along.
    const isConnected = state === "Connected";
    services.database
      .groupCommit(() => {
        identities.setConnected(client, isConnected);
        notifications.connectionChanged(client.hub, client, isConnected);
      })
      .catch(() => undefined);
  });
  /** Removes what is stored of a client beside its identity. */
  const removeClient = (client: ClientKey): void => {
    messages.removeClient(client);
    sessions.removeClient(client);
  };
  identities.onRevoked((hub, deviceId, reason, moduleIds) => {
    connections.endDevice(hub, deviceId, `the device is ${reason}`);
    if (reason === "disabled") return;
    stores.fileUploads.removeDevice(hub, deviceId);
    for (const moduleId of [undefined, ...moduleIds]) removeClient({ hub, deviceId, moduleId });
  });
  identities.onSaved((hub, deviceId) => applier.deviceChanged(hub, deviceId));
  twins.onChange((hub, { deviceId }, { sections: { tags, reported } }) => {
    if (tags || reported) applier.deviceChanged(hub, deviceId);
  });
  identities.onCreated((hub, deviceId) => notifications.identityChanged(hub, { deviceId }, "createDeviceIdentity"));
  identities.onRemoving((hub, deviceId) => notifications.identityChanged(hub, { deviceId }, "deleteDeviceIdentity"));
  modules.onCreated((hub, key) => notifications.identityChanged(hub, key, "createDeviceIdentity"));
  modules.onRemoving((hub, key) => {
    notifications.identityChanged(hub, key, "deleteDeviceIdentity");
    connections.end({ hub, ...key }, "the module is deleted");
    removeClient({ hub, ...key });
  });
  twins.onChange((hub, key, change) => notifications.twinChanged(hub, key, change));
  twins.onChange((hub, key, { sections: { desired }, twin }) => {
    if (!desired) return;
    const version = twin.desiredVersion;
    services.database.afterCommit(() =>
      connections.find({ hub, ...key })?.receiveDesired?.({ patch: desired, version }),
    );
  });
  directory.onRemoved((kind, key) => {
    if (kind !== "hub") return;
    connections.endAll("the hub is deleted", key);
    for (const table of [
      "hub_device",
      "hub_event_batch",
      "hub_partition",
      "hub_queue",
      "hub_job",
      "hub_configuration",
      "hub_session",
      "hub_file_upload",
      "hub_import_export",
    ]) {
      services.database.remove(table, { hub: key });
    }
  });
  const operations = [
    ...deviceOperations(deps),
    ...bulkOperations(deps),
    ...keyRegeneration(deps),
    ...moduleOperations(deps),
    ...twinOperations(deps),
    ...digitalTwinOperations(deps),
    ...queryOperations(deps),
    ...jobOperations(deps, () => jobRunner.wake()),
    ...importExportOperations(deps, importExports),
    ...configurationOperations(deps, (hub) => applier.hubChanged(hub)),
    ...eventOperations(deps),
    ...deviceBoundOperations(deps),
    ...feedbackOperations(deps),
    ...fileUploadOperations(deps),
    ...fileNotificationOperations(deps),
    ...methodOperations(deps),
  ];
  return {
    definition: hubDefinition(operations, deps),
    identities,
    eventStore: events,
    fileNotifications: stores.fileNotifications,
    service: serviceApi(deps),
    devices: deviceApi(deps, sessions),
    jobs: jobRunner,
    importExports,
    configurations: applier,
    management: (arm) => [
      ...hubManagement({ arm, identities, events }),
      ...importExportManagement(arm, { importExports: stores.importExports, runner: importExports }),
      ...routeTestOperations(arm),
    ],
    events: {
      read(hub, query) {
        const record = directory.hub((hub.includes(".") ? hub : hubHost(hub)).toLowerCase());
        if (!record) return undefined;
        events.removeExpired(record);
        return events.read(record.key, query);
      },
    },
  };
}
