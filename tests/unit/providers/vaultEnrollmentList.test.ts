import { strict as assert } from "node:assert";
import fc from "fast-check";
import { handler as listHandler } from "../../../providers/handlers/enrollmentListHandler";
import { UNKNOWN } from "../../../providers/handlers/resource/fields";
import { PartialError } from "../../../providers/handlers/resource/handler";
import { OWNER_TAG } from "../../../providers/handlers/vault/vaultObject";
import { type FakeAzure, fakeAzure, fakeGateway, shutFrom } from "../../cast/fakeGateway";
import { partial } from "../../cast/partial";

type Props = Readonly<Record<string, unknown>>;

const SERVICE = "dps.azure-devices-provisioning.net";
const key = (byte: number): string => Buffer.alloc(32, byte).toString("base64");
const PAIR = { primaryKey: key(1), secondaryKey: key(2) };

/** Entries whose keys are made. */
const keyed = (...ids: readonly string[]): Record<string, Props> =>
  Object.fromEntries(ids.map((id) => [id, { symmetricKey: {} }]));

const isMade = (entry: Props | undefined): boolean => JSON.stringify(entry?.symmetricKey) === "{}";

const entriesIn = (props: Props): [string, Props][] =>
  Object.entries(props).flatMap(([name, entry]) =>
    name.startsWith("device:") ? [[name.slice("device:".length), entry as Props] as [string, Props]] : [],
  );

/** Whether a state names both secrets of all whose keys are made, and of no others. */
const isSettled = ({ storedKeys = {}, keysLeft }: Props, wanted: Readonly<Record<string, Props>>): boolean =>
  keysLeft === undefined &&
  Object.values(storedKeys as object).every((each) => Object.keys(each as object).length === 2) &&
  Object.keys(storedKeys as object).length === Object.values(wanted).filter(isMade).length;

const NAMES = ["primary", "secondary"] as const;

describe("a list of enrollments whose symmetric keys are kept in a vault", () => {
  let azure: FakeAzure;
  let id: string;
  let outs: Props;
  const handler = () => listHandler(fakeGateway(azure));
  const given = (entries: object, store: object = {}): Props => ({
    ...{ serviceEndpoint: SERVICE, vaultUri: azure.vault.uri, owner: "me", softDeleted: "recover", ...store },
    ...Object.fromEntries(Object.entries(entries).map(([name, entry]) => [`device:${name}`, entry])),
  });
  const plain = (entries: object): Props => {
    const { vaultUri: _vault, owner: _owner, softDeleted: _kept, ...rest } = given(entries);
    return rest;
  };
  const secret = (name: string) => azure.vault.setSecrets.live.get(name)?.at(-1)?.bundle;
  const inVault = (device: string) => ({
    primaryKey: secret(`enrollment-${device}-primary`)?.value,
    secondaryKey: secret(`enrollment-${device}-secondary`)?.value,
  });
  const atService = (device: string) => azure.enrollments.get(`individual/${device}`)?.attestation.symmetricKey;
  const live = () => [...azure.vault.setSecrets.live.keys()].sort();
  const bulk = () => azure.calls.filter((call) => call.startsWith("bulk "));
  const ids = (device: string) => (outs.storedKeys as Record<string, Record<string, string>>)[device] ?? {};
  /** What a preview says of a change, and whether there is one. */
  const reported = async (olds: Props, news: Props): Promise<string> => {
    azure.messages.length = 0;
    const { changes } = await handler().diff(id, olds, news);
    assert.ok(changes || azure.messages.length === 0);
    return changes
      ? azure.messages.join("\n").replace("The list of individual enrollments changes. ", "") || "changes"
      : "";
  };
  const read = async (of: Props = outs): Promise<Props> => (await handler().read(id, of)).props;
  const update = async (news: Props, olds: Props = outs): Promise<Props> =>
    (await handler().update(id, olds, news)).outs;
  /** Puts other keys into an enrollment behind Pulumi's back. */
  const put = (device: string, symmetricKey: object): void => {
    const present = azure.enrollments.get(`individual/${device}`);
    assert.ok(present);
    azure.enrollments.set(`individual/${device}`, { ...present, attestation: { type: "symmetricKey", symmetricKey } });
  };
  const client = () => fakeGateway(azure).vaultSecrets(azure.vault.uri);

  beforeEach(async () => {
    azure = fakeAzure();
    ({ id, outs } = await handler().create(given({ ...keyed("a", "b"), c: { caReference: "root" } })));
  });

  afterEach(() => {
    const keys = [...azure.vault.setSecrets.live.values(), ...azure.vault.setSecrets.deleted.values()];
    const said = JSON.stringify([outs, azure.messages, azure.calls, azure.vault.calls]);
    for (const { bundle } of keys.flat().slice(0, 100)) {
      assert.ok(!said.includes(bundle.value), "a key is in the outputs or the log");
    }
  });

  it("has two secrets for each of them, and references in the state", () => {
    assert.deepEqual(
      live(),
      ["a", "b"].flatMap((name) => NAMES.map((tier) => `enrollment-${name}-${tier}`)),
    );
    for (const name of ["a", "b"]) {
      assert.deepEqual(atService(name), inVault(name));
      assert.equal(Buffer.from(inVault(name).primaryKey ?? "", "base64").length, 64);
      assert.notEqual(inVault(name).primaryKey, inVault(name).secondaryKey);
    }
    assert.deepEqual(secret("enrollment-a-primary")?.tags, { [OWNER_TAG]: "me" });
    const entries = { ...keyed("a", "b"), c: { caReference: "root" } };
    const storedKeys = Object.fromEntries(
      ["a", "b"].map((name) => [
        name,
        {
          primaryKeyId: secret(`enrollment-${name}-primary`)?.id,
          secondaryKeyId: secret(`enrollment-${name}-secondary`)?.id,
        },
      ]),
    );
    assert.deepEqual(outs, { ...given(entries), symmetricKeys: {}, storedKeys });
  });

  it("sees no change afterwards, nor after a read", async () => {
    const inputs = given({ ...keyed("a", "b"), c: { caReference: "root" } });
    assert.equal(await reported(outs, inputs), "");
    assert.deepEqual(await handler().read(id, outs), { id, props: outs, inputs });
  });

  it("keeps the keys of a thousand by a call for every ten, and a handful for each pair of secrets", async function () {
    this.timeout(120_000);
    azure = fakeAzure();
    const many = keyed(...Array.from({ length: 1000 }, (_, index) => `d-${index}`));
    outs = (await handler().create(given(many))).outs;
    assert.deepEqual([azure.calls.length, bulk().length, azure.vault.calls.length], [100, 100, 2000]);
    assert.equal(azure.vault.setSecrets.live.size, 2000);
    azure.calls.length = 0;
    azure.vault.calls.length = 0;
    assert.deepEqual(await read(), outs);
    assert.equal(await reported(outs, given(many)), "");
    const { "d-7": _gone, ...rest } = many;
    outs = await update(given(rest));
    assert.deepEqual(bulk(), ["bulk delete d-7"]);
    assert.deepEqual(
      azure.vault.calls,
      NAMES.map((tier) => `delete secret enrollment-d-7-${tier}`),
    );
  });

  it("adds, removes and changes one without touching the others, and names it alone", async () => {
    const before = inVault("a");
    const wanted = given({ a: { ...keyed("a").a, iotEdge: true }, ...keyed("d"), c: { caReference: "root" } });
    assert.equal(await reported(outs, wanted), "1 to add: d; 1 to remove: b; 1 to change: a (iotEdge).");
    azure.calls.length = 0;
    outs = await update(wanted);
    assert.deepEqual(bulk(), ["bulk delete b", "bulk create d", "bulk updateIfMatchETag a"]);
    assert.deepEqual([atService("a"), inVault("a")], [before, before]);
    assert.deepEqual(
      live(),
      ["a", "d"].flatMap((name) => NAMES.map((tier) => `enrollment-${name}-${tier}`)),
    );
    assert.deepEqual(Object.keys(outs.storedKeys as object), ["a", "d"]);
    assert.equal(await reported(outs, wanted), "");
    assert.deepEqual(await read(), outs);
  });

  it("leaves keys that an entry gives itself where they are, and those of certificates alone", async () => {
    azure = fakeAzure();
    const own = { symmetricKey: PAIR };
    const inputs = given({ own, ...keyed("a") });
    outs = (await handler().create(inputs)).outs;
    assert.deepEqual(
      live(),
      NAMES.map((tier) => `enrollment-a-${tier}`),
    );
    assert.deepEqual([atService("own"), Object.keys(outs.storedKeys as object)], [PAIR, ["a"]]);
    assert.equal(await reported(await read(), inputs), "");
  });

  it("sees newer versions, other keys, and secrets that are disabled, deleted or purged, and mends each", async () => {
    const inputs = given(keyed("a", "b", "c", "d", "e", "f"));
    outs = await update(inputs);
    const before = Object.fromEntries(["d", "e", "f"].map((name) => [name, atService(name)]));
    const { id: newer } = azure.vault.setSecret("enrollment-a-primary", key(5));
    put("b", { ...inVault("b"), secondaryKey: key(9) });
    const version = String(ids("c").primaryKeyId).slice(-32);
    azure.vault.changeSecret("enrollment-c-primary", version, { attributes: { enabled: false } });
    await client().delete("enrollment-d-primary");
    await client().delete("enrollment-e-secondary");
    await client().purge("enrollment-e-secondary");
    const seen = await read();
    const stored = seen.storedKeys as Record<string, Record<string, string>>;
    assert.match(String(stored.d?.primaryKeyState), /^deleted: `pulumi up` recovers it, possible until 2026-05-30$/);
    assert.deepEqual([stored.f, stored.a?.secondaryKeyState], [ids("f"), undefined]);
    assert.equal(
      await reported(seen, inputs),
      "5 to change: a (primaryKey rotated), b (secondaryKey differs), c (primaryKey disabled), d (primaryKey deleted), " +
        "e (secondaryKey purged).",
    );
    azure.calls.length = 0;
    outs = await update(inputs, seen);
    assert.deepEqual(bulk(), ["bulk updateIfMatchETag a b"]);
    assert.equal(ids("a").primaryKeyId, newer);
    assert.equal(secret("enrollment-a-primary")?.tags?.[OWNER_TAG], "me");
    for (const name of ["a", "b", "c", "d", "e", "f"]) assert.deepEqual(atService(name), inVault(name), name);
    assert.deepEqual(Object.fromEntries(["d", "e", "f"].map((name) => [name, atService(name)])), before);
    assert.equal(await reported(outs, inputs), "");
    assert.deepEqual(await read(), outs);
  });

  it("makes an enrollment that is gone again with the keys of before", async () => {
    const before = inVault("a");
    azure.enrollments.delete("individual/a");
    const inputs = given({ ...keyed("a", "b"), c: { caReference: "root" } });
    const seen = await read();
    assert.deepEqual(Object.keys(seen.storedKeys as object), ["b"]);
    assert.equal((seen.keysLeft as unknown[]).length, 1);
    assert.equal(await reported(seen, inputs), "1 to add: a.");
    assert.deepEqual(await update(inputs, seen), outs);
    assert.deepEqual([atService("a"), inVault("a")], [before, before]);
    azure.enrollments.delete("individual/a");
    const wanted = given({ ...keyed("b"), c: { caReference: "root" } });
    const gone = await read();
    assert.equal(await reported(gone, wanted), "keys of 1 to delete from the vault.");
    outs = await update(wanted, gone);
    assert.deepEqual(
      live(),
      NAMES.map((tier) => `enrollment-b-${tier}`),
    );
    assert.equal(outs.keysLeft, undefined);
  });

  it("deletes its secrets at its end, after the enrollments, and the next list of the names has them again", async () => {
    const before = [inVault("a"), inVault("b")];
    const inputs = given({ ...keyed("a", "b"), c: { caReference: "root" } });
    azure.failures.set("bulk a", { status: 500, code: "500001" });
    await assert.rejects(handler().delete(id, outs), /500001/);
    assert.equal(live().length, 4);
    await handler().delete(id, outs);
    assert.deepEqual([azure.enrollments.size, live().length, azure.vault.setSecrets.deleted.size], [0, 0, 4]);
    const again = (await handler().create(inputs)).outs;
    assert.deepEqual([again, [inVault("a"), inVault("b")]], [outs, before]);
    assert.deepEqual([atService("a"), atService("b")], before);
  });

  it("purges its secrets where that is set, and what held the names before", async () => {
    const before = inVault("a");
    const inputs = given(keyed("a"), { softDeleted: "purge" });
    assert.equal(
      (
        await handler().diff(
          id,
          outs,
          given({ ...keyed("a", "b"), c: { caReference: "root" } }, { softDeleted: "purge" }),
        )
      ).changes,
      true,
    );
    await handler().delete(id, outs);
    outs = (await handler().create(inputs)).outs;
    assert.notDeepEqual(inVault("a"), before);
    await handler().delete(id, outs);
    assert.ok(!azure.vault.setSecrets.deleted.has("enrollment-a-primary"));
  });

  it("moves its keys from the state into the vault and back: devices keep theirs", async () => {
    azure = fakeAzure();
    const entries = keyed("a", "b");
    outs = (await handler().create(plain(entries))).outs;
    const keys = [atService("a"), atService("b")];
    assert.equal(await reported(outs, given(entries)), "2 to change: a (store), b (store).");
    azure.calls.length = 0;
    outs = await update(given(entries));
    assert.deepEqual([bulk(), [inVault("a"), inVault("b")], outs.symmetricKeys], [[], keys, {}]);
    assert.equal(await reported(outs, plain(entries)), "2 to change: a (store), b (store).");
    const back = await update(plain(entries));
    assert.deepEqual([back.symmetricKeys, live(), back.storedKeys], [{ a: keys[0], b: keys[1] }, [], undefined]);
    assert.equal(await reported(back, plain(entries)), "");
    assert.deepEqual(back, { ...plain(entries), symmetricKeys: { a: keys[0], b: keys[1] } });
  });

  it("lets go of the secrets of an enrollment that proves itself otherwise, and again where that failed", async () => {
    const inputs = given({ a: { caReference: "root" }, ...keyed("b"), c: { caReference: "root" } });
    assert.equal(await reported(outs, inputs), "1 to change: a (caReference, symmetricKey, store).");
    azure.vault.forbidden = 1;
    const error = await partial(handler().update(id, outs, inputs));
    assert.match(
      error.message,
      /^Could not store the keys of one enrollment in the vault\. .*goes on from here\.\n {2}https:/,
    );
    assert.equal(azure.enrollments.get("individual/a")?.attestation.type, "x509");
    assert.equal(await reported(error.properties, inputs), "keys of 1 to delete from the vault.");
    outs = await update(inputs, error.properties);
    assert.deepEqual(
      live(),
      NAMES.map((tier) => `enrollment-b-${tier}`),
    );
    assert.equal(await reported(outs, inputs), "");
  });

  it("forgets no secret that could not be deleted, also where the list has no vault any more", async () => {
    const entries = { ...keyed("a", "b"), c: { caReference: "root" } };
    azure.vault.forbidden = 3;
    const error = await partial(handler().update(id, outs, plain(entries)));
    assert.match(error.message, /keys of 2 enrollments/);
    assert.equal(await reported(error.properties, plain(entries)), "keys of 2 to delete from the vault.");
    const seen = await read(error.properties);
    assert.deepEqual(seen, error.properties);
    await handler().update(id, seen, plain(entries));
    assert.deepEqual([live(), azure.enrollments.size], [[], 3]);
    await handler().delete(id, seen);
  });

  const shutList = (nth: number) => listHandler(shutFrom(azure, nth));
  const OWN = { vaultOfStack: true };
  const left = (names: string): RegExp => new RegExp(`^${names} were not deleted: this identity no longer has access`);

  it("leaves its secrets to an inaccessible vault of the stack's own, and to no other vault", async () => {
    const entries = keyed("a", "b", "c");
    outs = await update(given(entries));
    assert.equal(await reported(outs, given(entries, OWN)), "");
    const own = await update(given(entries, OWN));
    azure.vault.forbidden = Number.POSITIVE_INFINITY;
    await assert.rejects(handler().delete(id, outs), /ForbiddenByRbac/);
    assert.deepEqual([azure.messages, live().length], [[], 6]);
    await handler().delete(id, own);
    const [said = "", ...more] = azure.messages;
    assert.match(said, left('"enrollment-a-primary", .*, "enrollment-b-secondary" and 2 more'));
    assert.deepEqual([more, azure.enrollments.size, live().length], [[], 0, 6]);
    azure.vault.forbidden = 0;
    azure.messages.length = 0;
    await handler().delete(id, own);
    assert.deepEqual([azure.messages, live()], [[], []]);
  });

  it("forgets none in a vault of the stack's own that stays in use, before the end of the list", async () => {
    const c = { c: { caReference: "root" } };
    for (const wanted of [given(c, OWN), plain(c)]) {
      azure = fakeAzure();
      const own = (await handler().create(given({ ...keyed("a", "b"), ...c }, OWN))).outs;
      azure.vault.forbidden = Number.POSITIVE_INFINITY;
      const error = await partial(handler().update(id, own, wanted));
      assert.match(error.message, /keys of 2 enrollments/);
      assert.deepEqual(azure.messages, []);
      await handler().delete(id, error.properties);
      assert.match(azure.messages.join(), left('"enrollment-a-primary", .*, "enrollment-b-secondary"'));
    }
  });

  it("leaves them there when the list has gone to another vault, and refuses where they are not in the stack's", async () => {
    const entries = { ...keyed("a", "b"), c: { caReference: "root" } };
    const elsewhere = given(entries, { vaultUri: "https://vault-2.vault.azure.net", ...OWN });
    const error = await partial(shutList(3).update(id, outs, elsewhere));
    assert.deepEqual(azure.messages, []);
    const lost = error.properties.keysLeft as readonly Props[];
    assert.deepEqual([lost.length, lost.map((each) => each.vaultOfStack)], [2, [undefined, undefined]]);
    await assert.rejects(handler().delete(id, error.properties), /ForbiddenByRbac/);
    azure = fakeAzure();
    const own = (await handler().create(given(entries, OWN))).outs;
    const moved = (await shutList(3).update(id, own, elsewhere)).outs;
    assert.match(azure.messages.join(), left('"enrollment-a-primary", .*, "enrollment-b-secondary"'));
    assert.deepEqual([moved.vaultUri, moved.keysLeft], ["https://vault-2.vault.azure.net", undefined]);
  });

  it("refuses an existing enrollment before anything is in the vault, and adopts it with its keys", async () => {
    azure = fakeAzure();
    const attestation = { type: "symmetricKey" as const, symmetricKey: PAIR };
    const body = { registrationId: "a", attestation, provisioningStatus: "disabled" as const };
    await fakeGateway(azure).individualEnrollment(SERVICE, "a").put(body);
    await assert.rejects(handler().create(given(keyed("a"))), /409201/);
    assert.deepEqual(azure.vault.calls, []);
    const adopting = given({ a: { ...keyed("a").a, adopt: true } });
    outs = (await handler().create(adopting)).outs;
    assert.deepEqual([inVault("a"), atService("a")], [PAIR, PAIR]);
    assert.equal(azure.enrollments.get("individual/a")?.provisioningStatus, "enabled");
    assert.equal(await reported(outs, given(keyed("a"))), "");
  });

  it("knows again what a killed run made, and makes no second keys", async () => {
    const inputs = given({ ...keyed("a", "b"), c: { caReference: "root" } });
    assert.deepEqual(await handler().create(inputs), { id, outs });
    const edge = given({ a: { ...keyed("a").a, iotEdge: true }, ...keyed("b"), c: { caReference: "root" } });
    const changed = await update(edge);
    assert.deepEqual(await update(edge), changed);
    assert.equal(azure.vault.calls.filter((call) => call.startsWith("set")).length, 4);
  });

  it("keeps what was done when the vault refuses some, names those, and goes on from there", async () => {
    azure = fakeAzure();
    azure.vault.setSecret("enrollment-b-secondary", key(7), { tags: { [OWNER_TAG]: "you" } });
    const inputs = given(keyed("a", "b", "c"));
    const error = await partial(handler().create(inputs));
    assert.match(
      error.message,
      /keys of one enrollment in the vault\. .*\n {2}b: "enrollment-b-secondary" is taken: .*made by you/,
    );
    assert.match(error.message, /To fix: /);
    assert.equal(azure.enrollments.size, 3);
    assert.deepEqual(Object.keys(error.properties.storedKeys as object), ["a", "b", "c"]);
    assert.equal(
      await reported(error.properties, inputs),
      "1 to change: b (primaryKey differs, secondaryKey not kept yet).",
    );
    azure.vault.setSecrets.live.delete("enrollment-b-secondary");
    const service = atService("b");
    outs = await update(inputs, error.properties);
    assert.deepEqual([inVault("b"), atService("b")], [service, service]);
    assert.equal(await reported(outs, inputs), "");
  });

  it("stops after some failures, and takes away what came of them", async () => {
    azure = fakeAzure();
    const many = given(keyed(...Array.from({ length: 40 }, (_, index) => `d-${index}`)));
    azure.vault.forbidden = Number.POSITIVE_INFINITY;
    const error = await partial(handler().create(many));
    assert.match(error.message, /keys of 40 enrollments in the vault\. The rest is done/);
    assert.match(error.message, /\n {2}d-0: .*ForbiddenByRbac[\s\S]*\n {2}and d-3, d-4, .*, d-22 and 17 more$/);
    assert.deepEqual([azure.enrollments.size, live()], [40, []]);
    azure.vault.forbidden = 0;
    outs = await update(many, error.properties);
    assert.equal(live().length, 80);
    azure.vault.isGone = true;
    await handler().delete(id, outs);
    assert.equal(azure.enrollments.size, 0);
  });

  it("does not say that an enrollment has a newer key before it has", async () => {
    azure.vault.setSecret("enrollment-a-primary", key(5));
    const inputs = given({ ...keyed("a", "b"), c: { caReference: "root" } });
    azure.failures.set("bulk a", { status: 500, code: "500001" });
    const error = await partial(handler().update(id, await read(), inputs));
    assert.match(error.message, /refused 1 of 1[\s\S]*500001/);
    assert.equal(
      await reported(error.properties, inputs),
      "1 to change: a (primaryKey differs, secondaryKey differs).",
    );
    outs = await update(inputs, error.properties);
    assert.deepEqual(atService("a"), inVault("a"));
    assert.equal(await reported(outs, inputs), "");
  });

  it("does not write over what someone else changed", async () => {
    azure.vault.setSecret("enrollment-a-primary", key(5));
    const seen = await read();
    const body = azure.enrollments.get("individual/a");
    assert.ok(body);
    azure.enrollments.set("individual/a", { ...body, provisioningStatus: "disabled" });
    const error = await partial(handler().update(id, seen, given({ ...keyed("a", "b"), c: { caReference: "root" } })));
    assert.match(error.message, /409203[\s\S]*a: it was changed by someone else/);
    assert.notDeepEqual(atService("a"), inVault("a"));
  });

  it("reports each error at its property before anything is created", async () => {
    const errors = async (inputs: Props) =>
      (await handler().check({}, inputs)).failures.map(({ property, reason }) => `${property}: ${reason}`);
    for (const [inputs, expected] of [
      [given({}, { owner: undefined }), /^owner: owner is missing/],
      [given({}, { vaultUri: "https://example.test" }), /^vaultUri: must be a vault's address/],
      [given({}, { softDeleted: "keep" }), /^softDeleted: must be one of recover, purge/],
      [given({ a: { symmetricKey: {}, colour: "red" } }), /^device:a\.colour: is none of deviceId/],
      [given({ a: { symmetricKey: {}, storedName: "a" } }), /^device:a\.storedName: is none of deviceId/],
    ] as const) {
      const found = await errors(inputs);
      assert.equal(found.length, 1, found.join());
      assert.match(found[0] ?? "", expected);
    }
    const later = given({ a: { symmetricKey: {} }, b: UNKNOWN }, { vaultUri: UNKNOWN });
    assert.deepEqual(await errors(later), []);
    assert.equal(await reported(plain(keyed("a")), later), "1 to add: b; 1 to change: a (store).");
    // An address that is known at last only is taken for the same.
    assert.equal(
      await reported(outs, given({ ...keyed("a", "b"), c: { caReference: "root" } }, { vaultUri: UNKNOWN })),
      "changes",
    );
  });

  it("has in the vault what its enrollments need and no more, whatever changed, and wherever a run stopped", async () => {
    const entry = fc.constantFrom<Props>(
      { caReference: "root" },
      { symmetricKey: {} },
      { symmetricKey: {}, iotEdge: true },
      { symmetricKey: PAIR },
    );
    const list = fc.dictionary(fc.stringMatching(/^[a-c][a-c0-2]?$/), entry, { maxKeys: 12 });
    const refused = fc.constantFrom("", "a", "b");
    const step = fc.record({ list, isStored: fc.boolean(), forbidden: fc.nat({ max: 6 }), refused });
    await fc.assert(
      fc.asyncProperty(step, step, step, async (...steps) => {
        azure = fakeAzure();
        outs = {};
        id = `${SERVICE}/enrollmentList`;
        for (const { list: wanted, isStored, forbidden, refused: failing } of steps) {
          const inputs = isStored ? given(wanted) : plain(wanted);
          const before = new Map(Object.keys(wanted).map((name) => [name, atService(name)]));
          const had = entriesIn(outs);
          azure.vault.forbidden = forbidden;
          azure.failures.set(`bulk ${failing}`, { status: 500, code: "500001" });
          // A refused run keeps what it did; the next one ends it.
          const olds = await update(inputs).catch((error: unknown) => {
            if (error instanceof PartialError) return error.properties;
            assert.ok(!azure.enrollments.size && !live().length, String(error));
            return {};
          });
          azure.vault.forbidden = 0;
          azure.failures.clear();
          assert.ok((await reported(olds, inputs)) !== "" || isSettled(olds, isStored ? wanted : {}));
          outs = await update(inputs, olds);
          assert.equal(await reported(outs, inputs), "");
          assert.deepEqual(await read(), outs);
          const kept = Object.keys(wanted).filter((name) => isStored && isMade(wanted[name]));
          assert.deepEqual(live(), kept.flatMap((name) => NAMES.map((tier) => `enrollment-${name}-${tier}`)).sort());
          for (const name of kept) assert.deepEqual(atService(name), inVault(name));
          for (const [name, old] of had)
            if (isMade(old) && isMade(wanted[name])) assert.deepEqual(atService(name), before.get(name), name);
        }
      }),
      { numRuns: 60 },
    );
    // Where the last list of all has no store, keys that the vault had are in the state again, as they should.
    outs = {};
  });
});
