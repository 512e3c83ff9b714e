import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import type { ArmRequest, ArmResponse } from "../../azure-native-stand-in/arm/armClient";
import { assemble } from "../../emulator/assemble";
import type { Value } from "../../plugin-protocol/propertyValue";
import { keptTokens, TENANT } from "./armHarness";
import { entraKey } from "./rsaKeys";
import { type ServedResponse, serve } from "./served";
import { type TestDependencies, testDependencies } from "./testDependencies";

export const GROUP = "/resourceGroups/rg";
export const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/vault-1`;
/** The ARM id of the vault. */
export const VAULT_ID = `/subscriptions/${TENANT.subscriptionId}${VAULT}`;
const API_VERSION = "2024-11-01";

/** ARM and Key Vault over one store, with a vault `vault-1` in a group `rg` where its access policy lets one do these. */
export interface ManagedVault {
  readonly shared: TestDependencies;
  /** A call to ARM; the path is below the subscription. */
  manage(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ServedResponse>;
  /** A call to the vault. */
  ask(method: string, path: string, body?: unknown): Promise<ServedResponse>;
  /** The transport of the stand-in plugin, to ARM or to the vault. */
  send(request: ArmRequest): Promise<ArmResponse>;
  /** Sends to ARM, as an Azure SDK does. */
  readonly httpClient: HttpClient;
  /** Returns all stored data, to check that nothing changed. */
  contents(): string;
  close(): Promise<void>;
}

/** `permissions` of the access policy; `sku` of the vault. */
export async function managedVault(
  permissions: Readonly<Record<string, readonly string[]>>,
  sku: "standard" | "premium" = "standard",
): Promise<ManagedVault> {
  const shared = testDependencies();
  const assembly = assemble(shared, TENANT, entraKey());
  const [arm, vault] = await Promise.all([serve(assembly.definitions.arm), serve(assembly.definitions.vault)]);
  const token = keptTokens(assembly.tokens, shared.clock);
  const toArm = (method: string, path: string, body?: unknown, headers?: object): Promise<ServedResponse> =>
    arm.send(method, path, body, {
      authorization: `Bearer ${token("https://management.azure.com")}`,
      ...headers,
    });
  const toVault = (method: string, path: string, body?: unknown): Promise<ServedResponse> =>
    vault.send(method, path, body, {
      host: "vault-1.vault.azure.net",
      authorization: `Bearer ${token("https://vault.azure.net")}`,
    });
  const manage: ManagedVault["manage"] = (method, path, body, headers) =>
    toArm(
      method,
      `/subscriptions/${TENANT.subscriptionId}${path}${path.includes("?") ? "&" : "?"}api-version=${API_VERSION}`,
      body,
      headers,
    );
  await manage("PUT", GROUP, { location: "westeurope" });
  await manage("PUT", VAULT, {
    location: "westeurope",
    properties: {
      tenantId: TENANT.tenantId,
      sku: { family: "A", name: sku },
      accessPolicies: [{ tenantId: TENANT.tenantId, objectId: TENANT.objectId, permissions }],
    },
  });
  return {
    shared,
    manage,
    ask: (method, path, body) => toVault(method, `${path}?api-version=7.6`, body),
    async send({ method, url, body }) {
      const { hostname, pathname, search } = new URL(url);
      const to = hostname === "management.azure.com" ? toArm : toVault;
      const response = await to(method, `${pathname}${search}`, body);
      return {
        status: response.status,
        header: (name) => String(response.headers[name.toLowerCase()] ?? "") || undefined,
        body: response.body === "" ? null : (response.body as Value),
      };
    },
    httpClient: {
      async sendRequest(request) {
        const { pathname, search } = new URL(request.url);
        const body = typeof request.body === "string" ? (JSON.parse(request.body) as object) : undefined;
        const response = await toArm(request.method, `${pathname}${search}`, body);
        const headers = createHttpHeaders({ "content-type": "application/json" });
        return { request, status: response.status, headers, bodyAsText: JSON.stringify(response.body) };
      },
    },
    contents() {
      const { database } = shared;
      const tables = database.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
      return JSON.stringify(tables.map(({ name }) => [name, database.all(`SELECT * FROM ${String(name)}`)]));
    },
    async close() {
      await arm.close();
      await vault.close();
    },
  };
}
