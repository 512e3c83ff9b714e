import { strict as assert } from "node:assert";
import { DAY_SECONDS } from "../../../../../emulator/kernel/clock";
import { type VaultHarness, vaultHarness } from "../../../../cast/vaultHarness";

interface Bundle {
  readonly key: Readonly<Record<string, unknown>>;
  readonly attributes: Readonly<Record<string, number>>;
  readonly tags?: Readonly<Record<string, string>>;
}
interface Policy {
  readonly id: string;
  readonly lifetimeActions: readonly unknown[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

const bundleOf = (body: unknown): Bundle => body as Bundle;
const kidOf = (body: unknown): unknown => bundleOf(body).key.kid;

describe("rotation of a vault's keys", () => {
  let harness: VaultHarness;
  beforeEach(async () => {
    harness = await vaultHarness();
  });
  afterEach(() => harness.close());

  const policy = (timeAfterCreate: string, expiryTime: string) => ({
    lifetimeActions: [{ trigger: { timeAfterCreate }, action: { type: "rotate" } }],
    attributes: { expiryTime },
  });
  const create = (body: object = { kty: "EC", crv: "P-384", key_ops: ["sign"], tags: { a: "1" } }) =>
    harness.vault("POST", "/keys/k/create", body);
  const versions = async () =>
    ((await harness.vault("GET", "/keys/k/versions")).body as { value: { kid: string }[] }).value.map(({ kid }) => kid);

  it("rotates when requested: another key of the same kind, the old version kept", async () => {
    const first = await create();
    const second = await harness.vault("POST", "/keys/k/rotate");
    assert.equal(second.status, 200);
    const { key, tags } = bundleOf(second.body);
    assert.deepEqual([key.kty, key.crv, key.key_ops, tags], ["EC", "P-384", ["sign"], { a: "1" }]);
    assert.notEqual(key.x, bundleOf(first.body).key.x);
    assert.deepEqual(await versions(), [kidOf(first.body), kidOf(second.body)]);
    const rsa = await harness.vault("POST", "/keys/r/create", { kty: "RSA", key_size: 3072 });
    const rotated = bundleOf((await harness.vault("POST", "/keys/r/rotate")).body);
    assert.equal(String(rotated.key.n).length, String(bundleOf(rsa.body).key.n).length);
    assert.equal((await harness.vault("POST", "/keys/none/rotate")).status, 404);
  });

  it("returns Azure's default policy until one is set", async () => {
    await create();
    const path = "/keys/k/rotationpolicy";
    const given = (await harness.vault("GET", path)).body as Policy;
    assert.deepEqual(given, {
      id: "https://vault-1.vault.azure.net/keys/k/rotationpolicy",
      lifetimeActions: [{ trigger: { timeBeforeExpiry: "P30D" }, action: { type: "Notify" } }],
      attributes: {},
    });
    const set = await harness.vault("PUT", path, policy("P30D", "P90D"));
    assert.equal(set.status, 200);
    const kept = set.body as Policy;
    assert.deepEqual(kept.lifetimeActions, [
      { trigger: { timeAfterCreate: "P30D" }, action: { type: "Rotate" } },
      ...given.lifetimeActions,
    ]);
    assert.deepEqual(Object.keys(kept.attributes), ["expiryTime", "created", "updated"]);
    assert.deepEqual((await harness.vault("GET", path)).body, kept);
    harness.services.clock.advance(9);
    const later = (await harness.vault("PUT", path, policy("P60D", "P90D"))).body as Policy;
    assert.equal(later.attributes.created, kept.attributes.created);
    assert.equal(later.attributes.updated, Number(kept.attributes.updated) + 9);
    const bad = await harness.vault("PUT", path, policy("P1D", "P90D"));
    assert.deepEqual([bad.status, (bad.body as { error: { code: string } }).error.code], [400, "BadParameter"]);
    assert.equal((await harness.vault("GET", "/keys/none/rotationpolicy")).status, 404);
  });

  it("gives versions made under a policy their expiry", async () => {
    const first = await create();
    await harness.vault("PUT", "/keys/k/rotationpolicy", policy("P30D", "P90D"));
    assert.equal(bundleOf(first.body).attributes.exp, undefined);
    for (const { body } of [await harness.vault("POST", "/keys/k/rotate"), await create()]) {
      const { created, exp } = bundleOf(body).attributes;
      assert.equal(exp, (created ?? 0) + 90 * DAY_SECONDS);
    }
    const requested = await create({ kty: "EC", attributes: { exp: 2_000_000_000 } });
    assert.equal(bundleOf(requested.body).attributes.exp, 2_000_000_000);
  });

  it("rotates on the first access after the policy's time, once for concurrent requests", async () => {
    const first = await create();
    await harness.vault("PUT", "/keys/k/rotationpolicy", policy("P30D", "P90D"));
    harness.services.clock.advance(30 * DAY_SECONDS - 1);
    assert.equal(kidOf((await harness.vault("GET", "/keys/k")).body), kidOf(first.body));
    harness.services.clock.advance(1);
    const [one, other] = await Promise.all([harness.vault("GET", "/keys/k"), harness.vault("GET", "/keys/k")]);
    assert.notEqual(kidOf(one.body), kidOf(first.body));
    assert.equal(kidOf(other.body), kidOf(one.body));
    assert.equal((await versions()).length, 2);
    harness.services.clock.advance(30 * DAY_SECONDS);
    const digest = Buffer.alloc(48).toString("base64url");
    const signed = await harness.vault("POST", "/keys/k/sign", { alg: "ES384", value: digest });
    assert.equal((signed.body as { kid: string }).kid, (await versions())[2], "signed by the newest");
  });

  it("adds a backdated version for each missed rotation", async () => {
    const first = await create();
    await harness.vault("PUT", "/keys/k/rotationpolicy", policy("P30D", "P90D"));
    harness.services.clock.advance(75 * DAY_SECONDS);
    const { value } = (await harness.vault("GET", "/keys/k/versions")).body as { value: Bundle[] };
    const begun = bundleOf(first.body).attributes.created ?? 0;
    assert.deepEqual(
      value.map(({ attributes: { created, exp } }) => [created, exp]),
      [
        [begun, undefined],
        [begun + 30 * DAY_SECONDS, begun + 120 * DAY_SECONDS],
        [begun + 60 * DAY_SECONDS, begun + 150 * DAY_SECONDS],
      ],
    );
    await harness.vault("DELETE", "/keys/k");
    harness.services.clock.advance(75 * DAY_SECONDS);
    await harness.vault("POST", "/deletedkeys/k/recover");
    const { body } = await harness.vault("GET", "/keys");
    assert.equal(
      (body as { value: Bundle[] }).value[0]?.attributes.created,
      begun + 150 * DAY_SECONDS,
      "a list looks, too",
    );
  });

  it("adds nothing to a key that was deleted, purged or changed while the new one was made", async () => {
    await create();
    await harness.vault("PUT", "/keys/k/rotationpolicy", policy("P30D", "P90D"));
    const key = { vault: "vault-key-vault-1", kind: "key", name: "k" } as const;
    const { objects } = harness.deps;
    const count = () => objects.versions(key, { after: "", top: 9 }).length;
    harness.services.clock.advance(30 * DAY_SECONDS);
    const followed = harness.lifetimes.applyDue(key);
    objects.remove(key, { retention: 90, settledAt: 0 });
    await followed;
    assert.equal(count(), 1);
    objects.recover(key, 0);
    const latest = objects.find(key);
    assert.ok(latest);
    for (const [change, status] of [
      [() => objects.remove(key, { retention: 90, settledAt: 0 }), 409],
      [() => objects.purge(key), 404],
    ] as const) {
      const rotated = harness.lifetimes.rotation.rotate(latest);
      change();
      await assert.rejects(rotated, { name: "WireError", status });
    }
    assert.equal(objects.state(key), undefined, "what was purged does not come back");
  });
});
