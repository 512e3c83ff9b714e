import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import { handler as authorityHandler } from "../../../providers/handlers/certificateAuthorityHandler";
import { handler as deviceHandler } from "../../../providers/handlers/deviceCertificateHandler";
import { PartialError } from "../../../providers/handlers/resource/handler";
import { OWNER_TAG } from "../../../providers/handlers/vault/vaultObject";
import { handler as verifiedHandler } from "../../../providers/handlers/verifiedCertificateHandler";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";

const OWNER = "organization/azure-iot-zero-touch/dev";

describe("a certificate authority whose keys are in a vault", () => {
  let azure: FakeAzure;
  let ca: Record<string, unknown>;
  const inputs = {
    ...{ rootName: "R", intermediateName: "I", keyAlgorithm: "EC-P256", rootLifetimeDays: 3650 },
    ...{ intermediateLifetimeDays: 1825, softDeleted: "recover", owner: OWNER },
    ...{ vaultUri: "https://vault-1.vault.azure.net", rootKeyName: "ca-root", intermediateKeyName: "ca-line" },
  };
  const authority = () => authorityHandler(fakeGateway(azure));
  const calls = (): string[] => azure.vault.calls.splice(0);
  const x509 = (outs: Record<string, unknown>, tier: "root" | "intermediate") =>
    new X509Certificate(String(outs[`${tier}Certificate`]));
  const stateAfterRead = async (tier = "intermediate") =>
    String((await authority().read("", ca)).props[`${tier}KeyState`]);

  beforeEach(async () => {
    azure = fakeAzure();
    ca = (await authority().create(inputs)).outs;
  });

  it("issues root and intermediate by the vault's sign call, and has references alone", () => {
    assert.deepEqual(calls(), ["create key ca-root", "sign ca-root ES256", "create key ca-line", "sign ca-root ES256"]);
    const [root, intermediate] = [x509(ca, "root"), x509(ca, "intermediate")];
    assert.ok(root.ca && root.verify(root.publicKey));
    assert.ok(intermediate.ca && intermediate.verify(root.publicKey));
    assert.deepEqual(
      [ca.rootKeyId, ca.intermediateKeyId],
      [azure.vault.versions("ca-root")[0], azure.vault.versions("ca-line")[0]],
    );
    assert.equal(ca.rootKey, undefined);
    assert.equal(ca.intermediateKey, undefined);
    assert.doesNotMatch(JSON.stringify(ca), /PRIVATE KEY|"d"/);
    const { key, tags } = azure.vault.keys.live.get("ca-root")?.[0]?.bundle ?? {};
    assert.deepEqual([key?.kty, key?.crv, tags?.[OWNER_TAG]], ["EC", "P-256", OWNER]);
  });

  for (const [keyAlgorithm, alg] of [
    ["EC-P384", "ES384"],
    ["RSA-2048", "RS256"],
  ] as const) {
    it(`issues by a key of kind ${keyAlgorithm}`, async () => {
      azure = fakeAzure();
      const { outs } = await authority().create({ ...inputs, keyAlgorithm });
      assert.ok(x509(outs, "intermediate").verify(x509(outs, "root").publicKey));
      assert.ok(calls().includes(`sign ca-root ${alg}`));
    });
  }

  it("signs devices' leaves by the intermediate's key and proofs of possession by the root's", async () => {
    calls();
    const device = await deviceHandler(fakeGateway(azure)).create({
      ...{ registrationId: "dev-1", issuerCertificate: ca.intermediateCertificate, issuerKey: ca.intermediateKeyId },
      ...{ issuerChain: ca.rootCertificate, keyAlgorithm: "EC-P256", lifetimeDays: 10 },
    });
    const leaf = new X509Certificate(String(device.outs.certificate));
    assert.ok(leaf.verify(x509(ca, "intermediate").publicKey));
    await verifiedHandler(fakeGateway(azure)).create({
      ...{ provisioningServiceId: "/subscriptions/s", name: "root", verification: "proofOfPossession" },
      ...{ certificate: ca.rootCertificate, signingKey: ca.rootKeyId },
    });
    assert.ok(azure.proofs[0]?.isSignedBy(x509(ca, "root").publicKey));
    assert.deepEqual(calls(), ["sign ca-line ES256", "sign ca-root ES256"]);
  });

  it("refuses to issue by a key that is not the certificate's", async () => {
    const inputsOf = {
      registrationId: "dev-1",
      issuerCertificate: ca.intermediateCertificate,
      issuerKey: ca.rootKeyId,
    };
    await assert.rejects(
      deviceHandler(fakeGateway(azure)).create({ ...inputsOf, issuerChain: "" }),
      /The vault's key "ca-root" is not the key of the certificate/,
    );
  });

  it("says what is missing or wrong, all at once", async () => {
    const wrong = {
      rootName: "R",
      intermediateName: "I",
      vaultUri: "https://example.com",
      rootKeyName: "a_b",
      softDeleted: "no",
    };
    const { failures } = await authority().check({}, wrong);
    assert.deepEqual(failures.map(({ property }) => property).sort(), [
      "intermediateKeyName",
      "owner",
      "rootKeyName",
      "softDeleted",
      "vaultUri",
    ]);
    assert.match(failures.find(({ property }) => property === "vaultUri")?.reason ?? "", /NAME\.vault\.azure\.net/);
    const same = await authority().check({}, { ...inputs, intermediateKeyName: "ca-root" });
    assert.match(same.failures[0]?.reason ?? "", /each CA has a key of its own/);
    assert.deepEqual((await authority().check({}, inputs)).failures, []);
  });

  it("sees no change afterwards; another vault or key name is another authority", async () => {
    assert.equal((await authority().diff("", ca, inputs)).changes, false);
    assert.deepEqual((await authority().read("", ca)).props, ca);
    const other = { vaultUri: "https://vault-2.vault.azure.net", rootKeyName: "other" };
    assert.deepEqual((await authority().diff("", ca, { ...inputs, ...other })).replaces, ["vaultUri", "rootKeyName"]);
    const { vaultUri, rootKeyName, intermediateKeyName, ...state } = inputs;
    assert.ok((await authority().diff("", ca, state)).replaces.includes("vaultUri"));
  });

  it("makes a new version of the intermediate's key for a new intermediate, and keeps the root", async () => {
    calls();
    const { outs } = await authority().update("", ca, { ...inputs, intermediateName: "J" });
    assert.deepEqual(calls(), ["create key ca-line", "sign ca-root ES256"]);
    assert.equal(outs.rootCertificate, ca.rootCertificate);
    assert.equal(outs.intermediateKeyId, azure.vault.versions("ca-line")[1]);
    assert.ok(x509(outs, "intermediate").verify(x509(ca, "root").publicKey));
  });

  it("issues a new intermediate after `pulumi stack rename`: the keys that the state names are its own", async () => {
    const renamed = { ...inputs, owner: `${OWNER}-renamed`, intermediateName: "I2" };
    const next = (await authority().update("", ca, renamed)).outs;
    assert.equal(azure.vault.versions("ca-line").length, 2);
    await fakeGateway(azure).vaultKeys(inputs.vaultUri).delete("ca-line");
    const again = (await authority().update("", next, { ...renamed, intermediateName: "I3" })).outs;
    assert.ok(x509(again, "intermediate").verify(x509(ca, "root").publicKey));
    assert.equal(again.rootKeyId, ca.rootKeyId);
  });

  it("follows a rotation of the intermediate's key in the vault, and stays with the root's", async () => {
    azure.vault.addKey("ca-root", { [OWNER_TAG]: OWNER });
    assert.equal(await stateAfterRead("root"), "enabled");
    const rotated = azure.vault.addKey("ca-line", { [OWNER_TAG]: OWNER });
    assert.match(await stateAfterRead(), /^rotated: .*issues an intermediate for it/);
    const seen = (await authority().read("", ca)).props;
    assert.deepEqual(await authority().diff("", seen, inputs), { changes: true, replaces: [] });
    calls();
    const { outs } = await authority().update("", seen, inputs);
    assert.deepEqual(calls(), ["sign ca-root ES256"]);
    assert.deepEqual([outs.intermediateKeyId, outs.intermediateKeyState], [rotated.key.kid, "enabled"]);
    assert.notEqual(outs.intermediateThumbprint, ca.intermediateThumbprint);
    assert.equal((await authority().diff("", outs, inputs)).changes, false);
  });

  it("knows a key for its own whose newest version has no tag, to the end", async () => {
    azure.vault.addKey("ca-line");
    const seen = (await authority().read("", ca)).props;
    const rotated = (await authority().update("", seen, inputs)).outs;
    const { outs } = await authority().update("", rotated, { ...inputs, intermediateName: "J", softDeleted: "purge" });
    assert.equal(outs.intermediateKeyId, azure.vault.versions("ca-line")[2]);
    azure.vault.addKey("ca-line");
    await authority().delete("", (await authority().read("", outs)).props);
    assert.equal(azure.vault.keys.live.size + azure.vault.keys.deleted.size, 0);
  });

  it("makes a key of its own where the rotation gave another kind of key", async () => {
    azure.vault.addKey("ca-line", { [OWNER_TAG]: OWNER }, { crv: "P-384" });
    const seen = (await authority().read("", ca)).props;
    const { outs } = await authority().update("", seen, inputs);
    assert.equal(outs.intermediateKeyId, azure.vault.versions("ca-line")[2]);
  });

  it("reports a disabled key, and enables it again", async () => {
    const [id = ""] = azure.vault.versions("ca-line");
    await fakeGateway(azure)
      .vaultKeys("")
      .update("ca-line", id.split("/").at(-1) ?? "", { enabled: false });
    assert.match(await stateAfterRead(), /^disabled: it signs nothing; `pulumi up` enables it again/);
    const seen = (await authority().read("", ca)).props;
    assert.equal((await authority().diff("", seen, inputs)).changes, true);
    const { outs } = await authority().update("", seen, inputs);
    assert.equal(outs.intermediateCertificate, ca.intermediateCertificate);
    assert.deepEqual((await authority().read("", outs)).props, ca);
  });

  it("reports a deleted key, and recovers it", async () => {
    await fakeGateway(azure).vaultKeys("").delete("ca-root");
    assert.match(await stateAfterRead("root"), /^deleted: .*recovers it, possible until 2026-05-30/);
    const seen = (await authority().read("", ca)).props;
    assert.deepEqual(await authority().diff("", seen, inputs), { changes: true, replaces: [] });
    const { outs } = await authority().update("", seen, inputs);
    assert.deepEqual((await authority().read("", outs)).props, ca);
  });

  it("replaces the authority for a lost root key, and issues again for a lost intermediate key", async () => {
    azure.vault.keys.live.delete("ca-root");
    assert.match(await stateAfterRead("root"), /^purged: it is lost/);
    const seen = (await authority().read("", ca)).props;
    assert.deepEqual((await authority().diff("", seen, inputs)).replaces, ["rootKeyName"]);
    azure = fakeAzure();
    ca = (await authority().create(inputs)).outs;
    azure.vault.keys.live.delete("ca-line");
    const lost = (await authority().read("", ca)).props;
    assert.deepEqual(await authority().diff("", lost, inputs), { changes: true, replaces: [] });
    const { outs } = await authority().update("", lost, inputs);
    assert.notEqual(outs.intermediateThumbprint, ca.intermediateThumbprint);
    assert.equal(outs.rootThumbprint, ca.rootThumbprint);
  });

  it("reports a missing vault, continues when it is back, and needs none for the delete", async () => {
    azure.vault.isGone = true;
    const seen = (await authority().read("", ca)).props;
    assert.match(String(seen.rootKeyState), /^deleted: the whole vault is/);
    assert.deepEqual(await authority().diff("", seen, inputs), { changes: true, replaces: [] });
    await authority().delete("", ca);
    azure.vault.isGone = false;
    assert.deepEqual((await authority().update("", seen, inputs)).outs, ca);
    // A new vault of the name, with nothing in it.
    azure.vault.keys.live.clear();
    const failed: unknown = await authority()
      .update("", seen, inputs)
      .then(
        () => assert.fail("it should fail"),
        (error: unknown) => error,
      );
    assert.ok(failed instanceof PartialError);
    assert.match(failed.message, /root's key is lost.*\n.*pulumi up` again/);
    assert.deepEqual((await authority().diff("", failed.properties, inputs)).replaces, ["rootKeyName"]);
  });

  describe("that could not be finished", () => {
    const begun = async (): Promise<PartialError> => {
      azure = fakeAzure();
      const gateway = fakeGateway(azure);
      const client = gateway.vaultKeys(inputs.vaultUri);
      const create: typeof client.create = async (name, order) => {
        if (name === "ca-line") throw new Error("throttled");
        return client.create(name, order);
      };
      const failing = authorityHandler({ ...gateway, vaultKeys: () => ({ ...client, create }) });
      const error: unknown = await failing.create(inputs).catch((caught: unknown) => caught);
      assert.ok(error instanceof PartialError);
      return error;
    };

    it("has existing keys in its state, and continues with the next update", async () => {
      const { id, properties, message } = await begun();
      assert.equal(message, "throttled");
      assert.deepEqual(
        [properties.rootKeyId, properties.intermediateKeyId],
        [azure.vault.versions("ca-root")[0], undefined],
      );
      assert.deepEqual((await authority().read(id, properties)).props, properties);
      assert.deepEqual(await authority().diff(id, properties, inputs), { changes: true, replaces: [] });
      const { outs } = await authority().update(id, properties, inputs);
      assert.ok(x509(outs, "intermediate").verify(x509(outs, "root").publicKey));
      assert.equal((await authority().diff(id, outs, inputs)).changes, false);
    });

    it("leaves no key behind at its end", async () => {
      const { id, properties } = await begun();
      await authority().delete(id, properties);
      assert.equal(azure.vault.keys.live.size, 0);
    });

    it("is not kept if nothing exists outside of the state", async () => {
      azure = fakeAzure();
      await assert.rejects(authority().create({ ...inputs, vaultUri: undefined, rootName: "" }), (error) => {
        return !(error instanceof PartialError);
      });
    });
  });

  it("deletes both keys at its end, and recovers them at the next beginning: the same root key", async () => {
    calls();
    await authority().delete("", ca);
    assert.deepEqual(calls(), ["delete key ca-root", "delete key ca-line"]);
    const { outs } = await authority().create(inputs);
    assert.deepEqual([outs.rootKeyId, outs.intermediateKeyId], [ca.rootKeyId, ca.intermediateKeyId]);
    // A leaf's chain that was issued before leads to the new root as well.
    assert.ok(x509(ca, "intermediate").verify(x509(outs, "root").publicKey));
    assert.ok(calls().includes("recover key ca-root"));
  });

  it("makes a key that it recovers from another CA its own, also for a rotation that copies tags", async () => {
    await authority().delete("", ca);
    const { outs } = await authority().create({ ...inputs, rootName: "S" });
    assert.equal(outs.intermediateKeyId, ca.intermediateKeyId);
    const { tags } = azure.vault.keys.live.get("ca-line")?.[0]?.bundle ?? {};
    azure.vault.addKey("ca-line", tags);
    const { props } = await authority().read("", outs);
    assert.match(String(props.intermediateKeyState), /^rotated/);
    await authority().delete("", props);
    assert.equal(azure.vault.keys.live.size, 0);
  });

  it("leaves both keys to an inaccessible vault of the stack's own, and to no other vault", async () => {
    azure.vault.forbidden = 1;
    await assert.rejects(authority().delete("", ca), /ForbiddenByRbac/);
    assert.equal((await authority().diff("", ca, { ...inputs, vaultOfStack: true })).changes, false);
    const own = (await authority().update("", ca, { ...inputs, vaultOfStack: true })).outs;
    azure.vault.forbidden = 2;
    await authority().delete("", own);
    assert.deepEqual(
      azure.messages.map((each) => each.split(" was ")[0]),
      ['"ca-root"', '"ca-line"'],
    );
  });

  it("purges both keys at its end where that is set", async () => {
    const { outs } = await authority().update("", ca, { ...inputs, softDeleted: "purge" });
    assert.equal(outs.intermediateCertificate, ca.intermediateCertificate);
    await authority().delete("", outs);
    assert.deepEqual([azure.vault.keys.live.size, azure.vault.keys.deleted.size], [0, 0]);
    await authority().delete("", outs);
  });

  it("purges what an earlier stack left deleted where that is set, and makes new keys", async () => {
    await authority().delete("", ca);
    const { outs } = await authority().create({ ...inputs, softDeleted: "purge" });
    assert.notEqual(outs.rootKeyId, ca.rootKeyId);
    assert.ok(calls().includes("purge key ca-root"));
  });

  it("makes a new version where a recovered key is of another kind", async () => {
    await authority().delete("", ca);
    const { outs } = await authority().create({ ...inputs, keyAlgorithm: "EC-P384" });
    assert.equal(outs.rootKeyId, azure.vault.versions("ca-root")[1]);
  });

  it("does not adopt another owner's key, neither an existing nor a deleted one", async () => {
    azure = fakeAzure();
    azure.vault.addKey("ca-root", { [OWNER_TAG]: "organization/other/prod" });
    await assert.rejects(authority().create(inputs), /"ca-root" is taken: .*made by organization\/other\/prod/);
    await fakeGateway(azure).vaultKeys("").delete("ca-root");
    await assert.rejects(
      authority().create({ ...inputs, softDeleted: "purge" }),
      /a deleted object of that name.*\n.*set its tag zero-touch-owner to organization\/azure-iot-zero-touch\/dev/,
    );
    azure.vault.addKey("ca-root");
    await assert.rejects(authority().create(inputs), /not made by this toolkit/);
    assert.deepEqual(calls(), ["delete key ca-root"]);
  });

  it("leaves a key to the authority that took its place, also where the old one had seen a rotation", async () => {
    azure.vault.addKey("ca-line", { [OWNER_TAG]: OWNER });
    const { props } = await authority().read("", ca);
    assert.match(String(props.intermediateKeyState), /^rotated/);
    const { outs: next } = await authority().create({ ...inputs, rootName: "S" });
    await authority().delete("", props);
    assert.equal((await authority().read("", next)).props.intermediateKeyState, "enabled");
    await authority().delete("", next);
    assert.equal(azure.vault.keys.live.size, 0);
  });

  it("leaves a key to the authority that took its place, and disables its own version", async () => {
    const next = (await authority().create({ ...inputs, rootName: "S" })).outs;
    assert.equal(next.rootKeyId, azure.vault.versions("ca-root")[1]);
    calls();
    await authority().delete("", ca);
    assert.deepEqual(calls(), ["disable key ca-root", "disable key ca-line"]);
    assert.deepEqual((await authority().read("", next)).props, next);
  });
});
