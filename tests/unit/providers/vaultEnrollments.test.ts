import { strict as assert } from "node:assert";
import { handler as groupHandler } from "../../../providers/handlers/enrollmentGroupHandler";
import { handler as listHandler } from "../../../providers/handlers/enrollmentListHandler";
import { handler as individualHandler } from "../../../providers/handlers/individualEnrollmentHandler";
import { UNKNOWN } from "../../../providers/handlers/resource/fields";
import { PartialError } from "../../../providers/handlers/resource/handler";
import { OWNER_TAG } from "../../../providers/handlers/vault/vaultObject";
import { type FakeAzure, fakeAzure, fakeGateway, shutFrom } from "../../cast/fakeGateway";

type Props = Readonly<Record<string, unknown>>;

const SERVICE = "dps.azure-devices-provisioning.net";
const key = (byte: number): string => Buffer.alloc(32, byte).toString("base64");
const PAIR = { primaryKey: key(1), secondaryKey: key(2) };
const OTHER_VAULT = "https://vault-2.vault.azure.net";

for (const kind of ["group", "individual"] as const) {
  describe(`an enrollment (${kind}) whose symmetric keys are kept in a vault`, () => {
    let azure: FakeAzure;
    let inputs: Props;
    let id: string;
    let outs: Props;
    const property = kind === "group" ? "enrollmentGroupId" : "registrationId";
    const record = `${kind}/line-1`;
    const handler = () => (kind === "group" ? groupHandler : individualHandler)(fakeGateway(azure));
    const checked = async (more: Props = {}): Promise<Props> => {
      const given = { serviceEndpoint: SERVICE, [property]: "line-1", symmetricKey: {}, ...more };
      const store = { vaultUri: azure.vault.uri, storedName: `${kind}-line-1`, owner: "me", softDeleted: "recover" };
      return (await handler().check({}, { ...store, ...given })).inputs;
    };
    const names = [`${kind}-line-1-primary`, `${kind}-line-1-secondary`] as const;
    const [primary, secondary] = names;
    const secret = (name: string) => azure.vault.setSecrets.live.get(name)?.at(-1)?.bundle;
    const inVault = () => ({ primaryKey: secret(primary)?.value, secondaryKey: secret(secondary)?.value });
    const atServiceNow = () => azure.enrollments.get(record)?.etag;
    const secondOf = (name: string) => ({ secondaryKey: secret(`${name}-secondary`)?.value });
    const atService = () => azure.enrollments.get(record)?.attestation.symmetricKey;
    /** Puts other keys into the enrollment behind Pulumi's back. */
    const put = (symmetricKey: object, more: object = {}) => {
      const present = azure.enrollments.get(record);
      assert.ok(present);
      azure.enrollments.set(record, { ...present, ...more, attestation: { type: "symmetricKey", symmetricKey } });
    };
    const thrown = async (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => assert.fail("nothing was thrown"),
        (error: unknown) => error,
      );
    const states = async (of: Props = outs) => {
      const { primaryKeyState, secondaryKeyState } = (await handler().read(id, of)).props;
      return [primaryKeyState, secondaryKeyState].map((each) => String(each).split(":")[0]);
    };
    /** Reads, sees a change, and updates. */
    const repaired = async (): Promise<Props> => {
      const seen = (await handler().read(id, outs)).props;
      assert.equal((await handler().diff(id, seen, inputs)).changes, true);
      return (await handler().update(id, seen, inputs)).outs;
    };

    beforeEach(async () => {
      azure = fakeAzure();
      inputs = await checked();
      ({ id, outs } = await handler().create(inputs));
    });

    afterEach(() => {
      const keys = [...azure.vault.setSecrets.live.values(), ...azure.vault.setSecrets.deleted.values()];
      for (const { bundle } of keys.flat()) {
        const said = JSON.stringify([outs, azure.messages, azure.calls, azure.vault.calls]);
        assert.ok(!said.includes(bundle.value), "a key is in the outputs or the log");
      }
    });

    it("has two keys of 64 bytes there as secrets, and references in the state", () => {
      for (const name of names) {
        assert.equal(Buffer.from(secret(name)?.value ?? "", "base64").length, 64);
        assert.deepEqual(secret(name)?.tags, { [OWNER_TAG]: "me" });
        assert.equal(secret(name)?.contentType, "symmetric key, base64");
      }
      assert.deepEqual(atService(), inVault());
      assert.notEqual(inVault().primaryKey, inVault().secondaryKey);
      assert.deepEqual([outs.primaryKeyId, outs.secondaryKeyId], [secret(primary)?.id, secret(secondary)?.id]);
      assert.deepEqual([outs.primaryKey, outs.secondaryKey, outs.symmetricKey], [undefined, undefined, {}]);
    });

    it("sees no change afterwards, nor after a read", async () => {
      assert.equal((await handler().diff(id, outs, inputs)).changes, false);
      assert.deepEqual(await handler().read(id, outs), { id, props: outs, inputs });
      assert.deepEqual(await states(), ["enabled", "enabled"]);
    });

    it("takes another spelling of the vault's address and of the names for the same", async () => {
      const spelt = { vaultUri: `${azure.vault.uri.replace("vault-1", "VAULT-1")}/`, storedName: `${kind}-LINE-1` };
      inputs = await checked(spelt);
      const next = (await handler().update(id, outs, inputs)).outs;
      assert.deepEqual([next.primaryKeyId, azure.vault.setSecrets.live.size], [outs.primaryKeyId, 2]);
      assert.deepEqual(await states(next), ["enabled", "enabled"]);
      assert.equal((await handler().diff(id, next, inputs)).changes, false);
    });

    it("keeps its keys and secrets when something else changes", async () => {
      const before = atService();
      const next = (await handler().update(id, outs, await checked({ provisioningStatus: "disabled" }))).outs;
      assert.deepEqual([next.primaryKeyId, next.secondaryKeyId], [outs.primaryKeyId, outs.secondaryKeyId]);
      assert.deepEqual(atService(), before);
      assert.equal(next.primaryKey, undefined);
    });

    it("has the same revision as with keys in the state", async () => {
      const plain = await checked({ vaultUri: undefined, storedName: undefined, softDeleted: undefined });
      azure.enrollments.clear();
      assert.equal((await handler().create(plain)).outs.revision, outs.revision);
    });

    it("sees that the enrollment has another key, and puts the vault's back", async () => {
      put({ ...inVault(), secondaryKey: key(9) });
      assert.deepEqual(await states(), ["enabled", "differs"]);
      assert.deepEqual(await repaired(), { ...outs, etag: '"e2"' });
      assert.deepEqual(atService(), inVault());
    });

    it("sees that the enrollment has no keys any more, and gives it the vault's", async () => {
      const present = azure.enrollments.get(record);
      assert.ok(present);
      const x509 = { caReferences: { primary: "root" } };
      azure.enrollments.set(record, { ...present, attestation: { type: "x509", x509 } });
      assert.deepEqual(await states(), ["differs", "differs"]);
      await repaired();
      assert.deepEqual(atService(), inVault());
    });

    it("puts a newer version into the enrollment, and marks it as its own", async () => {
      const { id: newer } = azure.vault.setSecret(primary, `${key(5)}\n`);
      assert.deepEqual(await states(), ["rotated", "enabled"]);
      const next = await repaired();
      assert.equal(next.primaryKeyId, newer);
      assert.deepEqual(atService(), { ...inVault(), primaryKey: key(5) });
      assert.deepEqual(secret(primary)?.tags, { [OWNER_TAG]: "me" });
      assert.deepEqual(await states(next), ["enabled", "enabled"]);
    });

    it("refuses a newer version that is no key, without quoting it", async () => {
      azure.vault.setSecret(primary, "not-a-key-at-all");
      const error = await thrown(repaired());
      assert.match(String(error), /secret https:\S+ is no symmetric key: .*16 to 64 bytes\.\n {2}To fix: /);
      assert.doesNotMatch(String(error), /not-a-key/);
    });

    it("enables a secret that was disabled, and goes by the version before where only a newer one is", async () => {
      const version = String(outs.primaryKeyId).slice(-32);
      azure.vault.changeSecret(primary, version, { attributes: { enabled: false } });
      assert.deepEqual(await states(), ["disabled", "enabled"]);
      const next = await repaired();
      assert.equal(next.primaryKeyId, outs.primaryKeyId);
      assert.ok(azure.vault.calls.includes(`enable secret ${primary}`));
      azure.vault.setSecret(primary, key(5), { attributes: { enabled: false } });
      assert.deepEqual(await states(next), ["enabled", "enabled"]);
      assert.deepEqual((await handler().update(id, next, inputs)).outs.primaryKeyId, outs.primaryKeyId);
      assert.equal(azure.vault.calls.filter((call) => call.startsWith("enable")).length, 1);
    });

    it("recovers secrets that were deleted, and keeps the enrollment's key where one was purged", async () => {
      const before = atService();
      const client = fakeGateway(azure).vaultSecrets(azure.vault.uri);
      for (const name of names) await client.delete(name);
      await client.purge(secondary);
      const seen = (await handler().read(id, outs)).props;
      assert.match(String(seen.primaryKeyState), /^deleted: `pulumi up` recovers it, possible until 2026-05-30$/);
      assert.match(String(seen.secondaryKeyState), /^purged: /);
      const next = await repaired();
      assert.equal(next.primaryKeyId, outs.primaryKeyId);
      assert.notEqual(next.secondaryKeyId, outs.secondaryKeyId);
      assert.deepEqual([atService(), { ...inVault() }], [before, before]);
    });

    it("reads an enrollment that is gone as gone, and takes its secrets again", async () => {
      azure.enrollments.clear();
      assert.equal((await handler().read(id, outs)).id, "");
      assert.deepEqual((await handler().create(inputs)).outs, { ...outs, etag: '"e2"' });
      assert.deepEqual(atService(), inVault());
    });

    it("treats secrets as lost with their vault, needs none for the delete, and reports missing access", async () => {
      azure.vault.isGone = true;
      const seen = (await handler().read(id, outs)).props;
      assert.match(String(seen.primaryKeyState), /^deleted: the whole vault is/);
      await assert.rejects(handler().update(id, seen, inputs), /VaultNotFound/);
      await handler().delete(id, outs);
      assert.equal(azure.enrollments.size, 0);
      azure.vault.isGone = false;
      await handler().create(inputs);
      azure.vault.forbidden = 1;
      await assert.rejects(handler().read(id, outs), /ForbiddenByRbac/);
    });

    const shutHandler = (nth: number) => (kind === "group" ? groupHandler : individualHandler)(shutFrom(azure, nth));
    /** The secrets that each message names. */
    const namedInMessages = () => azure.messages.map((message) => message.match(/(?<=")[\w-]+(?=")/g));

    it("leaves its secrets to an inaccessible vault of the stack's own, and to no other vault", async () => {
      const owned = await checked({ vaultOfStack: true });
      assert.equal((await handler().diff(id, outs, owned)).changes, false);
      const own = (await handler().update(id, outs, owned)).outs;
      assert.equal(own.revision, outs.revision);
      azure.vault.forbidden = 2;
      await assert.rejects(handler().delete(id, outs), /ForbiddenByRbac/);
      assert.deepEqual(azure.messages, []);
      azure.vault.forbidden = 2;
      await handler().delete(id, own);
      assert.deepEqual([namedInMessages(), azure.vault.setSecrets.live.size], [[[...names]], 2]);
      azure.messages.length = 0;
      azure.vault.forbidden = 1;
      await handler().delete(id, own);
      assert.deepEqual([namedInMessages(), azure.vault.setSecrets.live.size], [[[primary]], 1]);
      azure.messages.length = 0;
      await handler().delete(id, own);
      assert.deepEqual([azure.messages, azure.vault.setSecrets.live.size], [[], 0]);
    });

    it("leaves them there also when it has gone to another vault, but not where the vault stays in use", async () => {
      const own = (await handler().update(id, outs, await checked({ vaultOfStack: true }))).outs;
      const plain = await checked({ vaultUri: undefined, storedName: undefined, symmetricKey: PAIR });
      const elsewhere = await checked({ vaultUri: OTHER_VAULT, storedName: "other", vaultOfStack: true });
      const renamed = await checked({ storedName: "other", vaultOfStack: true });
      for (const [olds, news, nth] of [
        [own, plain, 1],
        [own, renamed, 2],
        [outs, elsewhere, 2],
      ] as const) {
        const error = await thrown(shutHandler(nth).update(id, { ...olds, etag: atServiceNow() }, news));
        assert.ok(error instanceof PartialError && /ForbiddenByRbac/.test(error.message), String(error));
        assert.deepEqual([error.properties.primaryKeyId, azure.messages], [olds.primaryKeyId, []]);
        azure.vault.forbidden = 0;
      }
      const moved = (await shutHandler(2).update(id, { ...own, etag: atServiceNow() }, elsewhere)).outs;
      assert.deepEqual([moved.vaultUri, moved.moving, namedInMessages()], [OTHER_VAULT, undefined, [[...names]]]);
      assert.deepEqual(atService(), { primaryKey: secret("other-primary")?.value, ...secondOf("other") });
    });

    it("leaves what a create that never ended made there, and an enrollment that may be another's, and says so", async () => {
      azure = fakeAzure();
      azure.failures.set(`put ${record}`, { status: 500, code: "500000" });
      const error = await thrown(handler().create(await checked({ vaultOfStack: true })));
      assert.ok(error instanceof PartialError);
      const { vaultOfStack, ...given } = error.properties;
      assert.equal(vaultOfStack, true);
      azure.vault.forbidden = Number.POSITIVE_INFINITY;
      await assert.rejects(handler().delete(id, given), /ForbiddenByRbac/);
      await handler().delete(id, error.properties);
      assert.deepEqual(namedInMessages(), [[...names]]);
      azure.messages.length = 0;
      await handler().create(await checked({ vaultUri: undefined, storedName: undefined, symmetricKey: PAIR }));
      await handler().delete(id, error.properties);
      assert.match(azure.messages[0] ?? "", new RegExp(`^${id} is not deleted: .*no longer has access`));
      assert.deepEqual([namedInMessages(), azure.enrollments.size], [[null, [...names]], 1]);
    });

    it("deletes its secrets at its end, which the next one of the name recovers", async () => {
      const before = inVault();
      await handler().delete(id, outs);
      assert.deepEqual([azure.enrollments.size, azure.vault.setSecrets.live.size], [0, 0]);
      assert.equal(azure.vault.setSecrets.deleted.size, 2);
      const again = (await handler().create(inputs)).outs;
      assert.deepEqual([again.primaryKeyId, inVault()], [outs.primaryKeyId, before]);
    });

    it("purges its secrets where that is set, a version of others and those that are deleted already, too", async () => {
      azure.vault.setSecret(primary, key(5));
      await fakeGateway(azure).vaultSecrets(azure.vault.uri).delete(secondary);
      await handler().delete(id, { ...outs, softDeleted: "purge" });
      assert.deepEqual([azure.vault.setSecrets.live.size, azure.vault.setSecrets.deleted.size], [0, 0]);
      await handler().delete(id, outs);
    });

    it("purges what held the names before, and makes new keys", async () => {
      const before = inVault();
      await handler().delete(id, outs);
      const again = (await handler().create(await checked({ softDeleted: "purge" }))).outs;
      assert.notEqual(again.primaryKeyId, outs.primaryKeyId);
      assert.notDeepEqual(inVault(), before);
      assert.equal((await handler().diff(id, outs, await checked({ softDeleted: "purge" }))).changes, true);
    });

    it("goes on with its secrets after `pulumi stack rename`, also where they were deleted", async () => {
      const renamed = await checked({ owner: "me, renamed", provisioningStatus: "disabled" });
      const [before, next] = [inVault(), (await handler().update(id, outs, renamed)).outs];
      assert.equal(secret(primary)?.tags?.[OWNER_TAG], "me, renamed");
      for (const name of names) await fakeGateway(azure).vaultSecrets(azure.vault.uri).delete(name);
      await handler().update(id, next, await checked({ owner: "me, renamed twice" }));
      assert.deepEqual(inVault(), before);
    });

    it("leaves a secret of others alone, at the beginning and at the end", async () => {
      const theirs = await checked({ owner: "you", [property]: "line-2" });
      const error = await thrown(handler().create(theirs));
      assert.match(String(error), /-primary" is taken: .*made by me\.\n {2}To fix: /);
      assert.ok(!(error instanceof PartialError));
      assert.equal(azure.enrollments.size, 1);
      azure.vault.setSecrets.live.clear();
      for (const name of names) azure.vault.setSecret(name, key(5), { tags: { [OWNER_TAG]: "you" } });
      await handler().delete(id, outs);
      assert.equal(azure.vault.setSecrets.live.size, 2);
    });

    it("keeps what a create got done: the secrets, by which the next one goes on", async () => {
      azure = fakeAzure();
      azure.failures.set(`put ${record}`, { status: 500, code: "500000" });
      const error = await thrown(handler().create(inputs));
      assert.ok(error instanceof PartialError, String(error));
      assert.equal(error.properties.primaryKeyId, secret(primary)?.id);
      const before = inVault();
      assert.deepEqual((await handler().read(error.id, error.properties)).props, error.properties);
      assert.equal((await handler().diff(error.id, error.properties, inputs)).changes, true);
      outs = (await handler().update(error.id, error.properties, inputs)).outs;
      assert.deepEqual([inVault(), atService()], [before, before]);
      assert.equal((await handler().diff(error.id, outs, inputs)).changes, false);
    });

    it("takes away the secrets of a create that never ended, and not an enrollment of others", async () => {
      azure = fakeAzure();
      azure.failures.set(`put ${record}`, { status: 500, code: "500000" });
      const error = await thrown(handler().create(inputs));
      assert.ok(error instanceof PartialError);
      const plain = await checked({ vaultUri: undefined, storedName: undefined, provisioningStatus: "disabled" });
      await handler().create(plain);
      await assert.rejects(handler().update(id, error.properties, inputs), /409201/);
      await handler().delete(id, error.properties);
      assert.deepEqual([azure.enrollments.size, azure.vault.setSecrets.live.size], [1, 0]);
    });

    it("goes without the vault after a create that never ended", async () => {
      azure = fakeAzure();
      azure.failures.set(`put ${record}`, { status: 500, code: "500000" });
      const error = await thrown(handler().create(inputs));
      assert.ok(error instanceof PartialError);
      const plain = await checked({ vaultUri: undefined, storedName: undefined, symmetricKey: PAIR });
      outs = (await handler().update(id, error.properties, plain)).outs;
      assert.deepEqual([outs.primaryKey, azure.vault.setSecrets.live.size], [PAIR.primaryKey, 0]);
    });

    it("knows again what a killed run made, and makes no second keys", async () => {
      const again = await handler().create(inputs);
      assert.deepEqual(again, { id, outs });
      assert.equal(azure.vault.calls.filter((call) => call.startsWith("set")).length, 2);
    });

    it("refuses an existing enrollment before anything is in the vault, and adopts it with its keys", async () => {
      azure = fakeAzure();
      const client = kind === "group" ? fakeGateway(azure).enrollmentGroup : fakeGateway(azure).individualEnrollment;
      const attestation = { type: "symmetricKey" as const, symmetricKey: PAIR };
      const body = { enrollmentGroupId: "line-1", registrationId: "line-1", attestation };
      await client(SERVICE, "line-1").put({ ...body, provisioningStatus: "disabled" });
      await assert.rejects(handler().create(inputs), /409201/);
      assert.deepEqual(azure.vault.calls, []);
      const adopted = await handler().create(await checked({ adopt: true }));
      assert.deepEqual([inVault(), atService()], [PAIR, PAIR]);
      assert.equal(azure.enrollments.get(record)?.provisioningStatus, "enabled");
      assert.equal(adopted.outs.primaryKey, undefined);
    });

    it("gives an adopted enrollment the keys that the vault has of ours", async () => {
      const before = inVault();
      put(PAIR);
      const adopted = (await handler().create(await checked({ adopt: true }))).outs;
      assert.deepEqual([inVault(), atService()], [before, before]);
      assert.equal((await handler().diff(id, adopted, inputs)).changes, false);
    });

    it("moves its keys from the state into the vault and back, and from name to name: devices keep theirs", async () => {
      azure = fakeAzure();
      const plain = await checked({ vaultUri: undefined, storedName: undefined, softDeleted: undefined });
      const made = (await handler().create(plain)).outs;
      const keys = atService();
      assert.deepEqual((await handler().diff(id, made, inputs)).replaces, []);
      outs = (await handler().update(id, made, inputs)).outs;
      assert.deepEqual([inVault(), atService(), outs.primaryKey], [keys, keys, undefined]);
      const renamed = (await handler().update(id, outs, await checked({ storedName: "other" }))).outs;
      assert.deepEqual([...azure.vault.setSecrets.live.keys()], ["other-primary", "other-secondary"]);
      assert.deepEqual(atService(), keys);
      const back = (await handler().update(id, renamed, plain)).outs;
      assert.deepEqual({ primaryKey: back.primaryKey, secondaryKey: back.secondaryKey }, keys);
      assert.deepEqual([atService(), azure.vault.setSecrets.live.size], [keys, 0]);
      assert.equal((await handler().diff(id, back, plain)).changes, false);
    });

    it("lets go of its secrets when it proves itself otherwise, and again where that failed", async () => {
      const other = { caReference: "root", symmetricKey: undefined, vaultUri: undefined, storedName: undefined };
      const news = await checked(other);
      azure.vault.forbidden = 1;
      const error = await thrown(handler().update(id, outs, news));
      assert.ok(error instanceof PartialError, String(error));
      assert.equal(error.properties.primaryKeyId, outs.primaryKeyId);
      outs = (await handler().update(id, error.properties, news)).outs;
      assert.deepEqual([azure.vault.setSecrets.live.size, outs.primaryKeyId], [0, undefined]);
      assert.equal(azure.enrollments.get(record)?.attestation.type, "x509");
    });

    it("reports each error at its property before anything is created", async () => {
      const store = { vaultUri: azure.vault.uri, storedName: "a", owner: "me" };
      const wrong: readonly (readonly [object, RegExp])[] = [
        [{ ...store, symmetricKey: PAIR }, /^symmetricKey: must be \{\} where a vault keeps the keys/],
        [{ ...store, caReference: "root" }, /^vaultUri: keeps symmetric keys, and there are none: give symmetricKey/],
        [{ ...store, symmetricKey: {}, storedName: undefined }, /^storedName: storedName is missing: /],
        [{ ...store, symmetricKey: {}, owner: undefined }, /^owner: owner is missing: /],
        [{ ...store, symmetricKey: {}, storedName: "a_b" }, /^storedName: .*letters, digits and hyphens/],
        [{ ...store, symmetricKey: {}, storedName: "a".repeat(120) }, /^storedName: .*has 130 characters/],
        [{ ...store, symmetricKey: {}, storedName: 1 }, /^storedName: must be text/],
        [{ ...store, symmetricKey: {}, vaultUri: "https://example.test" }, /^vaultUri: must be a vault's address/],
        [{ ...store, symmetricKey: {}, softDeleted: "keep" }, /^softDeleted: must be one of recover, purge/],
        [{ symmetricKey: {}, storedName: "a" }, /^storedName: needs vaultUri/],
      ];
      for (const [given, pattern] of wrong) {
        const all = { serviceEndpoint: SERVICE, [property]: "line-1", ...given };
        const { failures } = await handler().check({}, all);
        const found = failures.map((each) => `${each.property}: ${each.reason}`);
        assert.equal(found.filter((each) => pattern.test(each)).length, 1, `${String(pattern)}: ${found.join("; ")}`);
        assert.doesNotMatch(found.join(), new RegExp(PAIR.primaryKey.slice(0, 12)));
      }
      const unknown = { ...store, vaultUri: UNKNOWN, storedName: UNKNOWN, symmetricKey: UNKNOWN };
      const all = { serviceEndpoint: SERVICE, [property]: "line-1", ...unknown };
      assert.deepEqual((await handler().check({}, all)).failures, []);
    });
  });
}

describe("a list of enrollments", () => {
  it("has no entries that name a vault of their own, and says so", async () => {
    const entry = { symmetricKey: {}, vaultUri: "https://vault-1.vault.azure.net", storedName: "a", owner: "me" };
    const given = { serviceEndpoint: SERVICE, "device:a": entry };
    const { failures } = await listHandler(fakeGateway(fakeAzure())).check({}, given);
    assert.deepEqual(
      failures.map(({ property, reason }) => `${property}: ${reason.slice(0, 19)}`),
      ["vaultUri", "storedName", "owner"].map((name) => `device:a.${name}: is none of deviceId`),
    );
  });
});
