import { strict as assert } from "node:assert";
import { generateKeyPairSync } from "node:crypto";
import { type VaultHarness, vaultHarness } from "../../../../cast/vaultHarness";

interface Bundle {
  readonly key: Readonly<Record<string, string>> & { readonly key_ops: readonly string[] };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly tags?: Readonly<Record<string, string>>;
}
interface KeyError {
  readonly code: string;
  readonly message: string;
  readonly innererror?: { readonly code: string };
}

const bundleOf = (body: unknown): Bundle => body as Bundle;
const errorOf = (body: unknown): KeyError => (body as { error: KeyError }).error;
const listOf = (body: unknown) => body as { value: { kid: string }[]; nextLink: string | null };
const versionOf = (body: unknown): string => bundleOf(body).key.kid?.split("/").at(-1) ?? "";

describe("keys of a vault", () => {
  let harness: VaultHarness;
  beforeEach(async () => {
    harness = await vaultHarness();
  });
  afterEach(() => harness.close());

  const create = (name: string, body: object = { kty: "EC" }) => harness.vault("POST", `/keys/${name}/create`, body);
  async function refused(status: number, method: string, path: string, body?: unknown): Promise<KeyError> {
    const response = await harness.vault(method, path, body);
    assert.equal(response.status, status, JSON.stringify(response.body));
    return errorOf(response.body);
  }

  it("creates an EC key, and shows nothing but its public half", async () => {
    const { status, body } = await create("ca-root", {
      kty: "EC",
      crv: "P-384",
      attributes: { enabled: true, exp: 2_000_000_000 },
      tags: { line: "1" },
    });
    assert.equal(status, 200);
    const { key, attributes, tags } = bundleOf(body);
    assert.match(key.kid ?? "", /^https:\/\/vault-1\.vault\.azure\.net\/keys\/ca-root\/[0-9a-f]{32}$/);
    assert.deepEqual(Object.keys(key).sort(), ["crv", "key_ops", "kid", "kty", "x", "y"]);
    assert.deepEqual([key.kty, key.crv, key.key_ops], ["EC", "P-384", ["sign", "verify"]]);
    assert.deepEqual(attributes, {
      enabled: true,
      exp: 2_000_000_000,
      created: 1_772_366_400,
      updated: 1_772_366_400,
      recoveryLevel: "Recoverable+Purgeable",
      recoverableDays: 90,
      exportable: false,
      hsmPlatform: "0",
    });
    assert.deepEqual(tags, { line: "1" });
    for (const path of ["/keys/ca-root", "/keys/ca-root/", `/keys/ca-root/${versionOf(body)}`]) {
      assert.deepEqual((await harness.vault("GET", path)).body, body, path);
    }
  });

  it("creates an RSA key of 2048 bits by default, with all or the requested operations", async () => {
    const { key } = bundleOf((await create("rsa", { kty: "RSA" })).body);
    assert.deepEqual(Object.keys(key).sort(), ["e", "key_ops", "kid", "kty", "n"]);
    assert.deepEqual([key.e, Buffer.from(key.n ?? "", "base64url").length], ["AQAB", 256]);
    assert.deepEqual(key.key_ops, ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]);
    const given = bundleOf((await create("rsa", { kty: "RSA", key_size: 3072, key_ops: ["sign", "verify"] })).body);
    assert.equal(Buffer.from(given.key.n ?? "", "base64url").length, 384);
    assert.deepEqual(given.key.key_ops, ["sign", "verify"]);
  });

  it("creates as document 004 does: PUT without a key", async () => {
    const { status, body } = await harness.vault("PUT", "/keys/TESTKEY", { kty: "EC", crv: "P-256" });
    assert.equal(status, 200);
    assert.equal(bundleOf(body).key.crv, "P-256");
  });

  const refusals: readonly (readonly [object, RegExp])[] = [
    [{}, /^Invalid kty value: $/],
    [{ kty: "oct" }, /kty value: oct/],
    [{ kty: "RSA-HSM" }, /^Hardware key operation not allowed/],
    [{ kty: "EC-HSM" }, /^Hardware key operation not allowed/],
    [{ kty: "RSA", key_size: 1024 }, /key size \(1024\).*2048/],
    [{ kty: "EC", crv: "SECP256K1" }, /crv value: SECP256K1/],
    [{ kty: "EC", crv: "P-256", key_size: 384 }, /key size \(384\).*P-256/],
    [{ kty: "EC", key_ops: ["encrypt"] }, /'encrypt' is not supported.*'EC'/],
    [{ kty: "EC", key_ops: ["signs"] }, /key_ops value: signs/],
    [{ kty: "EC", key_ops: "sign" }, /key_ops must be a list/],
    [{ kty: "EC", tags: { a: 1 } }, /tags.a must be a string, not 1/],
  ];
  for (const [body, message] of refusals) {
    it(`refuses to create ${JSON.stringify(body)}`, async () => {
      const refusal = await refused(400, "POST", "/keys/k/create", body);
      assert.equal(refusal.code, "BadParameter");
      assert.match(refusal.message, message);
      assert.equal((await refused(404, "GET", "/keys/k")).code, "KeyNotFound");
    });
  }

  it("refuses hardware keys in a premium vault as not emulated", async () => {
    harness.vaults.change({ isPremium: true });
    const refusal = await refused(501, "POST", "/keys/k/create", { kty: "RSA-HSM" });
    assert.equal(refusal.code, "NotEmulated");
    assert.match(refusal.message, /keys in hardware \(RSA-HSM, EC-HSM\)/);
    assert.equal((await create("soft")).status, 200);
  });

  it("refuses oct keys with Azure's error, and refuses exportable keys", async () => {
    const refusal = await refused(400, "POST", "/keys/k/create", { kty: "oct" });
    assert.deepEqual(refusal.innererror, { code: "KeyTypeNotSupported" });
    const released = await refused(400, "POST", "/keys/k/create", { kty: "RSA", attributes: { exportable: true } });
    assert.match(released.message, /^AKV\.SKR\.1001: /);
  });

  it("imports a key, by PUT or as document 004 does, and signs with it", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const jwk = privateKey.export({ format: "jwk" });
    const put = await harness.vault("PUT", "/keys/taken", {
      key: { ...jwk, key_ops: ["sign"] },
      tags: { from: "file" },
    });
    assert.equal(put.status, 200);
    assert.deepEqual(bundleOf(put.body).tags, { from: "file" });
    assert.deepEqual([bundleOf(put.body).key.x, bundleOf(put.body).key.key_ops], [jwk.x, ["sign"]]);
    assert.ok(!JSON.stringify(put.body).includes(jwk.d ?? "?"));
    const post = await harness.vault("POST", "/keys/taken-2/import", { key: jwk, hsm: false });
    assert.equal(bundleOf(post.body).key.y, jwk.y);
    const value = Buffer.alloc(32, 1).toString("base64url");
    assert.equal((await harness.vault("POST", "/keys/taken/sign", { alg: "ES256", value })).status, 200);
  });

  it("refuses imports of invalid and of hardware keys", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const key = privateKey.export({ format: "jwk" });
    const message = async (body: object) => (await refused(400, "PUT", "/keys/k", body)).message;
    assert.match(await message({ key: 7 }), /^Property key must be/);
    assert.match(await message({ key: { ...key, d: undefined } }), /^Property key\.d must be/);
    assert.match(await message({ key, hsm: true }), /^Hardware key operation/);
    assert.equal(await message({ key: { kty: "oct", k: "AAAA" } }), "Invalid kty value: oct");
  });

  it("adds a version at every create, and lists versions and keys", async () => {
    const first = await create("k");
    harness.services.clock.advance(60);
    const second = await create("k");
    await create("other");
    assert.notEqual(versionOf(first.body), versionOf(second.body));
    assert.deepEqual((await harness.vault("GET", "/keys/k")).body, second.body);
    const versions = listOf((await harness.vault("GET", "/keys/k/versions")).body);
    assert.deepEqual(
      versions.value.map(({ kid }) => kid),
      [first, second].map(({ body }) => bundleOf(body).key.kid),
    );
    const keys = listOf((await harness.vault("GET", "/keys?maxresults=1")).body);
    assert.deepEqual(
      keys.value.map(({ kid }) => kid),
      ["https://vault-1.vault.azure.net/keys/k"],
    );
    const next = new URL(keys.nextLink ?? "");
    assert.equal(next.host, "vault-1.vault.azure.net");
    const rest = await harness.vault("GET", next.pathname + next.search.replace("api-version=7.5&", ""));
    assert.deepEqual(listOf(rest.body).value[0]?.kid, "https://vault-1.vault.azure.net/keys/other");
    assert.equal((await refused(404, "GET", "/keys/none/versions")).code, "KeyNotFound");
  });

  it("updates attributes, tags and uses of one version", async () => {
    const { body } = await create("k", { kty: "RSA", tags: { a: "1" } });
    harness.services.clock.advance(5);
    const path = `/keys/k/${versionOf(body)}`;
    const patched = await harness.vault("PATCH", path, { key_ops: ["sign"], attributes: { enabled: false } });
    assert.equal(patched.status, 200);
    const { key, attributes, tags } = bundleOf(patched.body);
    assert.deepEqual([key.key_ops, attributes.enabled, tags], [["sign"], false, { a: "1" }]);
    assert.equal(attributes.updated, Number(attributes.created) + 5);
    assert.deepEqual((await harness.vault("GET", path)).body, patched.body, "a disabled key is shown");
    assert.equal((await refused(400, "PATCH", path, { key_ops: ["import"] })).code, "BadParameter");
    const released = await refused(400, "PATCH", path, { release_policy: { data: "e30" } });
    assert.match(released.message, /^AKV\.SKR\.1005: /);
  });

  it("deletes, refuses the name meanwhile, recovers, deletes again and purges", async () => {
    const { body } = await create("k");
    const deleted = await harness.vault("DELETE", "/keys/k");
    assert.equal(deleted.status, 200);
    const { recoveryId, deletedDate, scheduledPurgeDate, ...bundle } = deleted.body as Record<string, unknown>;
    assert.deepEqual(bundle, body);
    assert.equal(recoveryId, "https://vault-1.vault.azure.net/deletedkeys/k");
    assert.equal(Number(scheduledPurgeDate) - Number(deletedDate), 90 * 86_400);
    assert.equal((await refused(404, "GET", "/keys/k")).code, "KeyNotFound");
    const conflict = await refused(409, "POST", "/keys/k/create", { kty: "EC" });
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const imported = await refused(409, "PUT", "/keys/k", { key: privateKey.export({ format: "jwk" }) });
    for (const { code, innererror } of [conflict, imported])
      assert.deepEqual([code, innererror?.code], ["Conflict", "ObjectIsDeletedButRecoverable"]);
    assert.equal(listOf((await harness.vault("GET", "/deletedkeys")).body).value.length, 1);
    assert.deepEqual((await harness.vault("GET", "/deletedkeys/k")).body, deleted.body);
    assert.deepEqual((await harness.vault("POST", "/deletedkeys/k/recover")).body, body);
    assert.equal((await harness.vault("GET", "/keys/k")).status, 200);
    await harness.vault("DELETE", "/keys/k");
    assert.equal((await harness.vault("DELETE", "/deletedkeys/k")).status, 204);
    assert.equal((await refused(404, "GET", "/deletedkeys/k")).code, "KeyNotFound");
    assert.equal((await create("k")).status, 200);
  });

  it("backs up every version sealed, and restores them into another vault", async () => {
    const first = await create("k");
    const second = await create("k");
    const { value } = (await harness.vault("POST", "/keys/k/backup")).body as { value: string };
    assert.match(value, /^[A-Za-z0-9_-]+$/);
    const there = { host: "vault-2.vault.azure.net" };
    const restored = await harness.vault("POST", "/keys/restore", { value }, there);
    assert.equal(restored.status, 200);
    assert.equal(
      bundleOf(restored.body).key.kid,
      bundleOf(second.body).key.kid?.replace("vault-1", "vault-2"),
      "the versions keep their ids",
    );
    const digest = Buffer.alloc(32, 7).toString("base64url");
    const path = `/keys/k/${versionOf(first.body)}`;
    const signed = await harness.vault("POST", `${path}/sign`, { alg: "ES256", value: digest }, there);
    const signature = (signed.body as { value: string }).value;
    const verified = await harness.vault("POST", `${path}/verify`, { alg: "ES256", digest, value: signature });
    assert.deepEqual(verified.body, { value: true }, "it is the same key in both vaults");
    assert.equal((await harness.vault("POST", "/keys/restore", { value }, there)).status, 409);
    assert.match((await refused(400, "POST", "/keys/restore", { value: "AAAA" })).message, /^The backup is not of a/);
  });

  it("refuses the operations of managed HSMs, and checks the permission of each", async () => {
    const { body } = await create("k");
    const path = `/keys/k/${versionOf(body)}`;
    const release = await refused(403, "POST", `${path}/release`, { target: "t" });
    assert.deepEqual(release.innererror, { code: "KeyNotExportable" });
    assert.match((await refused(400, "POST", "/rng", { count: 4 })).message, /managed HSM only/);
    assert.match((await refused(400, "GET", `${path}/attestation`)).message, /managed HSM only/);
    harness.vaults.change({ enableRbacAuthorization: true });
    harness.vaults.granted = ["Microsoft.KeyVault/vaults/keys/read"];
    assert.equal((await harness.vault("GET", "/keys/k")).status, 200);
    const refusal = await refused(403, "POST", "/keys/k/sign", { alg: "ES256", value: "AA" });
    assert.deepEqual(refusal.innererror, { code: "ForbiddenByRbac" });
    assert.match(refusal.message, /Action: 'Microsoft\.KeyVault\/vaults\/keys\/sign\/action'/);
  });
});
