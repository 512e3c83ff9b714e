import { strict as assert } from "node:assert";
import { handler as listHandler } from "../../../providers/handlers/enrollmentListHandler";
import type { AzureGateway } from "../../../providers/handlers/resource/azureGateway";
import type { PartialError } from "../../../providers/handlers/resource/handler";
import { OWNER_TAG } from "../../../providers/handlers/vault/vaultObject";
import { type Cut, cutGateway } from "../../cast/cutGateway";
import { type FakeAzure, fakeAzure, fakeGateway, NOW } from "../../cast/fakeGateway";
import { matchEach } from "../../cast/matchEach";
import { partial } from "../../cast/partial";

type Props = Readonly<Record<string, unknown>>;

const SERVICE = "dps.azure-devices-provisioning.net";
const HOUR_MS = 3_600_000;
const ROOT = { caReference: "root" };

const given = (entries: Props): Props => ({
  serviceEndpoint: SERVICE,
  ...Object.fromEntries(Object.entries(entries).map(([id, entry]) => [`device:${id}`, entry])),
});

describe("enrollments of a list whose create got no response", () => {
  let azure: FakeAzure;
  const handler = () => listHandler(fakeGateway(azure));
  /** The state after a create that was cut at a call. */
  const cutAt = async (
    at: number,
    how: Cut,
    entries: Props,
    gateway: AzureGateway = fakeGateway(azure),
  ): Promise<PartialError> => partial(listHandler(cutGateway(gateway, at, how).gateway).create(given(entries)));
  const enrolled = () => [...azure.enrollments.keys()].map((key) => key.slice("individual/".length)).sort();
  /** Somebody else's enrollment, made so many milliseconds after the run. */
  const theirs = async (id: string, entry: Props, after = 0): Promise<void> => {
    await handler().create(given({ [id]: entry }));
    const body = azure.enrollments.get(`individual/${id}`);
    assert.ok(body);
    const createdDateTimeUtc = new Date(NOW.getTime() + after).toISOString();
    azure.enrollments.set(`individual/${id}`, { ...body, createdDateTimeUtc });
  };

  beforeEach(() => {
    azure = fakeAzure();
  });

  it("are in the state with what was asked for and when, and no part of the list", async () => {
    const { id, properties } = await cutAt(0, "after", { a: { ...ROOT, adopt: true } });
    const moment = NOW.toISOString();
    assert.equal(id, `${SERVICE}/enrollmentList`);
    assert.deepEqual(properties, {
      ...{ serviceEndpoint: SERVICE, symmetricKeys: {} },
      begun: { a: { entry: ROOT, from: moment, until: moment } },
    });
    const read = await handler().read(id, properties);
    assert.deepEqual([read.props, read.inputs], [{ ...given({ a: ROOT }), symmetricKeys: {} }, given({ a: ROOT })]);
  });

  it("are shown in a preview: to add if still desired, else to remove if they exist", async () => {
    const { id, properties } = await cutAt(0, "after", { a: ROOT, B: ROOT });
    assert.equal((await handler().diff(id, properties, given({ a: ROOT, b: ROOT }))).changes, true);
    assert.equal((await handler().diff(id, properties, given({}))).changes, true);
    matchEach(azure.messages, / 2 to add: a, b\.$/, / 2 to remove if .* made them: B, a\.$/);
    const { outs } = await handler().update(id, properties, given({}));
    assert.deepEqual([outs, enrolled()], [{ ...given({}), symmetricKeys: {} }, []]);
  });

  it("are changed with their keys where they are wanted otherwise by now", async () => {
    const { id, properties } = await cutAt(0, "after", { a: { symmetricKey: {} } });
    const made = azure.enrollments.get("individual/a")?.attestation.symmetricKey;
    const { outs } = await handler().update(id, properties, given({ a: { symmetricKey: {}, iotEdge: true } }));
    const { attestation, capabilities } = azure.enrollments.get("individual/a") ?? assert.fail("it is gone");
    assert.deepEqual([attestation.symmetricKey, capabilities], [made, { iotEdge: true }]);
    assert.deepEqual(outs.symmetricKeys, { a: made });
  });

  for (const [what, entry, after] of [
    ["says the same and was there long before", ROOT, -HOUR_MS],
    ["says the same and came long after", ROOT, HOUR_MS],
    ["says something else", { caReference: "other" }, 0],
    ["has other keys than were given", { symmetricKey: {} }, 0],
  ] as const) {
    it(`are not taken for somebody else's that ${what}: it stays`, async () => {
      const wanted = "symmetricKey" in entry ? { primaryKey: "a".repeat(24), secondaryKey: "b".repeat(24) } : undefined;
      const ours = wanted === undefined ? ROOT : { symmetricKey: wanted };
      const { id, properties } = await cutAt(0, "before", { a: ours });
      await theirs("a", entry, after);
      const before = azure.enrollments.get("individual/a");
      const { props } = await handler().read(id, properties);
      assert.deepEqual(props, { ...given({}), symmetricKeys: {} });
      await handler().update(id, properties, given({}));
      await handler().delete(id, properties);
      assert.deepEqual(azure.enrollments.get("individual/a"), before);
    });
  }

  it("are ours by the clock here and the service's, which may differ by minutes", async () => {
    for (const after of [-299_000, 299_000]) {
      const { id, properties } = await cutAt(0, "before", { a: ROOT });
      await theirs("a", ROOT, after);
      await handler().delete(id, properties);
      assert.deepEqual(enrolled(), []);
    }
  });

  it("are none where Azure said no, and some where it failed in itself", async () => {
    for (const [status, code, isCreatePending] of [
      [401, "401002", false],
      [429, "429001", false],
      [500, "500001", true],
    ] as const) {
      azure = fakeAzure();
      const ids = Array.from({ length: 11 }, (_, index) => `d${10 + index}`);
      azure.failures.set("bulk create d20", { status, code });
      const { properties } = await partial(handler().create(given(Object.fromEntries(ids.map((id) => [id, ROOT])))));
      assert.deepEqual(Object.keys(properties.begun ?? {}), isCreatePending ? ["d20"] : [], code);
    }
  });

  it("are recorded too if a retried call reports that they exist, and reading fails", async () => {
    const whole = fakeGateway(azure);
    const twice: AzureGateway = {
      ...whole,
      enrollmentList: (service) => {
        const client = whole.enrollmentList(service);
        return { ...client, run: (mode, all) => client.run(mode, all).then(() => client.run(mode, all)) };
      },
    };
    const { id, properties } = await cutAt(1, "before", { a: ROOT }, twice);
    assert.deepEqual(Object.keys(properties.begun ?? {}), ["a"]);
    await handler().delete(id, properties);
    assert.deepEqual(enrolled(), []);
    const { outs } = await listHandler(twice).create(given({ a: ROOT }));
    assert.deepEqual(outs, { ...given({ a: ROOT }), symmetricKeys: {} });
  });

  it("stay in the state if reading fails", async () => {
    const { id, properties } = await cutAt(0, "after", { a: ROOT });
    const cut = () => listHandler(cutGateway(fakeGateway(azure), 0, "before").gateway);
    const error = await partial(cut().update(id, properties, given({})));
    assert.deepEqual(error.properties, properties);
    await assert.rejects(cut().read(id, properties), /^CutError/);
    await assert.rejects(cut().delete(id, properties), /^CutError/);
    assert.deepEqual(enrolled(), ["a"]);
  });

  it("leave a vault's secrets of others where they are, though ours were begun under their names", async () => {
    const store = { vaultUri: azure.vault.uri, owner: "me", softDeleted: "purge" };
    azure.vault.setSecret("enrollment-a-secondary", "theirs", { tags: { [OWNER_TAG]: "you" } });
    const inputs = { ...given({ a: { symmetricKey: {} }, b: { symmetricKey: {} } }), ...store };
    azure.vault.setSecret("enrollment-b-primary", "theirs", {});
    const { id, properties } = await partial(handler().create(inputs));
    assert.deepEqual(Object.keys(properties.storedKeys ?? {}), ["a"]);
    assert.deepEqual(properties.keysLeft, [
      { vaultUri: azure.vault.uri, storedName: "enrollment-b", owner: "me", softDeleted: "purge" },
    ]);
    await handler().delete(id, properties);
    const { live, deleted } = azure.vault.setSecrets;
    assert.deepEqual([[...live.keys()].sort(), deleted.size], [["enrollment-a-secondary", "enrollment-b-primary"], 0]);
    assert.deepEqual(enrolled(), []);
  });
});
