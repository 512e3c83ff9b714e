import assert from "node:assert/strict";
import type { ServedResponse } from "../../../cast/served";
import { type VaultHarness, vaultHarness, vaultRecord } from "../../../cast/vaultHarness";

interface Bundle {
  readonly id: string;
  readonly value?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly recoveryId?: string;
}
const bundle = ({ body }: ServedResponse) => body as Bundle;
const refusal = ({ body }: ServedResponse) => {
  const { code, message, innererror } = (
    body as { error: { code: string; message: string; innererror?: { code: string } } }
  ).error;
  return { code, message, inner: innererror?.code };
};
const idsOf = ({ body }: ServedResponse) => (body as { value: { id: string }[] }).value.map(({ id }) => id);

/** 2026-03-01T12:00:00Z, where the test clock starts. */
const START = 1772366400;

describe("secrets", () => {
  let harness: VaultHarness;
  beforeEach(async () => {
    harness = await vaultHarness();
  });
  afterEach(() => harness.close());
  const set = (name: string, value = "s3cret", more: Readonly<Record<string, unknown>> = {}) =>
    harness.vault("PUT", `/secrets/${name}`, { value, ...more });

  it("are set and read, the latest and by version, with or without a trailing slash", async () => {
    const made = await set("My-Secret", "one", {
      contentType: "text/plain",
      tags: { a: "b" },
      attributes: { nbf: START - 10, exp: START + 10 },
    });
    assert.equal(made.status, 200);
    const { id } = bundle(made);
    assert.match(id, /^https:\/\/vault-1\.vault\.azure\.net\/secrets\/My-Secret\/[0-9a-f]{32}$/);
    assert.deepEqual(made.body, {
      value: "one",
      id,
      contentType: "text/plain",
      attributes: {
        enabled: true,
        nbf: START - 10,
        exp: START + 10,
        created: START,
        updated: START,
        recoveryLevel: "Recoverable+Purgeable",
        recoverableDays: 90,
      },
      tags: { a: "b" },
    });
    await set("My-Secret", "two");
    assert.equal(bundle(await harness.vault("GET", "/secrets/my-secret")).value, "two");
    assert.equal(bundle(await harness.vault("GET", "/secrets/my-secret/")).value, "two");
    assert.deepEqual((await harness.vault("GET", new URL(id).pathname)).body, made.body);
  });

  it("are read outside nbf and exp, which only inform", async () => {
    await set("late", "x", { attributes: { exp: START - 1 } });
    await set("early", "y", { attributes: { nbf: START + 99 } });
    assert.equal(bundle(await harness.vault("GET", "/secrets/late")).value, "x");
    assert.equal(bundle(await harness.vault("GET", "/secrets/early")).value, "y");
  });

  it("are not read while they are disabled", async () => {
    await set("a", "x", { attributes: { enabled: false } });
    const refused = await harness.vault("GET", "/secrets/a");
    assert.equal(refused.status, 403);
    assert.deepEqual(refusal(refused), {
      code: "Forbidden",
      message: "Operation get is not allowed on a disabled secret.",
      inner: "SecretDisabled",
    });
    assert.equal((await harness.vault("PATCH", "/secrets/a/", { attributes: { enabled: true } })).status, 200);
    assert.equal(bundle(await harness.vault("GET", "/secrets/a")).value, "x");
  });

  it("are updated in place: other members stay, and the response has no value", async () => {
    const { id } = bundle(await set("a", "x", { contentType: "old", tags: { a: "b" } }));
    harness.services.clock.advance(5);
    const changed = await harness.vault("PATCH", new URL(id).pathname, {
      contentType: "new",
      attributes: { exp: START + 99 },
    });
    const { attributes, ...rest } = changed.body as Bundle;
    assert.deepEqual(rest, { id, contentType: "new", tags: { a: "b" } });
    assert.deepEqual(
      [attributes.exp, attributes.created, attributes.updated, attributes.enabled],
      [START + 99, START, START + 5, true],
    );
    assert.deepEqual((await harness.vault("GET", new URL(id).pathname)).body, {
      value: "x",
      ...(changed.body as Bundle),
    });
  });

  it("are listed without values, the names once, the versions each", async () => {
    await set("b");
    const { id } = bundle(await set("a", "x", { contentType: "t" }));
    const second = bundle(await set("a", "y"));
    const list = await harness.vault("GET", "/secrets");
    assert.deepEqual(idsOf(list), [
      "https://vault-1.vault.azure.net/secrets/a",
      "https://vault-1.vault.azure.net/secrets/b",
    ]);
    assert.deepEqual(idsOf(await harness.vault("GET", "/secrets/a/versions")), [id, second.id]);
    assert.doesNotMatch(JSON.stringify(list.body), /value":"/);
    const missing = await harness.vault("GET", "/secrets/c/versions");
    assert.deepEqual([missing.status, refusal(missing).code], [404, "SecretNotFound"]);
  });

  for (const [what, path, body, message] of [
    ["no value", "/secrets/a", {}, /value is required/],
    ["too large a value", "/secrets/a", { value: "x".repeat(25601) }, /25601 bytes/],
    ["an invalid name", "/secrets/a_b", { value: "x" }, /invalid name: a_b/],
    ["a long name", `/secrets/${"a".repeat(128)}`, { value: "x" }, /invalid name/],
    [
      "a content type that is not a string",
      "/secrets/a",
      { value: "x", contentType: 1 },
      /contentType must be a string, not 1/,
    ],
    ["tags that are not strings", "/secrets/a", { value: "x", tags: { a: 1 } }, /tags.a must be a string, not 1/],
    ["attributes that are not an object", "/secrets/a", { value: "x", attributes: [] }, /attributes must be an object/],
    ["an odd enabled", "/secrets/a", { value: "x", attributes: { enabled: "yes" } }, /enabled must be true or false/],
    ["an odd exp", "/secrets/a", { value: "x", attributes: { exp: "soon" } }, /exp must be a whole number, not "soon"/],
    ["exp before nbf", "/secrets/a", { value: "x", attributes: { nbf: 2, exp: 1 } }, /exp must be later/],
    ["a body that is not an object", "/secrets/a", [1], /must be a JSON object/],
    ["a body that is not JSON", "/secrets/a", "{", /is not JSON/],
    [
      "sixteen tags",
      "/secrets/a",
      { value: "x", tags: Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`t${index}`, ""])) },
      /tags must have at most 15 members/,
    ],
    [
      "a long tag",
      "/secrets/a",
      { value: "x", tags: { ["t".repeat(257)]: "" } },
      /tags must be .* at most 256 characters/,
    ],
  ] as const) {
    it(`are not set with ${what}`, async () => {
      const response = await harness.vault("PUT", path, body);
      assert.deepEqual([response.status, refusal(response).code], [400, "BadParameter"]);
      assert.match(refusal(response).message, message);
    });
  }

  it("return Azure's 404 for an unknown name or version, and 400 for an invalid version", async () => {
    await set("a");
    const unknown = await harness.vault("GET", "/secrets/b");
    assert.equal(unknown.status, 404);
    assert.equal(
      refusal(unknown).message,
      "A secret with (name/id) b was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182",
    );
    const version = await harness.vault("GET", `/secrets/a/${"0".repeat(32)}`);
    assert.deepEqual([version.status, refusal(version).code], [404, "SecretNotFound"]);
    assert.equal((await harness.vault("GET", "/secrets/a/new")).status, 400);
  });

  it("are deleted softly, recovered with every version, and purged", async () => {
    const first = bundle(await set("a", "one"));
    const last = bundle(await set("a", "two"));
    const deleted = await harness.vault("DELETE", "/secrets/a");
    const { attributes: _, ...body } = bundle(deleted);
    assert.deepEqual(body, {
      recoveryId: "https://vault-1.vault.azure.net/deletedsecrets/a",
      deletedDate: START,
      scheduledPurgeDate: START + 90 * 86_400,
      id: last.id,
    });
    assert.equal((await harness.vault("GET", "/secrets/a")).status, 404);
    assert.equal((await harness.vault("DELETE", "/secrets/a")).status, 409);
    assert.deepEqual((await harness.vault("GET", "/deletedsecrets/a")).body, deleted.body);
    assert.deepEqual(idsOf(await harness.vault("GET", "/secrets")), []);
    assert.deepEqual(idsOf(await harness.vault("GET", "/deletedsecrets")), [
      "https://vault-1.vault.azure.net/secrets/a",
    ]);
    const again = await set("a");
    assert.deepEqual(
      [again.status, refusal(again)],
      [
        409,
        {
          code: "Conflict",
          message:
            "Secret a is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.",
          inner: "ObjectIsDeletedButRecoverable",
        },
      ],
    );
    assert.equal(bundle(await harness.vault("POST", "/deletedsecrets/a/recover")).id, last.id);
    assert.equal(bundle(await harness.vault("GET", new URL(first.id).pathname)).value, "one");
    assert.equal((await harness.vault("GET", "/deletedsecrets/a")).status, 404);
    await harness.vault("DELETE", "/secrets/a");
    assert.equal((await harness.vault("DELETE", "/deletedsecrets/a")).status, 204);
    const gone = await harness.vault("POST", "/deletedsecrets/a/recover");
    assert.deepEqual([gone.status, refusal(gone).message], [404, "Deleted Secret not found: a"]);
    assert.equal((await set("a")).status, 200);
    assert.equal(idsOf(await harness.vault("GET", "/secrets/a/versions")).length, 1);
  });

  it("are purged automatically after their retention", async () => {
    harness.vaults.change({ softDeleteRetentionInDays: 7 });
    const { attributes } = bundle(await set("a"));
    assert.equal(attributes.recoveryLevel, "CustomizedRecoverable+Purgeable");
    assert.equal(attributes.recoverableDays, 7);
    await harness.vault("DELETE", "/secrets/a");
    harness.services.clock.advance(7 * 86_400 - 1);
    assert.equal((await harness.vault("GET", "/deletedsecrets/a")).status, 200);
    harness.services.clock.advance(1);
    assert.equal((await harness.vault("GET", "/deletedsecrets/a")).status, 404);
    assert.equal((await set("a")).status, 200);
  });

  it("are not purged under purge protection", async () => {
    harness.vaults.change({ enablePurgeProtection: true });
    assert.equal(bundle(await set("a")).attributes.recoveryLevel, "Recoverable");
    await harness.vault("DELETE", "/secrets/a");
    const refused = await harness.vault("DELETE", "/deletedsecrets/a");
    assert.equal(refused.status, 403);
    assert.match(refusal(refused).message, /^Operation "purge" is not allowed because purge protection is enabled/);
    assert.equal((await harness.vault("GET", "/deletedsecrets/a")).status, 200);
  });

  it("take a while to be deleted and recovered with real delays", async () => {
    harness.services.switches.realDelays = true;
    await set("a");
    await harness.vault("DELETE", "/secrets/a");
    assert.equal((await harness.vault("GET", "/deletedsecrets/a")).status, 404);
    assert.equal(refusal(await set("a")).inner, "ObjectIsBeingDeleted");
    harness.services.clock.advance(3);
    assert.equal((await harness.vault("GET", "/deletedsecrets/a")).status, 200);
    await harness.vault("POST", "/deletedsecrets/a/recover");
    assert.equal((await harness.vault("GET", "/secrets/a")).status, 404);
    assert.equal(refusal(await set("a")).inner, "ObjectIsBeingRecovered");
    harness.services.clock.advance(3);
    assert.equal((await harness.vault("GET", "/secrets/a")).status, 200);
  });

  it("are backed up with every version, and restored into another vault", async () => {
    const first = bundle(await set("a", "one", { tags: { a: "b" } }));
    harness.services.clock.advance(60);
    await set("a", "two");
    const { value = "" } = bundle(await harness.vault("POST", "/secrets/a/backup"));
    assert.match(value, /^[A-Za-z0-9_-]+$/);
    assert.doesNotMatch(Buffer.from(value, "base64url").toString("latin1"), /one|two/);
    const taken = await harness.vault("POST", "/secrets/restore", { value });
    assert.deepEqual([taken.status, refusal(taken).code], [409, "Conflict"]);
    const host = { host: "vault-2.vault.azure.net" };
    const restored = await harness.vault("POST", "/secrets/restore", { value }, host);
    assert.match(bundle(restored).id, /^https:\/\/vault-2\.vault\.azure\.net\/secrets\/a\//);
    assert.equal(bundle(await harness.vault("GET", "/secrets/a", undefined, host)).value, "two");
    const old = bundle(await harness.vault("GET", new URL(first.id).pathname, undefined, host));
    assert.deepEqual([old.value, old.attributes.created], ["one", START]);
    for (const wrong of ["", "AAAA", `${value.slice(0, -4)}AAAA`]) {
      const refused = await harness.vault("POST", "/secrets/restore", { value: wrong }, host);
      assert.deepEqual([refused.status, refusal(refused).code], [400, "Malformed backup blob"]);
    }
    await harness.vault("DELETE", "/secrets/a");
    assert.equal(
      refusal(await harness.vault("POST", "/secrets/restore", { value })).inner,
      "ObjectIsDeletedButRecoverable",
    );
  });

  it("are restored from a backup of an earlier release", async () => {
    const attributes = { enabled: true, created: START - 60, updated: START - 60 };
    const version = { version: "0".repeat(32), attributes, tags: { a: "b" }, managed: false };
    const versions = [{ ...version, detail: { contentType: "t" }, material: Buffer.from("one").toString("base64") }];
    const backup = { name: "old", parts: [{ kind: "secret", about: {}, versions }] };
    const value = harness.deps.sealer.seal(Buffer.from(JSON.stringify(backup)), "backup/secret").toString("base64url");
    assert.equal((await harness.vault("POST", "/secrets/restore", { value })).status, 200);
    const restored = (await harness.vault("GET", "/secrets/old")).body as Bundle & Record<string, unknown>;
    assert.deepEqual([restored.value, restored.contentType, restored.tags], ["one", "t", { a: "b" }]);
    assert.deepEqual(
      [restored.id.endsWith(`/old/${version.version}`), restored.attributes.created],
      [true, START - 60],
    );
  });

  it("belong to their vault, and go when it is purged", async () => {
    await set("a");
    assert.equal(
      (await harness.vault("GET", "/secrets/a", undefined, { host: "vault-2.vault.azure.net" })).status,
      404,
    );
    harness.vaults.purge(vaultRecord("vault-2").key);
    assert.equal((await harness.vault("GET", "/secrets/a")).status, 200);
    harness.vaults.purge(vaultRecord("vault-1").key);
    assert.equal((await harness.vault("GET", "/secrets/a")).status, 404);
  });

  it("that belong to a certificate are only changed through the certificate", async () => {
    const key = { vault: vaultRecord("vault-1").key, kind: "secret", name: "a" } as const;
    const material = Buffer.from("pfx");
    const { version } = harness.deps.objects.add(key, { detail: {}, material, managed: true });
    const read = (await harness.vault("GET", "/secrets/a")).body as { managed: boolean; kid: string };
    assert.deepEqual([read.managed, read.kid], [true, `https://vault-1.vault.azure.net/keys/a/${version}`]);
    for (const [method, path, body] of [
      ["PUT", "/secrets/a", { value: "x" }],
      ["PATCH", "/secrets/a", { tags: {} }],
      ["DELETE", "/secrets/a", undefined],
      ["POST", "/secrets/a/backup", undefined],
    ] as const) {
      const refused = await harness.vault(method, path, body);
      assert.deepEqual([refused.status, refusal(refused).inner], [403, "OperationNotAllowed"], `${method} ${path}`);
    }
  });
});
