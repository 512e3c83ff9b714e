import { strict as assert } from "node:assert";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import type { ClientOptions } from "../../../azure/clients/jsonClient";
import { VaultCertificatesClient } from "../../../azure/clients/vaultCertificates";
import { VaultKeysClient } from "../../../azure/clients/vaultKeys";
import { VaultSecretsClient } from "../../../azure/clients/vaultSecrets";
import { handler as authorityHandler } from "../../../providers/handlers/certificateAuthority";
import { handler as deviceHandler } from "../../../providers/handlers/deviceCertificate";
import { handler as accessHandler } from "../../../providers/handlers/vaultAccess";
import type { World } from "../../../providers/handlers/world";
import { fakeAzure, fakeWorld } from "../../cast/fakeWorld";
import { type VaultDesk, vaultDesk } from "../../cast/vaultDesk";

const VAULT_URI = "https://vault-1.vault.azure.net";

/** The handlers over the toolkit's clients and the local vault, all in this process. */
describe("handlers over the local Key Vault", () => {
  let desk: VaultDesk;
  let world: World;
  const signed = { keys: 0 };

  before(async () => {
    desk = await vaultDesk();
    const httpClient: HttpClient = {
      async sendRequest(request) {
        const { host, pathname, search } = new URL(request.url);
        if (pathname.endsWith("/sign")) signed.keys += 1;
        const headers = { ...request.headers.toJSON(), host };
        const body = typeof request.body === "string" ? request.body : undefined;
        const answer = await desk.send(request.method, `${pathname}${search}`, body, headers);
        const bodyAsText = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
        return { request, status: answer.status, headers: createHttpHeaders(), bodyAsText };
      },
    };
    const credential = { getToken: async () => ({ token: desk.token(), expiresOnTimestamp: Date.now() + 3_600_000 }) };
    const options: ClientOptions = { httpClient, credential, retryDelayMs: 1 };
    world = {
      ...fakeWorld(fakeAzure()),
      pause: async (milliseconds) => desk.services.clock.advance(milliseconds / 1000),
      vaultKeys: (uri) => new VaultKeysClient(uri, options),
      vaultSecrets: (uri) => new VaultSecretsClient(uri, options),
      vaultCertificates: (uri) => new VaultCertificatesClient(uri, options),
    };
  });

  after(() => desk.close());

  const order = (keyAlgorithm: string, more: object = {}) => ({
    ...{ rootName: "R", intermediateName: "I", keyAlgorithm, rootLifetimeDays: 3650, intermediateLifetimeDays: 1825 },
    ...{ vaultUri: VAULT_URI, rootKeyName: `root-${keyAlgorithm}`, intermediateKeyName: `line-${keyAlgorithm}` },
    ...{ owner: "me", softDeleted: "recover", ...more },
  });
  const state = async (outs: Record<string, unknown>) => {
    const { rootKeyState, intermediateKeyState } = (await authorityHandler(world).read("", outs)).props;
    return [rootKeyState, intermediateKeyState].map((text) => String(text).split(":")[0]);
  };

  for (const keyAlgorithm of ["EC-P256", "EC-P384", "RSA-2048"]) {
    it(`issue by keys of kind ${keyAlgorithm} that stay there, through deletion, recovery and purge`, async function () {
      this.timeout(20_000);
      const handler = authorityHandler(world);
      const inputs = order(keyAlgorithm);
      signed.keys = 0;
      const { outs } = await handler.create(inputs);
      assert.equal(signed.keys, 2);
      const [root, line] = [String(outs.rootCertificate), String(outs.intermediateCertificate)];
      assert.ok(new X509Certificate(line).verify(new X509Certificate(root).publicKey));
      assert.deepEqual(await state(outs), ["enabled", "enabled"]);
      await handler.delete("", outs);
      assert.deepEqual(await state(outs), ["deleted", "deleted"]);
      const again = (await handler.create(inputs)).outs;
      assert.deepEqual([again.rootKeyId, again.intermediateKeyId], [outs.rootKeyId, outs.intermediateKeyId]);
      await handler.delete("", { ...again, softDeleted: "purge" });
      assert.deepEqual(await state(again), ["purged", "purged"]);
    });
  }

  it("wait for a vault that takes its time to delete, recover and purge", async () => {
    const handler = authorityHandler(world);
    const inputs = order("EC-P256", { rootKeyName: "slow-root", intermediateKeyName: "slow-line" });
    desk.services.switches.realDelays = true;
    try {
      const { outs } = await handler.create(inputs);
      await handler.delete("", outs);
      assert.equal((await handler.create(inputs)).outs.rootKeyId, outs.rootKeyId);
      await handler.delete("", { ...outs, softDeleted: "purge" });
      assert.notEqual((await handler.create(inputs)).outs.rootKeyId, outs.rootKeyId);
    } finally {
      desk.services.switches.realDelays = false;
    }
  });

  it("follow a rotation that the vault makes, whose tags it keeps", async () => {
    const handler = authorityHandler(world);
    const inputs = order("EC-P256", { rootKeyName: "turn-root", intermediateKeyName: "turn-line" });
    const { outs } = await handler.create(inputs);
    assert.equal((await desk.vault("POST", "/keys/turn-line/rotate", {})).status, 200);
    assert.deepEqual(await state(outs), ["enabled", "rotated"]);
    const seen = (await handler.read("", outs)).props;
    const next = (await handler.update("", seen, inputs)).outs;
    assert.notEqual(next.intermediateKeyId, outs.intermediateKeyId);
    assert.deepEqual(await state(next), ["enabled", "enabled"]);
    const root = new X509Certificate(String(outs.rootCertificate));
    assert.ok(new X509Certificate(String(next.intermediateCertificate)).verify(root.publicKey));
  });

  it("enable and recover keys that were taken away", async () => {
    const handler = authorityHandler(world);
    const inputs = order("EC-P256", { rootKeyName: "lost-root", intermediateKeyName: "lost-line" });
    const { outs } = await handler.create(inputs);
    const path = new URL(String(outs.rootKeyId)).pathname;
    assert.equal((await desk.vault("PATCH", path, { attributes: { enabled: false } })).status, 200);
    assert.equal((await desk.vault("DELETE", "/keys/lost-line")).status, 200);
    assert.deepEqual(await state(outs), ["disabled", "deleted"]);
    const seen = (await handler.read("", outs)).props;
    assert.deepEqual((await handler.update("", seen, inputs)).outs, outs);
    assert.deepEqual(await state(outs), ["enabled", "enabled"]);
  });

  it("keep a device's key as a certificate, whose secret gives it back with its chain", async () => {
    const ca = (await authorityHandler(world).create({ rootName: "R", intermediateName: "I" })).outs;
    const inputs = {
      ...{ registrationId: "dev-1", issuerCertificate: ca.intermediateCertificate, issuerKey: ca.intermediateKey },
      ...{ issuerChain: ca.rootCertificate, keyAlgorithm: "EC-P256", lifetimeDays: 30, renewBeforeDays: 0 },
      ...{ vaultUri: VAULT_URI, storedName: "device-dev-1", owner: "me", softDeleted: "purge" },
    };
    const handler = deviceHandler(world);
    const { outs } = await handler.create(inputs);
    const [version = "", name = ""] = String(outs.secretId).split("/").reverse();
    const secret = await world.vaultSecrets(VAULT_URI).get(name, version);
    const pem = secret?.value ?? "";
    assert.equal(pem.match(/BEGIN CERTIFICATE/g)?.length, 3);
    assert.ok(new X509Certificate(String(outs.certificate)).checkPrivateKey(createPrivateKey(pem)));
    assert.deepEqual((await handler.read("dev-1", outs)).props, outs);
    const renewed = (await handler.update("dev-1", outs, inputs)).outs;
    assert.notEqual(renewed.secretId, outs.secretId);
    await handler.delete("dev-1", renewed);
    assert.equal((await desk.vault("GET", "/deletedcertificates/device-dev-1")).status, 404);
    assert.equal((await handler.read("dev-1", renewed)).id, "");
  });

  it("are let in by a role when it arrives, and told why not before", async () => {
    const inputs = { vaultUri: VAULT_URI, kinds: ["keys"], grants: ["/role"] };
    desk.vaults.change({ enableRbacAuthorization: true });
    try {
      await assert.rejects(accessHandler(world).create({ ...inputs, grants: [] }), /ForbiddenByRbac/);
      let pauses = 0;
      const late: World = {
        ...world,
        pause: async () => {
          pauses += 1;
          if (pauses === 3) desk.vaults.granted = ["Microsoft.KeyVault/vaults/keys/read"];
        },
      };
      assert.equal((await accessHandler(late).create(inputs)).outs.openUri, VAULT_URI);
      assert.equal(pauses, 3);
    } finally {
      desk.vaults.change({});
    }
  });

  it("say that a vault is gone, and end without it", async () => {
    const inputs = order("EC-P256", { rootKeyName: "gone-root", intermediateKeyName: "gone-line" });
    const { outs } = await authorityHandler(world).create(inputs);
    const { vaults } = desk.vaults;
    desk.vaults.vaults = [];
    try {
      assert.deepEqual(await state(outs), ["deleted", "deleted"]);
      await authorityHandler(world).delete("", outs);
    } finally {
      desk.vaults.vaults = vaults;
    }
  });
});
