/**
 * Handler of HubLinks: owns `properties.iotHubs` of a provisioning service, where its hubs are linked by a managed identity, and
 * `properties.disableLocalAuth`. Every
 * write reads the service first, keeps its other properties, and carries its ETag. azure-native writes the service without
 * links, in an api-version that does not know identities; each such write gives the service another ETag, and the links are
 * written again.
 */
import { AzureError } from "../../azure/clients/azureError";
import { regionKey } from "../../azure/names";
import { isObject } from "../../azure/wire/jsonObject";
import type { HubLink, ProvisioningServiceBody } from "../../azure/wire/provisioningService";
import type { AzureGateway } from "./resource/azureGateway";
import { isSame } from "./resource/canonicalJson";
import { checkFields, diffFields, type Fields, optionalText, pickFields, text, UNKNOWN } from "./resource/fields";
import { GONE, type Handler, PartialError, type Props } from "./resource/handler";
import { importedServiceId } from "./resource/importId";

type Gateway = Pick<AzureGateway, "provisioningService" | "now" | "pause" | "log">;

/** A hub as inputs and state have it. */
interface Hub {
  readonly hostName: string;
  readonly location: string;
  readonly allocationWeight?: number;
  readonly applyAllocationPolicy?: boolean;
}

const hubsError = (value: unknown): string | undefined =>
  Array.isArray(value) && value.every((hub) => hub === UNKNOWN || (isObject(hub) && typeof hub.hostName === "string"))
    ? undefined
    : "must be a list of hubs, each with hostName and location";

export const FIELDS: Fields = {
  provisioningServiceId: { isRequired: true, onChange: "replaceWithParent" },
  serviceEtag: { onChange: "ignore" },
  hubs: { isRequired: true, validate: hubsError },
  userAssignedIdentityId: {},
  // Azure's default, and not said: an import knows it, and a program may leave it as it is.
  disableLocalAuth: { isSame: (before, after) => before === after || (before === false && after === undefined) },
};

/** Milliseconds: the time-out of an update of the service, and the first and longest interval between two polls. */
const TIMEOUT_MS = 600_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** How often a write is tried while others write the service. */
const ATTEMPTS = 5;

const hubsOf = (props: Props): readonly Hub[] => (Array.isArray(props.hubs) ? (props.hubs as Hub[]) : []);
const hostOf = ({ hostName, name = "" }: HubLink): string => (hostName ?? name).toLowerCase();
const isByKey = ({ authenticationType = "KeyBased" }: HubLink): boolean => authenticationType === "KeyBased";

/** The links that the inputs ask for. */
function wantedLinks(inputs: Props): HubLink[] {
  const selected = optionalText(inputs, "userAssignedIdentityId");
  return hubsOf(inputs).map(({ hostName, location, allocationWeight, applyAllocationPolicy }) => ({
    hostName,
    location,
    allocationWeight,
    applyAllocationPolicy,
    authenticationType: selected === undefined ? "SystemAssigned" : "UserAssigned",
    selectedUserAssignedIdentityResourceId: selected,
  }));
}

/** What makes links the same: letter case, the spelling of regions and Azure's defaults do not count. */
const comparable = (link: HubLink) => ({
  host: hostOf(link),
  location: regionKey(link.location),
  weight: link.allocationWeight ?? 1,
  applies: link.applyAllocationPolicy ?? true,
  type: link.authenticationType ?? "KeyBased",
  identity: link.selectedUserAssignedIdentityResourceId?.toLowerCase() ?? "",
});

const isLinked = (present: readonly HubLink[], wanted: readonly HubLink[]): boolean =>
  isSame(present.map(comparable), wanted.map(comparable));

const linksOf = ({ properties }: ProvisioningServiceBody): readonly HubLink[] => properties.iotHubs ?? [];

/** What is written of a service. */
interface Written {
  readonly iotHubs: readonly HubLink[];
  /** Undefined leaves it as it is. */
  readonly disableLocalAuth?: boolean;
}

const isWritten = ({ properties }: ProvisioningServiceBody, { iotHubs, disableLocalAuth }: Written): boolean =>
  isLinked(properties.iotHubs ?? [], iotHubs) &&
  (disableLocalAuth === undefined || (properties.disableLocalAuth ?? false) === disableLocalAuth);

/** The service as it is written back: what ARM computes of the identities is left out. */
function withWritten(
  { identity, ...service }: ProvisioningServiceBody,
  { iotHubs, disableLocalAuth = service.properties.disableLocalAuth }: Written,
): ProvisioningServiceBody {
  const users = Object.keys(identity?.userAssignedIdentities ?? {}).map((id): [string, object] => [id, {}]);
  return {
    ...service,
    identity: identity && {
      type: identity.type,
      userAssignedIdentities: users.length === 0 ? undefined : Object.fromEntries(users),
    },
    properties: { ...service.properties, iotHubs, disableLocalAuth },
  };
}

const clientOf = (gateway: Gateway, props: Props) => gateway.provisioningService(text(props, "provisioningServiceId"));

async function existingService(gateway: Gateway, props: Props): Promise<ProvisioningServiceBody> {
  const service = await clientOf(gateway, props).get();
  if (service) return service;
  throw new Error(
    `There is no provisioning service ${text(props, "provisioningServiceId")}.\n  To fix: run \`pulumi refresh\`, then \`pulumi up\`.`,
  );
}

/** Waits until a change of the service is complete. */
async function settled(gateway: Gateway, props: Props): Promise<ProvisioningServiceBody> {
  const until = gateway.now().getTime() + TIMEOUT_MS;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const service = await existingService(gateway, props);
    const { state = "Active", provisioningState = "Succeeded" } = service.properties;
    if (provisioningState === "Failed" || /Failed$/.test(state))
      throw new Error(
        `Azure could not link the hubs of the provisioning service "${service.name}": its state is ${state}, ${provisioningState}.\n` +
          "  To fix: look at the activity log of the service, then run `pulumi up` again.",
      );
    if (state === "Active" && provisioningState === "Succeeded") return service;
    if (gateway.now().getTime() + wait > until)
      throw new Error(
        `The provisioning service "${service.name}" is still ${state} after ten minutes.\n  To fix: run \`pulumi up\` again.`,
      );
    await gateway.pause(wait);
  }
}

const isStale = (error: unknown): boolean => error instanceof AzureError && error.status === 412;

/**
 * Writes what `plan` returns of the present links, unless the service has it already. A write that meets another one reads
 * the service again.
 */
async function write(
  gateway: Gateway,
  props: Props,
  plan: (present: readonly HubLink[]) => Written,
): Promise<ProvisioningServiceBody> {
  for (let attempt = 1; ; attempt++) {
    const service = await settled(gateway, props);
    const written = plan(linksOf(service));
    if (isWritten(service, written)) return service;
    try {
      await clientOf(gateway, props).put(withWritten(service, written), service.etag);
      return await settled(gateway, props);
    } catch (error) {
      if (!isStale(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

const idOf = (props: Props): string => `${text(props, "provisioningServiceId")}/iotHubs`;

/** The switch to write: what the inputs say, or Azure's default again where they no longer say it. */
function localAuthOf({ disableLocalAuth }: Props, olds: Props): boolean | undefined {
  if (typeof disableLocalAuth === "boolean") return disableLocalAuth;
  return olds.disableLocalAuth === true ? false : undefined;
}

async function link(gateway: Gateway, inputs: Props, olds: Props = {}): Promise<Record<string, unknown>> {
  const wanted = wantedLinks(inputs);
  const disableLocalAuth = localAuthOf(inputs, olds);
  const keyed = new Set<string>();
  const outs = pickFields(FIELDS, inputs);
  let service: ProvisioningServiceBody;
  try {
    service = await write(gateway, inputs, (present) => {
      const hosts = new Set(wanted.map(hostOf));
      for (const each of present) if (isByKey(each) && hosts.has(hostOf(each))) keyed.add(hostOf(each));
      return { iotHubs: wanted, disableLocalAuth };
    });
  } catch (error) {
    throw new PartialError(idOf(inputs), outs, error);
  }
  for (const host of keyed)
    gateway.log(
      `The provisioning service "${service.name}" is linked to ${host} by its identity now, and no longer by a key of the hub. ` +
        "The stack's state keeps that key, encrypted, until the next `pulumi refresh`.",
    );
  return { ...outs, etag: service.etag };
}

/** The hubs of the state as Azure has them: as they are in the state where nothing differs. */
function presentHubs(props: Props, present: readonly HubLink[]): readonly Hub[] {
  const wanted = wantedLinks(props);
  if (isLinked(present, wanted)) return hubsOf(props);
  return present.map(({ location, allocationWeight, applyAllocationPolicy, ...rest }) => ({
    hostName: `${hostOf(rest as HubLink)}${isByKey(rest as HubLink) ? " (by key)" : ""}`,
    location,
    ...(allocationWeight ? { allocationWeight } : {}),
    ...(typeof applyAllocationPolicy === "boolean" ? { applyAllocationPolicy } : {}),
  }));
}

/** The links of a service that no stack has. Throws for links by key, which belong to azure-native's resource. */
function importedLinks(service: ProvisioningServiceBody): { hubs: readonly Hub[]; userAssignedIdentityId?: string } {
  const links = linksOf(service);
  const [first] = links;
  const identityOf = (link: HubLink | undefined) => link?.selectedUserAssignedIdentityResourceId?.toLowerCase();
  if (first === undefined || links.some((link) => isByKey(link) || identityOf(link) !== identityOf(first)))
    throw new Error(
      `The provisioning service "${service.name}" is not linked to all of its hubs by one managed identity.\n` +
        "  To fix: import the service alone, as an azure-native IotDpsResource; a program with linkBy `identity` links the hubs.",
    );
  const userAssignedIdentityId = first.selectedUserAssignedIdentityResourceId;
  return { hubs: presentHubs({}, links), ...(userAssignedIdentityId && { userAssignedIdentityId }) };
}

/** The handler. */
export const handler = (gateway: Gateway): Handler => ({
  async check(_olds, news) {
    return checkFields(FIELDS, news);
  },
  async diff(_id, olds, news) {
    const result = diffFields(FIELDS, olds, news);
    // The service's ETag is that of azure-native's last write, or after a refresh that of ours.
    const isRewritten = news.serviceEtag !== olds.serviceEtag && news.serviceEtag !== olds.etag;
    const changes = result.changes || isRewritten || olds.etag === undefined;
    return { ...result, changes, deleteBeforeReplace: true };
  },
  async create(inputs) {
    return { id: idOf(inputs), outs: await link(gateway, inputs) };
  },
  async read(id, props) {
    const service = await clientOf(gateway, props).get();
    if (!service) return GONE;
    const hubs = presentHubs(props, linksOf(service));
    const isManaged = props.disableLocalAuth !== undefined;
    const localAuth = isManaged ? { disableLocalAuth: service.properties.disableLocalAuth ?? false } : {};
    return { id, props: { ...props, hubs, ...localAuth, etag: service.etag } };
  },
  async import(id) {
    const provisioningServiceId = importedServiceId("Hub links", id, "iotHubs");
    const service = await clientOf(gateway, { provisioningServiceId }).get();
    if (!service) return GONE;
    const inputs = { provisioningServiceId, ...importedLinks(service) };
    const { disableLocalAuth = false } = service.properties;
    const props = { ...inputs, disableLocalAuth, etag: service.etag };
    return { id: idOf(inputs), props, inputs: disableLocalAuth ? { ...inputs, disableLocalAuth } : inputs };
  },
  async update(_id, olds, news) {
    return { outs: await link(gateway, news, olds) };
  },
  /** Removes the links by identity. A link by key is azure-native's, which wrote it before. */
  async delete(_id, props) {
    if (!(await clientOf(gateway, props).get())) return;
    const hosts = new Set(hubsOf(props).map(({ hostName }) => hostName.toLowerCase()));
    await write(gateway, props, (present) => ({
      iotHubs: present.filter((each) => isByKey(each) || !hosts.has(hostOf(each))),
    }));
  },
});
