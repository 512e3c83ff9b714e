import { strict as assert } from "node:assert";
import { handler as listHandler } from "../../../providers/handlers/enrollmentListHandler";
import type { AzureGateway } from "../../../providers/handlers/resource/azureGateway";
import { PartialError } from "../../../providers/handlers/resource/handler";
import { DataPlane } from "../../cast/dataPlane";
import { dpsGateway } from "../../cast/dpsGateway";
import { type FakeAzure, fakeAzure } from "../../cast/fakeGateway";
import { vaultGateway } from "../../cast/vaultGateway";
import { expectStatus, type VaultHarness, vaultHarness } from "../../cast/vaultHarness";

type Props = Readonly<Record<string, unknown>>;

const SERVICE = "dps-1.azure-devices-provisioning.net";
const KEY = Buffer.alloc(48, 5).toString("base64");

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `Dev:${index}`);

/** The handler over the toolkit's clients, the local DPS and the local Key Vault, all in this process. */
describe("a list of enrollments with its keys in the local Key Vault", () => {
  let harness: VaultHarness;
  let plane: DataPlane;
  let azure: FakeAzure;
  let gateway: AzureGateway;
  let inFlight: { now: number; most: number };
  const handler = () => listHandler(gateway);
  const given = (ids: readonly string[], more: object = {}, vault = "vault-1"): Props => ({
    ...{ serviceEndpoint: SERVICE, vaultUri: `https://${vault}.vault.azure.net`, owner: "me", softDeleted: "recover" },
    ...Object.fromEntries(ids.map((id) => [`device:${id}`, { symmetricKey: {} }])),
    ...more,
  });
  const reported = async (id: string, olds: Props, news: Props): Promise<string> => {
    azure.messages.length = 0;
    return (await handler().diff(id, olds, news)).changes ? azure.messages.join() : "";
  };
  const secrets = async (path = "secrets", host = "vault-1"): Promise<readonly { id: string; tags: unknown }[]> => {
    const headers = { host: `${host}.vault.azure.net` };
    const page = await harness.vault("GET", `/${path}?maxresults=25`, undefined, headers);
    return (page.body as { value: { id: string; tags: unknown }[] }).value;
  };
  /** The key of a secret by its id, and the key at the service. */
  const bothKeys = async (outs: Props, device: string): Promise<readonly unknown[]> => {
    const { primaryKeyId = "" } = (outs.storedKeys as Record<string, { primaryKeyId?: string }>)[device] ?? {};
    const { host, pathname } = new URL(primaryKeyId);
    const { body } = await harness.vault("GET", pathname, undefined, { host });
    const asked = { params: { id: device } };
    const { symmetricKey } = (await plane.ask("IndividualEnrollment_GetAttestationMechanism", asked)).body;
    return [(body as { value: string }).value, symmetricKey.primaryKey];
  };

  before(async () => {
    harness = await vaultHarness();
  });

  after(() => harness.close());

  beforeEach(() => {
    plane = new DataPlane();
    azure = fakeAzure();
    inFlight = { now: 0, most: 0 };
    const local = vaultGateway(harness);
    gateway = {
      ...dpsGateway(plane, azure),
      ...local,
      vaultSecrets: (uri) => {
        const client = local.vaultSecrets(uri);
        return {
          get: (...asked) => client.get(...asked),
          getDeleted: (name) => client.getDeleted(name),
          delete: (name) => client.delete(name),
          recover: (name) => client.recover(name),
          purge: (name) => client.purge(name),
          update: (...change) => client.update(...change),
          set: async (...order) => {
            inFlight.now += 1;
            inFlight.most = Math.max(inFlight.most, inFlight.now);
            return client.set(...order).finally(() => {
              inFlight.now -= 1;
            });
          },
        };
      },
    };
  });

  it("is made, read without drift, rotated, and taken away with its secrets, some at once", async function () {
    this.timeout(120_000);
    const inputs = given(numbered(36));
    const { id, outs } = await handler().create(inputs);
    assert.deepEqual([inFlight.most > 4, inFlight.most <= 32], [true, true], String(inFlight.most));
    const [first] = await secrets();
    assert.match(String(first?.id), /\/secrets\/enrollment-dev-0-[0-9a-f]{8}-primary$/);
    assert.deepEqual(first?.tags, { "zero-touch-owner": "me" });
    assert.deepEqual((await handler().read(id, outs)).props, outs);
    assert.equal(await reported(id, outs, inputs), "");
    const [there, here] = await bothKeys(outs, "Dev:7");
    assert.equal(there, here);

    const name = new URL(String((outs.storedKeys as Record<string, Props>)["Dev:7"]?.primaryKeyId)).pathname;
    await expectStatus(harness, 200, "PUT", name.split("/").slice(0, 3).join("/"), { value: KEY });
    const seen = (await handler().read(id, outs)).props;
    assert.match(await reported(id, seen, inputs), /changes\. 1 to change: Dev:7 \(primaryKey rotated\)\.$/);
    const { outs: next } = await handler().update(id, seen, inputs);
    assert.deepEqual(await bothKeys(next, "Dev:7"), [KEY, KEY]);
    assert.deepEqual((await handler().read(id, next)).props, next);

    await handler().delete(id, next);
    assert.deepEqual([(await secrets()).length, (await secrets("deletedsecrets")).length], [0, 25]);
    const { outs: again } = await handler().create(inputs);
    assert.deepEqual(again, next);
    assert.deepEqual(await bothKeys(again, "Dev:7"), [KEY, KEY]);
    await handler().delete(id, { ...again, softDeleted: "purge" });
    assert.deepEqual([...(await secrets()), ...(await secrets("deletedsecrets"))], []);
  });

  it("moves from vault to vault with its keys", async () => {
    const { id, outs } = await handler().create(given(["a", "b"]));
    const before = await bothKeys(outs, "a");
    const moved = given(["a", "b"], {}, "vault-2");
    assert.match(await reported(id, outs, moved), /2 to change: a \(store\), b \(store\)\.$/);
    const { outs: next } = await handler().update(id, outs, moved);
    assert.match(JSON.stringify(next.storedKeys), /https:\/\/vault-2\./);
    assert.deepEqual(await bothKeys(next, "a"), before);
    assert.deepEqual([(await secrets()).length, (await secrets("secrets", "vault-2")).length], [0, 4]);
    assert.deepEqual((await handler().read(id, next)).props, next);
    await handler().delete(id, { ...next, softDeleted: "purge" });
  });

  it("has the enrollments and no keys in the state without access to the vault, and continues with access", async () => {
    const inputs = given(numbered(12));
    const [vault] = harness.vaults.vaults;
    harness.vaults.change({ accessPolicies: [] });
    const error = await handler()
      .create(inputs)
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    harness.vaults.change({ accessPolicies: vault?.accessPolicies ?? [] });
    assert.ok(error instanceof PartialError, String(error));
    assert.match(
      error.message,
      /keys of 12 enrollments in the vault\. The rest is done[\s\S]*Forbidden[\s\S]*To fix: /,
    );
    assert.deepEqual([error.properties.storedKeys, error.properties.symmetricKeys], [{}, {}]);
    assert.match(
      await reported(error.id, error.properties, inputs),
      /12 to change: Dev:0 \(primaryKey not kept yet, secondaryKey not kept yet\), /,
    );
    const { outs } = await handler().update(error.id, error.properties, inputs);
    const [there, here] = await bothKeys(outs, "Dev:3");
    assert.equal(there, here);
    assert.deepEqual((await handler().read(error.id, outs)).props, outs);
    await handler().delete(error.id, { ...outs, softDeleted: "purge" });
  });
});
