/**
 * Handler of HubLinks: owns `properties.iotHubs` of a provisioning service whose hubs are linked by a managed identity. Every
 * write reads the service first, keeps its other properties, and carries its ETag. azure-native writes the service without
 * links, in an api-version that does not know identities; each such write gives the service another ETag, and the links are
 * written again.
 */
import { AzureError } from "../../azure/clients/azureError";
import { isObject } from "../../azure/wire/jsonObject";
import type { HubLink, ProvisioningServiceBody } from "../../azure/wire/provisioningService";
import type { AzureGateway } from "./resource/azureGateway";
import { isSame } from "./resource/canonicalJson";
import { checkFields, diffFields, type Fields, optionalText, pickFields, text, UNKNOWN } from "./resource/fields";
import { GONE, type Handler, PartialError, type Props } from "./resource/handler";

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
};

/** Milliseconds that a change of the service is waited for, and between two looks. */
const PATIENCE_MS = 600_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** How often a write is tried while others write the service. */
const ATTEMPTS = 5;

const hubsOf = (props: Props): readonly Hub[] => (Array.isArray(props.hubs) ? (props.hubs as Hub[]) : []);
const regionKey = (location: string): string => location.replace(/\s+/g, "").toLowerCase();
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

/** The service as it is written back: what ARM computes of the identities is left out. */
function withLinks({ identity, ...service }: ProvisioningServiceBody, iotHubs: readonly HubLink[]) {
  const users = Object.keys(identity?.userAssignedIdentities ?? {}).map((id): [string, object] => [id, {}]);
  return {
    ...service,
    identity: identity && {
      type: identity.type,
      userAssignedIdentities: users.length === 0 ? undefined : Object.fromEntries(users),
    },
    properties: { ...service.properties, iotHubs },
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
  const until = gateway.now().getTime() + PATIENCE_MS;
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
 * Writes the links that `plan` returns, unless the service has them already. A write that meets another one reads the
 * service again.
 */
async function write(
  gateway: Gateway,
  props: Props,
  plan: (present: readonly HubLink[]) => readonly HubLink[],
): Promise<ProvisioningServiceBody> {
  for (let attempt = 1; ; attempt++) {
    const service = await settled(gateway, props);
    const present = linksOf(service);
    const links = plan(present);
    if (isLinked(present, links)) return service;
    try {
      await clientOf(gateway, props).put(withLinks(service, links), service.etag);
      return await settled(gateway, props);
    } catch (error) {
      if (!isStale(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

const idOf = (props: Props): string => `${text(props, "provisioningServiceId")}/iotHubs`;

async function link(gateway: Gateway, inputs: Props): Promise<Record<string, unknown>> {
  const wanted = wantedLinks(inputs);
  const keyed = new Set<string>();
  const outs = pickFields(FIELDS, inputs);
  let service: ProvisioningServiceBody;
  try {
    service = await write(gateway, inputs, (present) => {
      const hosts = new Set(wanted.map(hostOf));
      for (const each of present) if (isByKey(each) && hosts.has(hostOf(each))) keyed.add(hostOf(each));
      return wanted;
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

/** The handler. */
export const handler = (gateway: Gateway): Handler => ({
  async check(_olds, news) {
    return checkFields(FIELDS, news);
  },
  async diff(_id, olds, news) {
    const result = diffFields(FIELDS, olds, news);
    // The service's ETag is that of azure-native's last write, or after a refresh that of ours.
    const isWritten = news.serviceEtag !== olds.serviceEtag && news.serviceEtag !== olds.etag;
    const changes = result.changes || isWritten || olds.etag === undefined;
    return { ...result, changes, deleteBeforeReplace: true };
  },
  async create(inputs) {
    return { id: idOf(inputs), outs: await link(gateway, inputs) };
  },
  async read(id, props) {
    const service = await clientOf(gateway, props).get();
    if (!service) return GONE;
    return { id, props: { ...props, hubs: presentHubs(props, linksOf(service)), etag: service.etag } };
  },
  async update(_id, _olds, news) {
    return { outs: await link(gateway, news) };
  },
  /** Removes the links by identity. A link by key is azure-native's, which wrote it before. */
  async delete(_id, props) {
    if (!(await clientOf(gateway, props).get())) return;
    const hosts = new Set(hubsOf(props).map(({ hostName }) => hostName.toLowerCase()));
    await write(gateway, props, (present) => present.filter((each) => isByKey(each) || !hosts.has(hostOf(each))));
  },
});
