import { strict as assert } from "node:assert";
import { keyStateOf, VaultKeys } from "../../../providers/handlers/certificates/authorityKeys";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";

const NAMES = { rootKeyName: "root-key", intermediateKeyName: "line-key" };

describe("keys of a CA in a vault", () => {
  let azure: FakeAzure;
  let props: Record<string, unknown>;
  const keys = () => new VaultKeys(fakeGateway(azure), props);
  const client = () => fakeGateway(azure).vaultKeys(azure.vault.uri);
  const version = (tier: "root" | "intermediate") => String(props[`${tier}KeyId`]).split("/").at(-1) ?? "";

  beforeEach(async () => {
    azure = fakeAzure();
    props = { vaultUri: azure.vault.uri, owner: "this stack", rootName: "R", keyAlgorithm: "EC-P256", ...NAMES };
    for (const tier of ["root", "intermediate"] as const) props = { ...props, ...(await keys().make(tier)).outs };
    azure.vault.calls.length = 0;
  });

  it("have a state: enabled, disabled, deleted with the last day, or lost", async () => {
    assert.deepEqual([await keys().state("root"), await keys().state("intermediate")], ["enabled", "enabled"]);
    await client().update("root-key", version("root"), { enabled: false });
    assert.match(String(await keys().state("root")), /^disabled: .*enables it again$/);
    await client().delete("line-key");
    assert.match(String(await keys().state("intermediate")), /^deleted: .*recovers it, .*2026-05-30$/);
    azure.vault.keys.deleted.clear();
    azure.vault.keys.live.clear();
    assert.match(String(await keys().state("root")), /^purged: .*replaces the root and all below/);
    assert.match(String(await keys().state("intermediate")), /^purged: .*new key .*intermediate/);
  });

  it("of an intermediate follow a newer version that signs; a root's do not", async () => {
    const rotated = "rotated: the key has a newer version; `pulumi up` issues an intermediate for it";
    for (const name of ["root-key", "line-key"]) azure.vault.addKey(name);
    assert.deepEqual([await keys().state("root"), await keys().state("intermediate")], ["enabled", rotated]);
    const newest = azure.vault.versions("line-key").at(-1)?.split("/").at(-1) ?? "";
    await client().update("line-key", newest, { enabled: false });
    assert.equal(await keys().state("intermediate"), "enabled");
  });

  it("are enabled and recovered before their state is reported, and left alone if nothing is wrong", async () => {
    assert.equal(await keys().heal("root"), "enabled");
    assert.deepEqual(azure.vault.calls, []);
    await client().update("root-key", version("root"), { enabled: false });
    await client().delete("root-key");
    azure.vault.calls.length = 0;
    assert.equal(await keys().heal("root"), "enabled");
    assert.deepEqual(azure.vault.calls, ["recover key root-key", "enable key root-key"]);
  });

  it("are waited for while a vault takes its time to recover them", async () => {
    const gateway = fakeGateway(azure);
    await client().delete("line-key");
    // What was recovered is there a little later, as in Azure.
    const slow = {
      ...gateway,
      vaultKeys: (uri: string) => ({ ...gateway.vaultKeys(uri), recover: async () => undefined }),
      pause: async (milliseconds: number) => {
        await gateway.pause(milliseconds);
        await client().recover("line-key");
      },
    };
    assert.equal(await new VaultKeys(slow, props).heal("intermediate"), "enabled");
    assert.deepEqual(azure.pauses, [2000]);
  });

  it("pass on a refusal, of a look as well as of the way back", async () => {
    await client().delete("line-key");
    const gateway = fakeGateway(azure);
    const refusing = {
      ...gateway,
      vaultKeys: (uri: string) => ({
        ...gateway.vaultKeys(uri),
        recover: async () => {
          throw new Error("recover was refused");
        },
      }),
    };
    await assert.rejects(new VaultKeys(refusing, props).heal("intermediate"), /recover was refused/);
    azure.vault.forbidden = 1;
    await assert.rejects(keys().state("root"), /ForbiddenByRbac/);
  });

  it("are the newest where it is a key of the right kind, and none otherwise", async () => {
    assert.equal((await keys().newest("intermediate"))?.outs.intermediateKeyId, props.intermediateKeyId);
    const { kid } = azure.vault.addKey("line-key").key;
    assert.equal((await keys().newest("intermediate"))?.outs.intermediateKeyId, kid);
    azure.vault.addKey("line-key", {}, { crv: "P-384" });
    assert.equal(await keys().newest("intermediate"), undefined);
    azure.vault.addKey("line-key", {}, { kty: "RSA", key_size: 2048 });
    assert.equal(await keys().newest("intermediate"), undefined);
    azure.vault.keys.live.clear();
    assert.equal(await keys().newest("intermediate"), undefined);
  });

  it("have a state of one word in decisions; a key in the stack's state is enabled", () => {
    const state = "rotated: the key has a newer version";
    assert.equal(keyStateOf({ intermediateKeyState: state }, "intermediate"), "rotated");
    assert.equal(keyStateOf({ intermediateKeyState: state }, "root"), "enabled");
  });
});
