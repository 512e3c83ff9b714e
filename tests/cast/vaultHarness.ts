import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import type { ServiceDefinition } from "../../emulator/kernel/service";
import type { VaultDirectory, VaultRecord } from "../../emulator/kernel/vaultDirectory";
import type { Lifetimes } from "../../emulator/vault/lifetimes";
import type { VaultDependencies } from "../../emulator/vault/vaultDependencies";
import { vaultService } from "../../emulator/vault/vaultService";
import { keptTokens, TENANT, tokensOf } from "./armHarness";
import { type Served, type ServedResponse, serve } from "./served";
import { type TestDependencies, testDependencies } from "./testDependencies";

const everything = { keys: ["all", "purge"], secrets: ["all", "purge"], certificates: ["all", "purge"] };

/** A vault of the tests' tenant in which its application may do everything, by access policy. */
export const vaultRecord = (name: string, more: Partial<VaultRecord> = {}): VaultRecord => ({
  key: `vault-key-${name}`,
  name,
  hostName: `${name.toLowerCase()}.vault.azure.net`,
  id: `/subscriptions/${TENANT.subscriptionId}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/${name}`,
  tenantId: TENANT.tenantId,
  location: "westeurope",
  enableRbacAuthorization: false,
  accessPolicies: [{ tenantId: TENANT.tenantId, objectId: TENANT.objectId, permissions: everything }],
  softDeleteRetentionInDays: 90,
  enablePurgeProtection: false,
  isPremium: false,
  ...more,
});

/** A fake of ARM's directory of vaults: `vault-1` and `vault-2`; tests may change it. */
export class FakeVaults implements VaultDirectory {
  vaults: readonly VaultRecord[] = [vaultRecord("vault-1"), vaultRecord("vault-2")];
  /** Data actions that roles grant; `*` at the end for all below. */
  granted: readonly string[] = [];
  readonly #listeners: ((key: string) => void)[] = [];

  vault(name: string): VaultRecord | undefined {
    return this.vaults.find((each) => each.name.toLowerCase() === name.toLowerCase());
  }

  allows(objectId: string, _scope: string, dataAction: string): boolean {
    return objectId === TENANT.objectId && this.granted.includes(dataAction);
  }

  onVaultPurged(listener: (key: string) => void): void {
    this.#listeners.push(listener);
  }

  /** As when ARM purges it. */
  purge(key: string): void {
    for (const listener of this.#listeners) listener(key);
  }

  /** Changes the record of `vault-1`. */
  change(more: Partial<VaultRecord>): void {
    this.vaults = [vaultRecord("vault-1", more), ...this.vaults.slice(1)];
  }
}

/** Key Vault over a store in memory, with a clock that tests move. */
export interface VaultHarness extends Served {
  readonly services: TestDependencies;
  readonly vaults: FakeVaults;
  readonly deps: VaultDependencies;
  readonly lifetimes: Lifetimes;
  readonly definition: ServiceDefinition;
  /** A token for vaults. */
  token(audience?: string): string;
  /** A call to `vault-1` unless headers name another host, signed in, with an api-version. */
  vault(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ServedResponse>;
}

export async function vaultHarness(): Promise<VaultHarness> {
  const services = testDependencies();
  const vaults = new FakeVaults();
  const tokens = tokensOf(services);
  const { definition, deps, lifetimes } = vaultService(services, { vaults, tokens, sealingKey: randomBytes(32) });
  const served = await serve(definition);
  const kept = keptTokens(tokens, services.clock);
  const token = (audience = "https://vault.azure.net") => kept(audience);
  return {
    ...served,
    services,
    vaults,
    deps,
    lifetimes,
    definition,
    token,
    vault(method, path, body, headers = {}) {
      const url = `${path}${path.includes("?") ? "&" : "?"}api-version=7.5`;
      const base = { host: "vault-1.vault.azure.net", authorization: `Bearer ${token()}` };
      return served.send(method, url, body, { ...base, ...headers });
    },
  };
}

/** Returns the body of a response, which must have this status. */
export async function expectStatus(
  harness: VaultHarness,
  status: number,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await harness.vault(method, path, body);
  assert.equal(response.status, status, JSON.stringify(response.body));
  return response.body;
}
