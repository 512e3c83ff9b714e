import { ARM_HOST, hubHost, serviceHost, vaultHost } from "../../../azure/hosts";
import { createSas } from "../../../azure/sas";
import type { Ready } from "../../../emulator/contract/ready";
import { type AzureClient, azureClient, type Extras, type WireResponse } from "../azureClient";

type Json = Readonly<Record<string, unknown>>;
type Send = (method: string, url: string, extras?: Extras) => Promise<WireResponse>;

/** A kind of things that clients write, each thing at a URL of its own. */
export interface WrittenKind {
  readonly name: string;
  url(name: string): string;
  readonly send: Send;
  /** The body that writes a version. */
  body(version: number, name: string): Json;
  /** Every value of a body read that shows its version. None: the versions look the same. */
  marks(body: Json): readonly unknown[];
  /** The method and URL of a write, version 0 is the removal. Default: PUT and DELETE at the URL. */
  target?(version: number, name: string): readonly [method: string, url: string];
  /** A part of the thing that a POST below its URL returns. */
  readonly attachment?: { readonly name: string; readonly path: string };
  /** Whether an update and a removal need If-Match. */
  readonly isConditional?: boolean;
  /** Whether a removed thing can be written again. */
  readonly isRewritable?: boolean;
}

const GROUP = "rg-kills";
const [HUB, SERVICE, VAULT] = ["hub-kills", "dps-kills", "vault-kills"];
const DEVICES = "Microsoft.Devices";
const sku = { name: "S1", capacity: 1 };
const location = "westeurope";
const numberOf = (value: unknown): number => Number(String(value).split(".").at(-1));
const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value);
/** The version that a symmetric key was made of. */
const keyMark = (key: unknown): number => Buffer.from(String(key), "base64").readUInt32BE(0);
const keyOf = (version: number): string => {
  const key = Buffer.alloc(32, 7);
  key.writeUInt32BE(version);
  return key.toString("base64");
};
const symmetricKey = (version: number): Json => ({ primaryKey: keyOf(version), secondaryKey: keyOf(version) });
const keyMarks = (body: Json, ...path: readonly string[]): readonly number[] =>
  ["primaryKey", "secondaryKey"].map((which) => keyMark(at(body, ...path, "symmetricKey", which)));
const twin = (version: number): Json => ({ tags: { version }, properties: { desired: { version } } });
const twinMarks = (body: unknown): readonly unknown[] => [
  at(body, "tags", "version"),
  at(body, "properties", "desired", "version"),
];
const tags = (version: number): Json => ({ first: String(version), second: String(version) });
const tagMarks = ({ tags: read }: Json): readonly unknown[] => [at(read, "first"), at(read, "second")].map(Number);
const ipRange = (version: number): string => `20.1.${version >> 8}.${version & 255}`;
const ipMark = (range: unknown): number => {
  const [, , high, low] = String(range).split("/")[0]?.split(".") ?? [];
  return Number(high) * 256 + Number(low);
};

/** Sends, and expects the write to be acknowledged. */
async function create(send: Send, url: string, body: Json, method = "PUT"): Promise<WireResponse> {
  const response = await send(method, url, { body });
  if (response.status >= 300) throw new Error(`${url}: ${response.status} ${JSON.stringify(response.body)}`);
  return response;
}

/** How the kinds reach the local Azure; another one after each start. */
export interface Connection {
  readonly client: AzureClient;
  readonly vaultToken: string;
}

/** Signs in. */
export async function connect(ready: Ready): Promise<Connection> {
  const client = azureClient(ready);
  return { client, vaultToken: await client.token("https://vault.azure.net/.default") };
}

/** Creates what the written things are below, and returns the kinds. */
export async function writtenKinds(ready: Ready, connection: () => Connection): Promise<readonly WrittenKind[]> {
  const subscription = `https://${ARM_HOST}/subscriptions/${ready.subscriptionId}`;
  const group = `${subscription}/resourceGroups/${GROUP}`;
  const withVersion =
    (version: string, more: () => Extras): Send =>
    (method, url, extras = {}) => {
      const { headers, ...rest } = more();
      const all = { ...extras, ...rest, headers: { ...headers, ...extras.headers } };
      return connection().client.send(method, `${url}?api-version=${version}`, all);
    };
  const arm = withVersion("2023-06-30", () => ({}));
  const devices = (type: string, name: string): string => `${group}/providers/${DEVICES}/${type}/${name}`;
  const vaultUrl = (name: string): string => `${group}/providers/Microsoft.KeyVault/vaults/${name}`;
  const vaultBody = (version: number): Json => ({
    location,
    tags: tags(version),
    properties: {
      tenantId: ready.tenantId,
      sku: { family: "A", name: "standard" },
      accessPolicies: [
        {
          tenantId: ready.tenantId,
          objectId: ready.objectId,
          permissions: { keys: ["all", "purge"], secrets: ["all", "purge"] },
        },
      ],
      networkAcls: { bypass: "AzureServices", defaultAction: "Allow", ipRules: [{ value: ipRange(version) }] },
    },
  });
  const filter = (version: number) => ({ filterName: `rule-${version}`, action: "Accept", ipMask: "0.0.0.0/0" });
  const hubBody = (version: number): Json => ({
    location,
    sku,
    tags: tags(version),
    properties: { ipFilterRules: [filter(version)] },
  });
  await create(arm, group, { location });
  await create(arm, devices("IotHubs", HUB), { location, sku });
  await create(arm, devices("provisioningServices", SERVICE), { location, sku, properties: {} });
  await create(arm, vaultUrl(VAULT), vaultBody(0));
  const ownerSas = async (type: string, name: string, host: string, policy: string): Promise<Extras> => {
    const { body } = await create(arm, `${devices(type, name)}/listkeys`, {}, "POST");
    const { value } = body as { value: readonly { keyName: string; primaryKey: string }[] };
    const key = value.find(({ keyName }) => keyName === policy)?.primaryKey ?? "";
    const expiry = Math.floor(Date.now() / 1000) + 86_400;
    return { bearer: null, headers: { authorization: createSas(host, key, expiry, policy) } };
  };
  const hubSas = await ownerSas("IotHubs", HUB, hubHost(HUB), "iothubowner");
  const serviceSas = await ownerSas("provisioningServices", SERVICE, serviceHost(SERVICE), "provisioningserviceowner");
  const hub = withVersion("2021-04-12", () => hubSas);
  const service = withVersion("2021-10-01", () => serviceSas);
  const vault = withVersion("7.4", () => ({ bearer: connection().vaultToken }));
  const keyUrl = (name: string): string => `https://${vaultHost(VAULT)}/keys/${name}`;
  const deviceUrl = (name: string): string => `https://${hubHost(HUB)}/devices/${name}`;
  const twinUrl = (name: string): string => `https://${hubHost(HUB)}/twins/${name}`;
  const enrollment = (path: string, id: string): Omit<WrittenKind, "name"> => ({
    url: (name) => `https://${serviceHost(SERVICE)}/${path}/${name}`,
    send: service,
    body: (version, name) => ({
      [id]: name,
      attestation: { type: "symmetricKey", symmetricKey: symmetricKey(version) },
      initialTwin: twin(version),
      provisioningStatus: "enabled",
    }),
    marks: (body) => [...twinMarks(body.initialTwin), ...keyMarks(body, "attestation")],
    // Only this operation shows the keys.
    attachment: { name: "attestation", path: "/attestationmechanism" },
    isConditional: true,
    isRewritable: true,
  });
  return [
    {
      name: "resource group",
      url: (name) => `${subscription}/resourceGroups/${name}`,
      send: arm,
      body: (version) => ({ location, tags: tags(version) }),
      marks: tagMarks,
      isRewritable: true,
    },
    {
      name: "hub",
      url: (name) => devices("IotHubs", name),
      send: arm,
      body: hubBody,
      marks: (body) => [
        ...tagMarks(body),
        Number(String(at(body, "properties", "ipFilterRules", 0, "filterName")).split("-")[1]),
      ],
    },
    {
      name: "consumer group",
      url: (name) => `${devices("IotHubs", HUB)}/eventHubEndpoints/events/ConsumerGroups/${name}`,
      send: arm,
      body: (_, name) => ({ properties: { name } }),
      marks: () => [],
      isRewritable: true,
    },
    {
      name: "vault",
      url: vaultUrl,
      send: arm,
      body: vaultBody,
      marks: (body) => [...tagMarks(body), ipMark(at(body, "properties", "networkAcls", "ipRules", 0, "value"))],
    },
    { name: "enrollment group", ...enrollment("enrollmentGroups", "enrollmentGroupId") },
    { name: "enrollment", ...enrollment("enrollments", "registrationId") },
    {
      name: "device",
      url: deviceUrl,
      send: hub,
      body: (version, name) => ({
        deviceId: name,
        statusReason: `reason.${version}`,
        authentication: { type: "sas", symmetricKey: symmetricKey(version) },
      }),
      marks: (body) => [numberOf(body.statusReason), ...keyMarks(body, "authentication")],
      isConditional: true,
      isRewritable: true,
    },
    {
      // Version 1 is the device without a twin of its own, and the others replace and update the twin in turn.
      name: "twin",
      url: twinUrl,
      send: hub,
      body: (version, name) => (version === 1 ? { deviceId: name } : twin(version)),
      marks: (body) => twinMarks(body).map((mark) => mark ?? 1),
      target: (version, name) =>
        version <= 1
          ? [version === 0 ? "DELETE" : "PUT", deviceUrl(name)]
          : [version % 2 === 0 ? "PUT" : "PATCH", twinUrl(name)],
      isConditional: true,
    },
    {
      name: "secret",
      url: (name) => `https://${vaultHost(VAULT)}/secrets/${name}`,
      send: vault,
      body: (version) => ({ value: `value.${version}`, tags: tags(version) }),
      marks: (body) => [numberOf(body.value), ...tagMarks(body)],
    },
    {
      name: "key",
      url: keyUrl,
      send: vault,
      body: (version) => ({ kty: "EC", crv: "P-256", tags: tags(version) }),
      marks: tagMarks,
      target: (version, name) => (version === 0 ? ["DELETE", keyUrl(name)] : ["POST", `${keyUrl(name)}/create`]),
    },
  ];
}
