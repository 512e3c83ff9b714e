import { serviceHost, vaultHost } from "../../../azure/hosts";
import type { Ready } from "../../../emulator/contract/ready";
import { type AzureClient, azureClient } from "../azureClient";
import type { StackSettings } from "./stackChanges";

type Item = Readonly<Record<string, unknown>>;

/** The names of all that is in the local Azure, of any stack, by kind. */
export type Inventory = Readonly<Record<string, readonly string[]>>;

/** The outputs of the stack, as far as they are compared. */
export interface StackOutputs {
  readonly resourceGroupName?: string;
  readonly hubName?: string;
  readonly provisioningServiceName?: string;
  readonly keyVault?: { readonly name: string };
  readonly devices?: readonly {
    readonly registrationId: string;
    readonly deviceId: string;
    readonly status: string;
    readonly telemetry?: { readonly accepted: number };
  }[];
}

/** Reads what is in the local Azure. */
export async function inventoryOf(ready: Ready): Promise<Inventory> {
  const client = azureClient(ready);
  try {
    return await read(client);
  } finally {
    await client.close();
  }
}

async function read(client: AzureClient): Promise<Inventory> {
  const get = async (url: string, bearer?: string, query?: string): Promise<readonly Item[]> => {
    const extras = { bearer, body: query === undefined ? undefined : { query } };
    const { status, body } = await client.send(query === undefined ? "GET" : "POST", url, extras);
    // The stack gives the right to read the kinds that it keeps in the vault.
    if (status === 403) return [];
    if (status !== 200) throw new Error(`${url}: ${status} ${JSON.stringify(body)}`);
    return (Array.isArray(body) ? body : (body as { value: Item[] }).value) as readonly Item[];
  };
  const arm = async (path: string): Promise<readonly Item[]> => {
    const { status, body } = await client.arm("GET", path);
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    return (body as { value: Item[] }).value;
  };
  const names = (items: readonly Item[], key = "name"): readonly string[] =>
    items.map((item) => String(item[key])).sort();
  const [hubs, services, vaults] = await Promise.all([
    arm("/providers/Microsoft.Devices/IotHubs"),
    arm("/providers/Microsoft.Devices/provisioningServices"),
    arm("/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01"),
  ]);
  const tokens = {
    hub: await client.token("https://iothubs.azure.net/.default"),
    service: await client.token("https://azure-devices-provisioning.net/.default"),
    vault: await client.token("https://vault.azure.net/.default"),
  };
  const each = async (items: readonly Item[], list: (name: string) => Promise<readonly Item[]>) =>
    (await Promise.all(names(items).map(list))).flat();
  const dps = (path: string) => (name: string) =>
    get(`https://${serviceHost(name)}/${path}?api-version=2021-10-01`, tokens.service, "SELECT *");
  const vault = (kind: string) => (name: string) =>
    get(`https://${vaultHost(name)}/${kind}?api-version=7.4`, tokens.vault);
  const lastSegment = (items: readonly Item[]) =>
    items.map(
      (item) =>
        String(item.kid ?? item.id)
          .split("/")
          .at(-1) ?? "",
    );
  const certificates = await Promise.all(
    services.map(({ id }) => arm(`${String(id).replace(/^\/subscriptions\/[^/]+/, "")}/certificates`)),
  );
  return {
    groups: names(await arm("/resourcegroups")),
    hubs: names(hubs),
    services: names(services),
    vaults: names(vaults),
    certificates: names(certificates.flat()),
    enrollmentGroups: names(await each(services, dps("enrollmentGroups/query")), "enrollmentGroupId"),
    enrollments: names(await each(services, dps("enrollments/query")), "registrationId"),
    devices: names(
      await each(hubs, (name) => get(`https://${name}.azure-devices.net/devices?api-version=2021-04-12`, tokens.hub)),
      "deviceId",
    ),
    caKeys: lastSegment(await each(vaults, vault("keys")))
      .filter((name) => /-(?:root|intermediate)(?:-\d+)?$/.test(name))
      .sort(),
    vaultCertificates: lastSegment(await each(vaults, vault("certificates"))).sort(),
  };
}

/** What must be there after an `up` with these settings, and nothing else. */
export function expectedInventory(
  settings: StackSettings,
  outputs: StackOutputs,
  files: Readonly<Record<string, string>>,
): Inventory {
  const list = (key: string): readonly string[] => settings[key] as readonly string[];
  const generations = (settings.caGenerations as readonly number[]).map((each) => (each === 1 ? "" : `-${each}`));
  const individuals = list("individualDevices").map((text) => text.split("="));
  const group = list("groupDevices");
  const ids = [...group, ...individuals.map(([id]) => String(id))];
  const listed =
    files[String(settings.individualsFile)]
      ?.split("\n")
      .slice(1, -1)
      .map((line) => line.split(",")[0] ?? "") ?? [];
  const named = (name: string | undefined): readonly string[] => (name === undefined ? [] : [name]);
  const inVault = (key: string, names: readonly string[]): readonly string[] =>
    settings[key] === "keyVault" ? [...names].sort() : [];
  const blocked = list("revoked").filter((id) => !individuals.some(([individual]) => individual === id));
  return {
    groups: named(outputs.resourceGroupName),
    hubs: named(outputs.hubName),
    services: named(outputs.provisioningServiceName),
    vaults: named(outputs.keyVault?.name),
    certificates: generations.map((each) => `${String(settings.rootCertificateName)}${each}`).sort(),
    enrollmentGroups: [String(settings.enrollmentGroupId)],
    enrollments: [...individuals.map(([id]) => String(id)), ...listed, ...blocked].sort(),
    devices: [...group, ...individuals.map(([id, device]) => String(device ?? id))].sort(),
    caKeys: inVault(
      "caKeys",
      generations.flatMap((each) => [`${settings.prefix}-root${each}`, `${settings.prefix}-intermediate${each}`]),
    ),
    vaultCertificates: inVault(
      "deviceCredentials",
      ids.map((id) => `device-${id}`),
    ),
  };
}
