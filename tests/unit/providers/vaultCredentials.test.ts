import { strict as assert } from "node:assert";
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { DeviceCredentials } from "../../../azure/clients/mutualTls";
import { handler as authorityHandler } from "../../../providers/handlers/certificateAuthorityHandler";
import { handler as deviceHandler } from "../../../providers/handlers/deviceCertificateHandler";
import { handler as registrationHandler } from "../../../providers/handlers/deviceRegistrationHandler";
import type { AzureGateway } from "../../../providers/handlers/resource/azureGateway";
import { OWNER_TAG } from "../../../providers/handlers/vault/vaultObject";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";

describe("a device whose key is kept in a vault", () => {
  let azure: FakeAzure;
  let inputs: Record<string, unknown>;
  let outs: Record<string, unknown>;
  const device = () => deviceHandler(fakeGateway(azure));

  beforeEach(async () => {
    azure = fakeAzure();
    const ca = (await authorityHandler(fakeGateway(azure)).create({ rootName: "R", intermediateName: "I" })).outs;
    inputs = {
      ...{ registrationId: "dev-1", issuerCertificate: ca.intermediateCertificate, issuerKey: ca.intermediateKey },
      ...{ issuerChain: ca.rootCertificate, keyAlgorithm: "EC-P256", lifetimeDays: 300, renewBeforeDays: 30 },
      ...{ vaultUri: azure.vault.uri, storedName: "device-dev-1", owner: "me", softDeleted: "recover" },
    };
    outs = (await device().create(inputs)).outs;
  });

  it("has its key and chain there as a certificate, and references in the state", () => {
    const bundle = azure.vault.certificates.live.get("device-dev-1")?.[0]?.bundle;
    assert.deepEqual([outs.storedId, outs.secretId], [bundle?.id, bundle?.sid]);
    assert.equal(bundle?.tags?.[OWNER_TAG], "me");
    assert.equal(outs.privateKey, undefined);
    assert.doesNotMatch(JSON.stringify(outs), /PRIVATE KEY/);
    const stored = azure.vault.secrets.get(String(outs.secretId))?.value ?? "";
    assert.match(stored, /^-----BEGIN PRIVATE KEY-----/);
    assert.equal(stored.match(/BEGIN CERTIFICATE/g)?.length, 3);
    assert.equal(new X509Certificate(String(outs.certificate)).subject, "CN=dev-1");
  });

  it("registers with the key that the vault gives, which the state never has", async () => {
    let shown: DeviceCredentials | undefined;
    const gateway: AzureGateway = {
      ...fakeGateway(azure),
      asDevice: (transport, credentials, work) => {
        shown = credentials;
        return fakeGateway(azure).asDevice(transport, credentials, work);
      },
    };
    const order = {
      ...{ globalEndpoint: "g", idScope: "0ne1", serviceEndpoint: "d", registrationId: "dev-1", temperature: 30 },
      ...{ certificateChain: outs.certificateChain, privateKey: outs.secretId, revoked: false },
    };
    const registered = await registrationHandler(gateway).create(order);
    assert.match(shown?.privateKey ?? "", /^-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----$/);
    const leaf = new X509Certificate(String(outs.certificate));
    assert.ok(leaf.checkPrivateKey(createPrivateKey(shown?.privateKey ?? "")));
    assert.doesNotMatch(JSON.stringify(registered), /PRIVATE KEY/);
    const gone = `${azure.vault.uri}/secrets/device-dev-1/00`;
    await assert.rejects(
      registrationHandler(gateway).create({ ...order, privateKey: gone }),
      /no secret https.*\n.*pulumi refresh/,
    );
    azure.vault.secrets.set(gone, { id: gone, value: "nothing" });
    await assert.rejects(
      registrationHandler(gateway).create({ ...order, privateKey: gone }),
      /holds no private key in PEM/,
    );
  });

  it("sees no change afterwards, and a change where the certificate was disabled or is gone", async () => {
    assert.equal((await device().diff("dev-1", outs, inputs)).changes, false);
    assert.deepEqual((await device().read("dev-1", outs)).props, outs);
    const [stored] = azure.vault.certificates.live.get("device-dev-1") ?? [];
    assert.ok(stored);
    const disabled = { bundle: { ...stored.bundle, attributes: { enabled: false } } };
    azure.vault.certificates.live.set("device-dev-1", [disabled]);
    const seen = (await device().read("dev-1", outs)).props;
    assert.match(String(seen.storedState), /^disabled: /);
    assert.equal((await device().diff("dev-1", seen, inputs)).changes, true);
    azure.vault.certificates.live.clear();
    assert.equal((await device().read("dev-1", outs)).id, "");
  });

  it("gets a new version at a renewal", async () => {
    const renewed = (await device().update("dev-1", outs, inputs)).outs;
    assert.notEqual(renewed.storedId, outs.storedId);
    assert.equal(azure.vault.certificates.live.get("device-dev-1")?.length, 2);
  });

  it("is renewed after `pulumi stack rename`: what the state names is its own, also where it was deleted", async () => {
    const renamed = { ...inputs, owner: "me, renamed" };
    assert.equal((await device().diff("dev-1", outs, renamed)).changes, false);
    const renewed = (await device().update("dev-1", outs, renamed)).outs;
    assert.equal(azure.vault.certificates.live.get("device-dev-1")?.at(-1)?.bundle.tags?.[OWNER_TAG], "me, renamed");
    await fakeGateway(azure).vaultCertificates(azure.vault.uri).delete("device-dev-1");
    const again = (await device().update("dev-1", renewed, { ...inputs, owner: "me, renamed twice" })).outs;
    assert.equal(azure.vault.certificates.live.get("device-dev-1")?.length, 3);
    // The name is another's as soon as the vault has no version of ours.
    await device().delete("dev-1", { ...again, softDeleted: "purge" });
    await device().create({ ...inputs, owner: "you" });
    await assert.rejects(device().update("dev-1", again, renamed), /"device-dev-1" is taken: .*made by you/);
  });

  it("is deleted at its end, recovered by the next one under the name, and purged where that is set", async () => {
    await device().delete("dev-1", outs);
    assert.equal(azure.vault.certificates.deleted.size, 1);
    const again = (await device().create(inputs)).outs;
    assert.equal(azure.vault.certificates.live.get("device-dev-1")?.length, 2);
    // The one whose place was taken leaves the name alone.
    await device().delete("dev-1", outs);
    assert.equal(azure.vault.certificates.live.size, 1);
    await device().delete("dev-1", { ...again, softDeleted: "purge" });
    assert.deepEqual([azure.vault.certificates.live.size, azure.vault.certificates.deleted.size], [0, 0]);
    await device().delete("dev-1", again);
  });

  it("is gone with its vault, and needs none to end", async () => {
    azure.vault.isGone = true;
    assert.equal((await device().read("dev-1", outs)).id, "");
    await device().delete("dev-1", outs);
    azure.vault.isGone = false;
    azure.vault.forbidden = 1;
    await assert.rejects(device().read("dev-1", outs), /ForbiddenByRbac/);
  });

  it("is left to an inaccessible vault of the stack's own, and to no other vault", async () => {
    azure.vault.forbidden = 1;
    await assert.rejects(device().delete("dev-1", outs), /ForbiddenByRbac/);
    const own = (await device().create({ ...inputs, vaultOfStack: true })).outs;
    assert.deepEqual((await device().diff("", outs, { ...inputs, vaultOfStack: true })).changes, false);
    azure.vault.forbidden = 1;
    await device().delete("dev-1", own);
    assert.match(azure.messages.join(), /"device-dev-1" was not deleted: this identity no longer has access/);
  });

  it("does not write over a certificate of others, and says what is missing", async () => {
    await assert.rejects(device().create({ ...inputs, owner: "you" }), /"device-dev-1" is taken: .*made by me/);
    const { failures } = await device().check({}, { ...inputs, storedName: undefined, owner: undefined });
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["storedName", "owner"],
    );
    assert.deepEqual((await device().diff("", outs, { ...inputs, vaultUri: undefined })).replaces, ["vaultUri"]);
  });
});
