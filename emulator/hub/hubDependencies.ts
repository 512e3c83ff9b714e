import { azureHost } from "../../azure/hosts";
import type { CertificateCache } from "../../certs/cache";
import type { SendBlobRequest } from "../kernel/blobRequests";
import type { Directory, HubRecord, ManagedPrincipal, TokenValidator } from "../kernel/directory";
import type { Request } from "../kernel/operation";
import type { SharedDependencies } from "../kernel/sharedDependencies";
import type { ConfigurationStore } from "./configurations/configurationStore";
import type { ConnectionRegistry } from "./connections/connectionRegistry";
import type { IdentityStore } from "./devices/identityStore";
import type { EventStore } from "./events/eventStore";
import type { TelemetryWriter } from "./events/telemetryWriter";
import type { FileNotificationQueue } from "./files/fileNotificationQueue";
import type { FileUploadStore } from "./files/fileUploadStore";
import { hubError } from "./hubErrors";
import type { ImportExportStore } from "./importExport/importExportStore";
import type { JobStore } from "./jobs/jobStore";
import type { CloudToDeviceQueue } from "./messages/cloudToDeviceQueue";
import type { MethodInvocations } from "./methods/methodInvocations";
import type { ModuleStore } from "./modules/moduleStore";
import type { MessageRouter } from "./routing/messageRouter";
import type { TwinStore } from "./twins/twinStore";

/** Dependencies of the hubs' operations. */
export interface HubDependencies extends Pick<SharedDependencies, "database" | "clock" | "ids"> {
  readonly directory: Directory;
  readonly tokens: TokenValidator;
  readonly identities: IdentityStore;
  readonly modules: ModuleStore;
  readonly twins: TwinStore;
  readonly events: EventStore;
  readonly telemetry: TelemetryWriter;
  readonly connections: ConnectionRegistry;
  readonly messages: CloudToDeviceQueue;
  readonly methods: MethodInvocations;
  readonly fileUploads: FileUploadStore;
  readonly fileNotifications: FileNotificationQueue;
  readonly importExports: ImportExportStore;
  readonly sendBlobRequest: SendBlobRequest;
  /** Issues a token of a managed identity for storage. */
  readonly issueToken: (principal: Pick<ManagedPrincipal, "clientId" | "objectId">) => string;
  /** Parsed CA certificates. */
  readonly cas: CertificateCache;
  readonly jobs: JobStore;
  readonly configurations: ConfigurationStore;
  readonly router: MessageRouter;
}

/** Returns the hub of a request's host name. Throws IotHubNotFound. */
export function hubOf(request: Request, { directory }: Pick<HubDependencies, "directory">): HubRecord {
  const hub = azureHost(request.host)?.service === "hub" ? directory.hub(request.host) : undefined;
  if (!hub) throw hubError("IotHubNotFound", request.host, { reason: `no IoT hub has the host name ${request.host}` });
  return hub;
}
