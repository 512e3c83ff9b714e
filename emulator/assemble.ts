import { azureHost } from "../azure/hosts";
import type { AmqpDependencies } from "./amqp/amqpDependencies";
import { eventHubsEndpoints } from "./amqp/eventHubs/eventHubsEndpoint";
import { eventHubsHttp } from "./amqp/eventHubs/eventHubsHttp";
import { ArmDirectory } from "./arm/armDirectory";
import { armDependencies, armService } from "./arm/armService";
import type { FaultInjector } from "./control/faultInjector";
import { dpsService } from "./dps/dpsService";
import { AccessTokens } from "./entra/accessTokens";
import { type Identity, newIdentity } from "./entra/applicationIdentity";
import { entraService } from "./entra/entraService";
import { OidcIssuer } from "./entra/oidcIssuer";
import type { SigningKey } from "./entra/signingKey";
import type { Tenant } from "./entra/tenant";
import { blobService, type StorageSetting } from "./front/azurite";
import { azuriteBlobs } from "./front/azuriteBlobs";
import { graphService } from "./graph/graphService";
import type { DeviceApi } from "./hub/deviceApi";
import { type EventReader, type HubService, hubService } from "./hub/hubService";
import type { ServiceApi } from "./hub/serviceApi";
import type { Directory, ManagedPrincipal } from "./kernel/directory";
import { mountAtFirstRequest, type Service, type ServiceDefinition } from "./kernel/service";
import type { SharedDependencies } from "./kernel/sharedDependencies";
import { machineService } from "./machine/machineService";
import { newSealingKey } from "./vault/sealer";
import { vaultManagement } from "./vault/vaultManagement";
import { vaultService } from "./vault/vaultService";

/** All services of the local Azure, before they are put behind HTTP. */
export interface Assembly {
  readonly definitions: Readonly<
    Record<"arm" | "entra" | "graph" | "machine" | "dpsDevice" | "dps" | "hub" | "vault", ServiceDefinition>
  >;
  /** Issues and validates bearer tokens. */
  readonly tokens: AccessTokens;
  /** The identity provider outside of Azure. */
  readonly issuer: OidcIssuer;
  readonly events: EventReader;
  /** The Event Hubs-compatible endpoints over AMQP. */
  readonly eventHubs: Pick<AmqpDependencies["endpoints"], "eventHubs" | "local">;
  readonly directory: Directory;
  /** The device side of the hubs, for MQTT and AMQP. */
  readonly devices: DeviceApi;
  /** The service side of the hubs, for AMQP. */
  readonly service: ServiceApi;
  /** Runs the jobs of the hubs in the background. */
  readonly jobs: HubService["jobs"];
  /** Imports and exports devices of the hubs in the background. */
  readonly importExports: HubService["importExports"];
  /** Applies the configurations of the hubs in the background. */
  readonly configurations: HubService["configurations"];
  /** Empties the database and every cache. */
  reset(): void;
}

/**
 * Makes the services over one database, one clock and one tenant. Default identity and sealing key of the vaults (32
 * bytes): new ones, not stored. `storage`: the storage to which hubs send, by default none.
 */
export function assemble(
  shared: SharedDependencies,
  tenant: Tenant,
  key: SigningKey,
  identity: Identity = newIdentity(key),
  sealingKey = newSealingKey(),
  storage: Pick<StorageSetting, "azurite"> = { azurite: undefined },
): Assembly {
  const tokens = new AccessTokens(tenant, key, shared);
  const { application, identitySecret } = identity;
  const issuer = new OidcIssuer(() => identity.issuerKey, shared);
  const directory = new ArmDirectory(shared, tenant);
  const failed = (error: unknown) => shared.log.error({ service: "hub", err: error }, "the local Azure failed");
  const warnOfRouting = (detail: Readonly<Record<string, unknown>>) => shared.log.warn(detail, "message not delivered");
  const issueToken = (principal: Pick<ManagedPrincipal, "clientId" | "objectId">) =>
    tokens.issue("https://storage.azure.com", { method: "2", principal });
  const hub = hubService(shared, {
    directory,
    tokens,
    failed,
    warnOfRouting,
    sendBlobRequest: azuriteBlobs(storage),
    issueToken,
  });
  const dps = dpsService(shared, { directory, tokens, identities: hub.identities });
  const vault = vaultService(shared, { vaults: directory, tokens, sealingKey });
  const arm = armDependencies(shared, { directory, tenantId: tenant.tenantId, tokens });
  const entra = entraService({ ...shared, tokens, application, issuer });
  const graph = graphService({ ...shared, tokens, tenant, application, directory });
  const machine = machineService({ ...shared, tokens, issuer, identitySecret, directory });
  return {
    definitions: {
      arm: armService(arm, [...vaultManagement({ ...vault, arm }), ...hub.management(arm)]),
      entra,
      graph,
      machine,
      dpsDevice: dps.deviceDefinition,
      dps: dps.definition,
      hub: hub.definition,
      vault: vault.definition,
    },
    tokens,
    issuer,
    events: hub.events,
    eventHubs: eventHubsEndpoints({ directory, clock: shared.clock, events: hub.eventStore }),
    directory,
    devices: hub.devices,
    service: hub.service,
    jobs: hub.jobs,
    importExports: hub.importExports,
    configurations: hub.configurations,
    reset() {
      hub.devices.connections.endAll("the local Azure is reset");
      shared.database.reset();
      directory.changed();
      vault.deps.objects.changed();
    },
  };
}

/** Finds the service for a host name (no port) and a path. */
export type Dispatch = (host: string, path: string) => Service;

/** Every service behind HTTP. */
export interface Mounted {
  readonly dispatch: Dispatch;
  /** Managed identity and GitHub's identity tokens. */
  readonly machine: Service;
}

/** Puts every service behind HTTP with fault injection, and returns how to dispatch requests by host. */
export function mount(
  { definitions, tokens }: Assembly,
  faults: FaultInjector,
  log: (service: string, error: unknown) => void,
  storage: Pick<StorageSetting, "azurite">,
): Mounted {
  const put = ([name, definition]: [string, ServiceDefinition]) =>
    [name, mountAtFirstRequest(faults.guard(definition), (error) => log(definition.name, error))] as const;
  const mounted = Object.fromEntries(Object.entries(definitions).map(put)) as Record<
    keyof Assembly["definitions"],
    Service
  >;
  const { arm, entra, machine } = mounted;
  const services = { ...mounted, login: entra, blob: blobService(storage, tokens), eventHubs: eventHubsHttp };
  const dispatch: Dispatch = (host, path) => {
    const isMetadata = /^\/metadata\/endpoints\b/i.test(path);
    const service = azureHost(host)?.service;
    // The metadata host: ARM and sign-in at the local Azure's own address.
    if (service === undefined) {
      return !isMetadata && /^\/+(subscriptions|tenants|providers)\b/i.test(path) ? arm : entra;
    }
    return service === "arm" && isMetadata ? entra : services[service];
  };
  return { dispatch, machine };
}
