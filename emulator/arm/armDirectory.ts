import { hubHost } from "../../azure/hosts";
import type { Clock } from "../kernel/clock";
import type {
  CaCertificateRecord,
  Directory,
  EventsAddress,
  HubRecord,
  LinkedHub,
  ManagedPrincipal,
  ManagedPrincipals,
  ProvisioningServiceRecord,
} from "../kernel/directory";
import type { SharedDependencies } from "../kernel/sharedDependencies";
import type { VaultDirectory, VaultRecord } from "../kernel/vaultDirectory";
import type { DirectoryChanges } from "./armDependencies";
import { isGranted, roleById } from "./microsoftAuthorization/builtInRoles";
import { isAtOrAbove, type RoleAssignment, RoleAssignmentStore } from "./microsoftAuthorization/roleAssignmentStore";
import { CaCertificateStore } from "./microsoftDevices/caCertificateStore";
import { ConsumerGroupStore, DEFAULT_CONSUMER_GROUP } from "./microsoftDevices/consumerGroupStore";
import { eventsEndpointOf, partitionCountOf } from "./microsoftDevices/eventsEndpoint";
import { cloudToDeviceOf, fileUploadOf } from "./microsoftDevices/hubDelivery";
import { activeJobLimit } from "./microsoftDevices/hubLimits";
import { routingOf } from "./microsoftDevices/hubRouting";
import { HUB_TYPE } from "./microsoftDevices/iotHub";
import { acceptsKey, linkedHubsOf, principalOf, type StoredLink } from "./microsoftDevices/linkedHubs";
import { SERVICE_TYPE } from "./microsoftDevices/provisioningService";
import { VAULT_TYPE, vaultRecord } from "./microsoftKeyVault/vaultResource";
import { IDENTITY_TYPE } from "./microsoftManagedIdentity/managedIdentity";
import { armIdOf, type Resource, ResourceStore } from "./microsoftResources/resourceStore";
import { containerId } from "./microsoftStorage/blobContainerResource";
import { STORAGE_TYPE } from "./microsoftStorage/storageAccountResource";

/**
 * What an identity must be allowed at a linked hub: the data actions of RegistryWrite and ServiceConnect that DPS uses for
 * devices and their twins (Azure documentation, "Link and manage IoT hubs – Link an IoT hub by using managed identity": the
 * role IoT Hub Data Contributor, or a custom role with these permissions). Which actions Azure checks is not documented.
 */
const LINK_ACTIONS = ["devices/read", "devices/write", "devices/delete", "twins/read", "twins/write"].map(
  (action) => `Microsoft.Devices/IotHubs/${action}`,
);

type Removed = Parameters<Directory["onRemoved"]>[0];

function hubRecord(resource: Resource, subscriptionId: string): HubRecord {
  return {
    key: resource.key,
    id: armIdOf(resource, subscriptionId),
    name: resource.name,
    hostName: hubHost(resource.name.toLowerCase()),
    policies: resource.properties.disableLocalAuth === true ? [] : resource.policies,
    refusesDeviceSas: resource.properties.disableDeviceSAS === true,
    refusesModuleSas: resource.properties.disableModuleSAS === true,
    activeJobLimit: activeJobLimit(resource.sku),
    partitionCount: partitionCountOf(resource.properties),
    events: eventsEndpointOf(resource),
    routing: routingOf(resource.properties),
    cloudToDevice: cloudToDeviceOf(resource.properties),
    fileUpload: fileUploadOf(resource.properties),
  };
}

/**
 * The directory over ARM's stores. Every registration of a device reads it, so it caches records until ARM changes
 * something.
 */
export class ArmDirectory implements Directory, VaultDirectory, ManagedPrincipals, DirectoryChanges {
  readonly #listeners: Removed[] = [];
  readonly #services = new Map<string, ProvisioningServiceRecord | undefined>();
  readonly #scopes = new Map<string, ProvisioningServiceRecord | undefined>();
  readonly #hubsByKey = new Map<string, HubRecord | undefined>();
  readonly #hubs = new Map<string, HubRecord | undefined>();
  readonly #certificates = new Map<string, readonly CaCertificateRecord[]>();
  readonly #vaults = new Map<string, VaultRecord | undefined>();
  readonly #grants = new Map<string, boolean>();
  readonly #purgeListeners: ((vaultKey: string) => void)[] = [];

  readonly subscriptionId: string;
  readonly resources: ResourceStore;
  readonly certificateStore: CaCertificateStore;
  readonly roleAssignments: RoleAssignmentStore;
  readonly consumerGroups: ConsumerGroupStore;
  /** Object ID of the application that owns the subscription, with the data of its hubs and provisioning services. */
  readonly owner: string;
  readonly #clock: Clock;

  constructor(
    { database, clock }: Pick<SharedDependencies, "database" | "clock">,
    { subscriptionId, objectId }: { readonly subscriptionId: string; readonly objectId: string },
  ) {
    this.subscriptionId = subscriptionId;
    this.owner = objectId.toLowerCase();
    this.resources = new ResourceStore(database);
    this.certificateStore = new CaCertificateStore(database);
    this.roleAssignments = new RoleAssignmentStore(database);
    this.consumerGroups = new ConsumerGroupStore(database);
    this.#clock = clock;
  }

  provisioningService(name: string): ProvisioningServiceRecord | undefined {
    return cached(this.#services, name.toLowerCase(), (key) => {
      const resource = this.resources.named(SERVICE_TYPE, key);
      return resource && this.#serviceRecord(resource);
    });
  }

  provisioningServiceByIdScope(idScope: string): ProvisioningServiceRecord | undefined {
    return cached(this.#scopes, idScope.toUpperCase(), () => {
      // An ID scope is `0ne` and upper-case hexadecimal digits; letter case of what the device sends does not matter.
      const resource = this.resources.scoped(`0ne${idScope.slice(3).toUpperCase()}`);
      return idScope.slice(0, 3).toLowerCase() === "0ne" && resource ? this.#serviceRecord(resource) : undefined;
    });
  }

  #serviceRecord(resource: Resource): ProvisioningServiceRecord {
    const { key, name, scope = "", properties, policies } = resource;
    const policy = properties.allocationPolicy;
    const linkedHubs = linkedHubsOf(properties).map((link): LinkedHub => {
      const isOpen = () => this.#isOpen(link, resource);
      return {
        hostName: link.hostName,
        location: link.location,
        applyAllocationPolicy: link.applyAllocationPolicy ?? true,
        allocationWeight: link.allocationWeight ?? 1,
        // At each assignment: a role takes effect some time after it was assigned.
        get isOpen() {
          return isOpen();
        },
      };
    });
    const allocationPolicy = policy === "GeoLatency" || policy === "Static" ? policy : "Hashed";
    const id = armIdOf(resource, this.subscriptionId);
    return {
      key,
      id,
      name,
      idScope: scope,
      allocationPolicy,
      linkedHubs,
      policies: properties.disableLocalAuth === true ? [] : policies,
    };
  }

  /** Whether the hub accepts the link: by its policies' keys, or by the roles of the service's identity. */
  #isOpen(link: StoredLink, { identity }: Resource): boolean {
    const hub = this.hub(link.hostName);
    if (!hub) return false;
    if (link.authenticationType === undefined) return acceptsKey(link, hub.policies);
    const principal = principalOf(link, identity, this);
    return principal !== undefined && LINK_ACTIONS.every((action) => this.allows(principal, hub.id, action));
  }

  certificates(provisioningServiceKey: string): readonly CaCertificateRecord[] {
    return cached(this.#certificates, provisioningServiceKey, (key) => this.certificateStore.list(key));
  }

  hub(hostName: string): HubRecord | undefined {
    return cached(this.#hubs, hostName.toLowerCase(), (host) => {
      const resource = this.resources.named(HUB_TYPE, host.split(".", 1)[0] ?? "");
      return resource && hubHost(resource.name.toLowerCase()) === host
        ? hubRecord(resource, this.subscriptionId)
        : undefined;
    });
  }

  hubByKey(key: string): HubRecord | undefined {
    return cached(this.#hubsByKey, key, () => this.hubsWithEvents({}).find((each) => each.key === key));
  }

  hubsWithEvents({ host, path }: Partial<EventsAddress>): readonly HubRecord[] {
    const hubs = this.resources.list({ type: HUB_TYPE }).map((each) => hubRecord(each, this.subscriptionId));
    return hubs.filter(({ events }) => (host ?? events.host) === events.host && (path ?? events.path) === events.path);
  }

  hasConsumerGroup(hubKey: string, name: string): boolean {
    const isDefault = name.toLowerCase() === DEFAULT_CONSUMER_GROUP.toLowerCase();
    return isDefault || this.consumerGroups.named(hubKey, name) !== undefined;
  }

  vault(name: string): VaultRecord | undefined {
    return cached(this.#vaults, name.toLowerCase(), (key) => {
      const resource = this.resources.named(VAULT_TYPE, key);
      return resource && vaultRecord(resource, this.subscriptionId);
    });
  }

  principals(): readonly ManagedPrincipal[] {
    return this.resources.list({}).flatMap((resource): ManagedPrincipal[] => {
      const { type, name, properties, identity } = resource;
      const isUserAssigned = type === IDENTITY_TYPE;
      const { principalId, clientId } = isUserAssigned ? properties : (identity ?? {});
      if (typeof principalId !== "string" || typeof clientId !== "string") return [];
      const resourceId = armIdOf(resource, this.subscriptionId);
      return [{ objectId: principalId, clientId, name, resourceId, isUserAssigned }];
    });
  }

  allows(objectId: string, scope: string, dataAction: string): boolean {
    if (objectId.toLowerCase() === this.owner && /^Microsoft\.Devices\//i.test(dataAction)) return true;
    const key = [objectId, scope, dataAction].join(" ").toLowerCase();
    const known = this.#grants.get(key);
    if (known !== undefined) return known;
    const assignments = this.roleAssignments.ofPrincipal(objectId);
    const now = this.#clock.now().getTime();
    const acts = ({ actsFrom = 0 }: RoleAssignment) => actsFrom <= now;
    const granted = assignments.some(
      (each) =>
        acts(each) && isAtOrAbove(each.scope, scope) && isGranted(roleById(each.roleId)?.dataActions ?? [], dataAction),
    );
    // A refusal is not cached while an assignment has yet to take effect.
    return granted || assignments.every(acts) ? cached(this.#grants, key, () => granted) : granted;
  }

  hubIdentity(hubKey: string, userAssigned?: string) {
    const identity = this.resources.list({ type: HUB_TYPE }).find(({ key }) => key === hubKey)?.identity;
    const objectId = principalOf(
      userAssigned === undefined
        ? { authenticationType: "SystemAssigned" }
        : { authenticationType: "UserAssigned", selectedUserAssignedIdentityResourceId: userAssigned },
      identity,
      this,
    );
    return this.principals().find((each) => each.objectId === objectId);
  }

  storageScope(account: string, container?: string): string {
    const found = this.resources.named(STORAGE_TYPE, account);
    if (!found) return `/subscriptions/${this.subscriptionId}`;
    return container === undefined
      ? armIdOf(found, this.subscriptionId)
      : containerId(found, container, this.subscriptionId);
  }

  onVaultPurged(listener: (vaultKey: string) => void): void {
    this.#purgeListeners.push(listener);
  }

  vaultPurged(vaultKey: string): void {
    for (const listener of this.#purgeListeners) listener(vaultKey);
  }

  onRemoved(listener: Removed): void {
    this.#listeners.push(listener);
  }

  removed(resource: Resource): void {
    const kind = resource.type === HUB_TYPE ? "hub" : "provisioningService";
    for (const listener of this.#listeners) listener(kind, resource.key);
  }

  changed(): void {
    const maps = [
      this.#services,
      this.#scopes,
      this.#hubs,
      this.#hubsByKey,
      this.#certificates,
      this.#vaults,
      this.#grants,
    ];
    for (const map of maps) map.clear();
  }
}

/** Unknown names are cached too; the limit keeps the cache small when clients request many of them. */
const CACHE_LIMIT = 10_000;

function cached<T>(map: Map<string, T>, key: string, find: (key: string) => T): T {
  const known = map.get(key);
  if (known !== undefined || map.has(key)) return known as T;
  const found = find(key);
  if (map.size >= CACHE_LIMIT) map.clear();
  map.set(key, found);
  return found;
}
