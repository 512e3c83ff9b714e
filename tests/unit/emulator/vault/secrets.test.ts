import assert from "node:assert/strict";
import type { ServedResponse } from "../../../cast/served";
import { type VaultDesk, vaultDesk, vaultRecord } from "../../../cast/vaultDesk";

interface Bundle {
  readonly id: string;
  readonly value?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly recoveryId?: string;
}
const bundle = ({ body }: ServedResponse) => body as Bundle;
const fault = ({ body }: ServedResponse) => {
  const { code, message, innererror } = (
    body as { error: { code: string; message: string; innererror?: { code: string } } }
  ).error;
  return { code, message, inner: innererror?.code };
};
const idsOf = ({ body }: ServedResponse) => (body as { value: { id: string }[] }).value.map(({ id }) => id);

/** 2026-03-01T12:00:00Z, where the hand clock starts. */
const START = 1772366400;

describe("secrets", () => {
  let desk: VaultDesk;
  beforeEach(async () => {
    desk = await vaultDesk();
  });
  afterEach(() => desk.close());
  const set = (name: string, value = "s3cret", more: Readonly<Record<string, unknown>> = {}) =>
    desk.vault("PUT", `/secrets/${name}`, { value, ...more });

  it("are set and read, the latest and by version, with a slash at the end or not", async () => {
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
    assert.equal(bundle(await desk.vault("GET", "/secrets/my-secret")).value, "two");
    assert.equal(bundle(await desk.vault("GET", "/secrets/my-secret/")).value, "two");
    assert.deepEqual((await desk.vault("GET", new URL(id).pathname)).body, made.body);
  });

  it("are read outside of nbf and exp, which only inform", async () => {
    await set("late", "x", { attributes: { exp: START - 1 } });
    await set("early", "y", { attributes: { nbf: START + 99 } });
    assert.equal(bundle(await desk.vault("GET", "/secrets/late")).value, "x");
    assert.equal(bundle(await desk.vault("GET", "/secrets/early")).value, "y");
  });

  it("are not read while they are disabled", async () => {
    await set("a", "x", { attributes: { enabled: false } });
    const refused = await desk.vault("GET", "/secrets/a");
    assert.equal(refused.status, 403);
    assert.deepEqual(fault(refused), {
      code: "Forbidden",
      message: "Operation get is not allowed on a disabled secret.",
      inner: "SecretDisabled",
    });
    assert.equal((await desk.vault("PATCH", "/secrets/a/", { attributes: { enabled: true } })).status, 200);
    assert.equal(bundle(await desk.vault("GET", "/secrets/a")).value, "x");
  });

  it("are updated in place: what is not said stays, and the value is not told", async () => {
    const { id } = bundle(await set("a", "x", { contentType: "old", tags: { a: "b" } }));
    desk.services.clock.advance(5);
    const changed = await desk.vault("PATCH", new URL(id).pathname, {
      contentType: "new",
      attributes: { exp: START + 99 },
    });
    const { attributes, ...rest } = changed.body as Bundle;
    assert.deepEqual(rest, { id, contentType: "new", tags: { a: "b" } });
    assert.deepEqual(
      [attributes.exp, attributes.created, attributes.updated, attributes.enabled],
      [START + 99, START, START + 5, true],
    );
    assert.deepEqual((await desk.vault("GET", new URL(id).pathname)).body, { value: "x", ...(changed.body as Bundle) });
  });

  it("are listed without values, the names once, the versions each", async () => {
    await set("b");
    const { id } = bundle(await set("a", "x", { contentType: "t" }));
    const second = bundle(await set("a", "y"));
    const list = await desk.vault("GET", "/secrets");
    assert.deepEqual(idsOf(list), [
      "https://vault-1.vault.azure.net/secrets/a",
      "https://vault-1.vault.azure.net/secrets/b",
    ]);
    assert.deepEqual(idsOf(await desk.vault("GET", "/secrets/a/versions")), [id, second.id]);
    assert.doesNotMatch(JSON.stringify(list.body), /value":"/);
    const missing = await desk.vault("GET", "/secrets/c/versions");
    assert.deepEqual([missing.status, fault(missing).code], [404, "SecretNotFound"]);
  });

  for (const [what, path, body, message] of [
    ["no value", "/secrets/a", {}, /value must be a text/],
    ["too large a value", "/secrets/a", { value: "x".repeat(25601) }, /25601 bytes/],
    ["a name that is none", "/secrets/a_b", { value: "x" }, /invalid name: a_b/],
    ["a long name", `/secrets/${"a".repeat(128)}`, { value: "x" }, /invalid name/],
    ["a content type that is no text", "/secrets/a", { value: "x", contentType: 1 }, /contentType must be a text/],
    ["tags that are no texts", "/secrets/a", { value: "x", tags: { a: 1 } }, /'tags' must be an object of texts/],
    ["attributes that are none", "/secrets/a", { value: "x", attributes: [] }, /'attributes' must be an object/],
    ["an odd enabled", "/secrets/a", { value: "x", attributes: { enabled: "yes" } }, /enabled must be true or false/],
    ["an odd exp", "/secrets/a", { value: "x", attributes: { exp: "soon" } }, /exp must be whole seconds/],
    ["exp before nbf", "/secrets/a", { value: "x", attributes: { nbf: 2, exp: 1 } }, /exp must be later/],
    ["a body that is no object", "/secrets/a", [1], /must be a JSON object/],
    ["a body that is no JSON", "/secrets/a", "{", /is not JSON/],
    [
      "sixteen tags",
      "/secrets/a",
      { value: "x", tags: Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`t${index}`, ""])) },
      /at most 15 tags/,
    ],
    ["a long tag", "/secrets/a", { value: "x", tags: { ["t".repeat(257)]: "" } }, /longer than 256/],
  ] as const) {
    it(`are not set with ${what}`, async () => {
      const answer = await desk.vault("PUT", path, body);
      assert.deepEqual([answer.status, fault(answer).code], [400, "BadParameter"]);
      assert.match(fault(answer).message, message);
    });
  }

  it("answer 404 for an unknown name or version, in Azure's words, and 400 for what is no version", async () => {
    await set("a");
    const unknown = await desk.vault("GET", "/secrets/b");
    assert.equal(unknown.status, 404);
    assert.equal(
      fault(unknown).message,
      "A secret with (name/id) b was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182",
    );
    const version = await desk.vault("GET", `/secrets/a/${"0".repeat(32)}`);
    assert.deepEqual([version.status, fault(version).code], [404, "SecretNotFound"]);
    assert.equal((await desk.vault("GET", "/secrets/a/new")).status, 400);
  });

  it("are deleted softly, recovered with every version, and purged", async () => {
    const first = bundle(await set("a", "one"));
    const last = bundle(await set("a", "two"));
    const deleted = await desk.vault("DELETE", "/secrets/a");
    const { attributes: _, ...body } = bundle(deleted);
    assert.deepEqual(body, {
      recoveryId: "https://vault-1.vault.azure.net/deletedsecrets/a",
      deletedDate: START,
      scheduledPurgeDate: START + 90 * 86_400,
      id: last.id,
    });
    assert.equal((await desk.vault("GET", "/secrets/a")).status, 404);
    assert.equal((await desk.vault("DELETE", "/secrets/a")).status, 409);
    assert.deepEqual((await desk.vault("GET", "/deletedsecrets/a")).body, deleted.body);
    assert.deepEqual(idsOf(await desk.vault("GET", "/secrets")), []);
    assert.deepEqual(idsOf(await desk.vault("GET", "/deletedsecrets")), ["https://vault-1.vault.azure.net/secrets/a"]);
    const again = await set("a");
    assert.deepEqual(
      [again.status, fault(again)],
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
    assert.equal(bundle(await desk.vault("POST", "/deletedsecrets/a/recover")).id, last.id);
    assert.equal(bundle(await desk.vault("GET", new URL(first.id).pathname)).value, "one");
    assert.equal((await desk.vault("GET", "/deletedsecrets/a")).status, 404);
    await desk.vault("DELETE", "/secrets/a");
    assert.equal((await desk.vault("DELETE", "/deletedsecrets/a")).status, 204);
    const gone = await desk.vault("POST", "/deletedsecrets/a/recover");
    assert.deepEqual([gone.status, fault(gone).message], [404, "Deleted Secret not found: a"]);
    assert.equal((await set("a")).status, 200);
    assert.equal(idsOf(await desk.vault("GET", "/secrets/a/versions")).length, 1);
  });

  it("are purged by themselves when their retention has passed", async () => {
    desk.vaults.change({ softDeleteRetentionInDays: 7 });
    const { attributes } = bundle(await set("a"));
    assert.equal(attributes.recoveryLevel, "CustomizedRecoverable+Purgeable");
    assert.equal(attributes.recoverableDays, 7);
    await desk.vault("DELETE", "/secrets/a");
    desk.services.clock.advance(7 * 86_400 - 1);
    assert.equal((await desk.vault("GET", "/deletedsecrets/a")).status, 200);
    desk.services.clock.advance(1);
    assert.equal((await desk.vault("GET", "/deletedsecrets/a")).status, 404);
    assert.equal((await set("a")).status, 200);
  });

  it("are not purged under purge protection", async () => {
    desk.vaults.change({ enablePurgeProtection: true });
    assert.equal(bundle(await set("a")).attributes.recoveryLevel, "Recoverable");
    await desk.vault("DELETE", "/secrets/a");
    const refused = await desk.vault("DELETE", "/deletedsecrets/a");
    assert.equal(refused.status, 403);
    assert.match(fault(refused).message, /^Operation "purge" is not allowed because purge protection is enabled/);
    assert.equal((await desk.vault("GET", "/deletedsecrets/a")).status, 200);
  });

  it("take a while to be deleted and recovered with real delays", async () => {
    desk.services.switches.realDelays = true;
    await set("a");
    await desk.vault("DELETE", "/secrets/a");
    assert.equal((await desk.vault("GET", "/deletedsecrets/a")).status, 404);
    assert.equal(fault(await set("a")).inner, "ObjectIsBeingDeleted");
    desk.services.clock.advance(3);
    assert.equal((await desk.vault("GET", "/deletedsecrets/a")).status, 200);
    await desk.vault("POST", "/deletedsecrets/a/recover");
    assert.equal((await desk.vault("GET", "/secrets/a")).status, 404);
    assert.equal(fault(await set("a")).inner, "ObjectIsBeingRecovered");
    desk.services.clock.advance(3);
    assert.equal((await desk.vault("GET", "/secrets/a")).status, 200);
  });

  it("are backed up with every version, and restored into another vault", async () => {
    const first = bundle(await set("a", "one", { tags: { a: "b" } }));
    desk.services.clock.advance(60);
    await set("a", "two");
    const { value = "" } = bundle(await desk.vault("POST", "/secrets/a/backup"));
    assert.match(value, /^[A-Za-z0-9_-]+$/);
    assert.doesNotMatch(Buffer.from(value, "base64url").toString("latin1"), /one|two/);
    const taken = await desk.vault("POST", "/secrets/restore", { value });
    assert.deepEqual([taken.status, fault(taken).code], [409, "Conflict"]);
    const host = { host: "vault-2.vault.azure.net" };
    const restored = await desk.vault("POST", "/secrets/restore", { value }, host);
    assert.match(bundle(restored).id, /^https:\/\/vault-2\.vault\.azure\.net\/secrets\/a\//);
    assert.equal(bundle(await desk.vault("GET", "/secrets/a", undefined, host)).value, "two");
    const old = bundle(await desk.vault("GET", new URL(first.id).pathname, undefined, host));
    assert.deepEqual([old.value, old.attributes.created], ["one", START]);
    for (const wrong of ["", "AAAA", `${value.slice(0, -4)}AAAA`]) {
      const refused = await desk.vault("POST", "/secrets/restore", { value: wrong }, host);
      assert.deepEqual([refused.status, fault(refused).code], [400, "BadParameter"]);
    }
    await desk.vault("DELETE", "/secrets/a");
    assert.equal(fault(await desk.vault("POST", "/secrets/restore", { value })).inner, "ObjectIsDeletedButRecoverable");
  });

  it("belong to their vault, and go when it is purged", async () => {
    await set("a");
    assert.equal((await desk.vault("GET", "/secrets/a", undefined, { host: "vault-2.vault.azure.net" })).status, 404);
    desk.vaults.purge(vaultRecord("vault-2").key);
    assert.equal((await desk.vault("GET", "/secrets/a")).status, 200);
    desk.vaults.purge(vaultRecord("vault-1").key);
    assert.equal((await desk.vault("GET", "/secrets/a")).status, 404);
  });

  it("that belong to a certificate are changed by the certificate alone", async () => {
    const key = { vault: vaultRecord("vault-1").key, kind: "secret", name: "a" } as const;
    const material = Buffer.from("pfx");
    const { version } = desk.deps.objects.add(key, { detail: {}, material, managed: true });
    const read = (await desk.vault("GET", "/secrets/a")).body as { managed: boolean; kid: string };
    assert.deepEqual([read.managed, read.kid], [true, `https://vault-1.vault.azure.net/keys/a/${version}`]);
    for (const [method, path, body] of [
      ["PUT", "/secrets/a", { value: "x" }],
      ["PATCH", "/secrets/a", { tags: {} }],
      ["DELETE", "/secrets/a", undefined],
      ["POST", "/secrets/a/backup", undefined],
    ] as const) {
      const refused = await desk.vault(method, path, body);
      assert.deepEqual([refused.status, fault(refused).inner], [403, "OperationNotAllowed"], `${method} ${path}`);
    }
  });
});
