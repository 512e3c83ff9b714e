import assert from "node:assert/strict";
import type { Operation, Request } from "../../../../emulator/kernel/operation";
import { VAULT_LIMITS, vaultThrottle } from "../../../../emulator/vault/vaultThrottle";
import { type VaultHarness, vaultHarness, vaultRecord } from "../../../cast/vaultHarness";

const requestOf = (params: Readonly<Record<string, string>>): Request => ({
  ...{ method: "POST", host: "vault-1.vault.azure.net", path: "/", query: new Map(), headers: {}, params },
  ...{ body: undefined, raw: Buffer.alloc(0), clientChain: () => [] },
});

describe("throttling of a vault", () => {
  let harness: VaultHarness;
  beforeEach(async () => {
    harness = await vaultHarness();
  });
  afterEach(() => harness.close());

  /** Returns how many of the calls succeed, and the last response. */
  async function passing(calls: number, once: (index: number) => ReturnType<VaultHarness["vault"]>) {
    let [passed, last] = [0, await once(0)];
    for (let index = 0; index < calls; index += 1) {
      if (index > 0) last = await once(index);
      if (last.status === 200) passed += 1;
    }
    return { passed, last };
  }
  const create = (index: number, headers = {}) =>
    harness.vault("POST", `/keys/k${index}/create`, { kty: "EC", crv: "P-256" }, headers);

  it("is off unless it is switched on", async () => {
    const { passed } = await passing(VAULT_LIMITS.keyCreation + 2, create);
    assert.equal(passed, VAULT_LIMITS.keyCreation + 2);
  });

  it("returns 429 with Retry-After for one key too many, per vault and window", async () => {
    harness.services.switches.throttling = true;
    harness.services.clock.advance(4);
    const { passed, last } = await passing(VAULT_LIMITS.keyCreation + 1, create);
    assert.equal(passed, VAULT_LIMITS.keyCreation);
    assert.equal(last.status, 429);
    assert.equal(last.headers["retry-after"], "6");
    assert.equal((last.body as { error: { code: string } }).error.code, "Throttled");
    assert.equal((await harness.vault("GET", "/keys")).status, 200, "other calls have a count of their own");
    assert.equal((await create(0, { host: "vault-2.vault.azure.net" })).status, 200);
    harness.services.clock.advance(6);
    assert.equal((await create(99)).status, 200);
  });

  it("allows 300 new secrets and 4,000 other calls in ten seconds", () => {
    const take = vaultThrottle({ ...harness.deps, switches: { throttling: true, realDelays: false } });
    const vault = vaultRecord("vault-1");
    const call = requestOf({});
    for (const [name, limit] of [
      ["SetSecret", 300],
      ["Sign", 4000],
    ] as const) {
      const operation: Operation = { name, method: "POST", path: "/", handle: () => ({ status: 200 }) };
      for (let index = 0; index < limit; index += 1) take(vault, operation, call);
      assert.throws(() => take(vault, operation, call), /HTTP 429 .*VaultRequestTypeLimitReached/);
    }
  });

  it("counts a call at a larger RSA key as several", async () => {
    const take = vaultThrottle({ ...harness.deps, switches: { throttling: true, realDelays: false } });
    const sign: Operation = { name: "Sign", method: "POST", path: "/keys/:name/sign", handle: () => ({ status: 200 }) };
    for (const [size, limit] of [
      [2048, 4000],
      [3072, 1000],
      [4096, 500],
    ] as const) {
      const vault = vaultRecord(`vault-${size}`);
      const n = Buffer.alloc(size / 8, 1).toString("base64url");
      harness.deps.objects.add(
        { vault: vault.key, kind: "key", name: "k" },
        { detail: { kty: "RSA", jwk: { kty: "RSA", n } } },
      );
      const call = requestOf({ name: "k" });
      for (let index = 0; index < limit; index += 1) take(vault, sign, call);
      assert.throws(() => take(vault, sign, call), /HTTP 429/, String(size));
    }
    take(vaultRecord("vault-none"), sign, requestOf({ name: "none" }));
  });
});
