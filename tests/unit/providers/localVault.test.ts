import { strict as assert } from "node:assert";
import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSas } from "../../../azure/sas";
import { handler as authorityHandler } from "../../../providers/handlers/certificateAuthorityHandler";
import { handler as deviceHandler } from "../../../providers/handlers/deviceCertificateHandler";
import { handler as individualHandler } from "../../../providers/handlers/individualEnrollmentHandler";
import type { AzureGateway } from "../../../providers/handlers/resource/azureGateway";
import { handler as accessHandler } from "../../../providers/handlers/vaultAccessHandler";
import { DataPlane, DPS_HOST } from "../../cast/dataPlane";
import { dpsGateway } from "../../cast/dpsGateway";
import { fakeAzure, fakeGateway } from "../../cast/fakeGateway";
import { imported } from "../../cast/imported";
import { vaultGateway } from "../../cast/vaultGateway";
import { type VaultHarness, vaultHarness } from "../../cast/vaultHarness";

const VAULT_URI = "https://vault-1.vault.azure.net";

/** The handlers over the toolkit's clients and the local vault, all in this process. */
describe("handlers over the local Key Vault", () => {
  let harness: VaultHarness;
  let gateway: AzureGateway;
  const signed = { keys: 0 };

  before(async () => {
    harness = await vaultHarness();
    const heard = (pathname: string): void => {
      if (pathname.endsWith("/sign")) signed.keys += 1;
    };
    gateway = { ...fakeGateway(fakeAzure()), ...vaultGateway(harness, heard) };
  });

  after(() => harness.close());

  const order = (keyAlgorithm: string, more: object = {}) => ({
    ...{ rootName: "R", intermediateName: "I", keyAlgorithm, rootLifetimeDays: 3650, intermediateLifetimeDays: 1825 },
    ...{ vaultUri: VAULT_URI, rootKeyName: `root-${keyAlgorithm}`, intermediateKeyName: `line-${keyAlgorithm}` },
    ...{ owner: "me", softDeleted: "recover", ...more },
  });
  const state = async (outs: Record<string, unknown>) => {
    const { rootKeyState, intermediateKeyState } = (await authorityHandler(gateway).read("", outs)).props;
    return [rootKeyState, intermediateKeyState].map((text) => String(text).split(":")[0]);
  };

  for (const keyAlgorithm of ["EC-P256", "EC-P384", "RSA-2048"]) {
    it(`issue by keys of kind ${keyAlgorithm} that stay there, through deletion, recovery and purge`, async function () {
      this.timeout(120_000);
      const handler = authorityHandler(gateway);
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

  it("import by a vault's key IDs, and by the name of a certificate, what they made", async () => {
    const folder = mkdtempSync(join(tmpdir(), "local-vault-"));
    try {
      const [program, file] = [
        order("EC-P256", { rootKeyName: "r3", intermediateKeyName: "i3" }),
        join(folder, "ca.pem"),
      ];
      const { outs: ca } = await authorityHandler(gateway).create(program);
      writeFileSync(file, `${ca.rootCertificate}${ca.intermediateCertificate}`);
      const authority = await imported(
        authorityHandler(gateway),
        `${file},${VAULT_URI}/keys/r3,${ca.intermediateKeyId}`,
      );
      assert.equal(await authority.isChangedBy(program), false);
      assert.deepEqual(await state(authority.props), ["enabled", "enabled"]);
      const device = {
        ...{ registrationId: "found", vaultUri: VAULT_URI, storedName: "device-found", owner: "me" },
        ...{ issuerCertificate: ca.intermediateCertificate, issuerKey: ca.intermediateKeyId },
        issuerChain: ca.rootCertificate,
      };
      const { outs } = await deviceHandler(gateway).create(device);
      const found = await imported(deviceHandler(gateway), `${VAULT_URI}/certificates/device-found`);
      assert.deepEqual([found.props.secretId, found.props.certificateChain], [outs.secretId, outs.certificateChain]);
      assert.equal(await found.isChangedBy(device), false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("delete once more what is deleted already, as a run does that goes on from one that was killed", async () => {
    const owned = { owner: "me", softDeleted: "recover" };
    const ca = (
      await authorityHandler(gateway).create(order("EC-P256", { rootKeyName: "r2", intermediateKeyName: "i2" }))
    ).outs;
    const issuer = { issuerCertificate: ca.intermediateCertificate, issuerKey: ca.intermediateKeyId };
    const inputs = { registrationId: "twice", ...issuer, vaultUri: VAULT_URI, storedName: "device-twice", ...owned };
    const { outs } = await deviceHandler(gateway).create(inputs);
    for (const softDeleted of ["recover", "recover", "purge", "purge"]) {
      await deviceHandler(gateway).delete("twice", { ...outs, softDeleted });
      await authorityHandler(gateway).delete("", { ...ca, softDeleted });
      const there = (await harness.vault("GET", "/deletedcertificates/device-twice")).status;
      assert.equal(there, softDeleted === "purge" ? 404 : 200);
    }
    assert.deepEqual(await state(ca), ["purged", "purged"]);
  });

  it("wait for a vault that takes its time to delete, recover and purge", async () => {
    const handler = authorityHandler(gateway);
    const inputs = order("EC-P256", { rootKeyName: "slow-root", intermediateKeyName: "slow-line" });
    harness.services.switches.realDelays = true;
    try {
      const { outs } = await handler.create(inputs);
      await handler.delete("", outs);
      assert.equal((await handler.create(inputs)).outs.rootKeyId, outs.rootKeyId);
      await handler.delete("", { ...outs, softDeleted: "purge" });
      assert.notEqual((await handler.create(inputs)).outs.rootKeyId, outs.rootKeyId);
    } finally {
      harness.services.switches.realDelays = false;
    }
  });

  it("follow a rotation that the vault makes, whose tags it keeps", async () => {
    const handler = authorityHandler(gateway);
    const inputs = order("EC-P256", { rootKeyName: "turn-root", intermediateKeyName: "turn-line" });
    const { outs } = await handler.create(inputs);
    assert.equal((await harness.vault("POST", "/keys/turn-line/rotate", {})).status, 200);
    assert.deepEqual(await state(outs), ["enabled", "rotated"]);
    const seen = (await handler.read("", outs)).props;
    const next = (await handler.update("", seen, inputs)).outs;
    assert.notEqual(next.intermediateKeyId, outs.intermediateKeyId);
    assert.deepEqual(await state(next), ["enabled", "enabled"]);
    const root = new X509Certificate(String(outs.rootCertificate));
    assert.ok(new X509Certificate(String(next.intermediateCertificate)).verify(root.publicKey));
  });

  it("enable and recover keys that were taken away", async () => {
    const handler = authorityHandler(gateway);
    const inputs = order("EC-P256", { rootKeyName: "lost-root", intermediateKeyName: "lost-line" });
    const { outs } = await handler.create(inputs);
    const path = new URL(String(outs.rootKeyId)).pathname;
    assert.equal((await harness.vault("PATCH", path, { attributes: { enabled: false } })).status, 200);
    assert.equal((await harness.vault("DELETE", "/keys/lost-line")).status, 200);
    assert.deepEqual(await state(outs), ["disabled", "deleted"]);
    const seen = (await handler.read("", outs)).props;
    assert.deepEqual((await handler.update("", seen, inputs)).outs, outs);
    assert.deepEqual(await state(outs), ["enabled", "enabled"]);
  });

  it("keep a device's key as a certificate, whose secret gives it back with its chain", async () => {
    const ca = (await authorityHandler(gateway).create({ rootName: "R", intermediateName: "I" })).outs;
    const inputs = {
      ...{ registrationId: "dev-1", issuerCertificate: ca.intermediateCertificate, issuerKey: ca.intermediateKey },
      ...{ issuerChain: ca.rootCertificate, keyAlgorithm: "EC-P256", lifetimeDays: 30, renewBeforeDays: 0 },
      ...{ vaultUri: VAULT_URI, storedName: "device-dev-1", owner: "me", softDeleted: "purge" },
    };
    const handler = deviceHandler(gateway);
    const { outs } = await handler.create(inputs);
    const [version = "", name = ""] = String(outs.secretId).split("/").reverse();
    const secret = await gateway.vaultSecrets(VAULT_URI).get(name, version);
    const pem = secret?.value ?? "";
    assert.equal(pem.match(/BEGIN CERTIFICATE/g)?.length, 3);
    assert.ok(new X509Certificate(String(outs.certificate)).checkPrivateKey(createPrivateKey(pem)));
    assert.deepEqual((await handler.read("dev-1", outs)).props, outs);
    const renewed = (await handler.update("dev-1", outs, inputs)).outs;
    assert.notEqual(renewed.secretId, outs.secretId);
    await handler.delete("dev-1", renewed);
    assert.equal((await harness.vault("GET", "/deletedcertificates/device-dev-1")).status, 404);
    assert.equal((await handler.read("dev-1", renewed)).id, "");
  });

  it("keep an enrollment's keys as secrets, by which the device registers with the local DPS", async () => {
    const plane = new DataPlane();
    const both: AzureGateway = { ...dpsGateway(plane, fakeAzure()), ...vaultGateway(harness) };
    const handler = individualHandler(both);
    const { inputs } = await handler.check(
      {},
      {
        ...{ serviceEndpoint: DPS_HOST, registrationId: "dev-2", symmetricKey: {}, vaultUri: VAULT_URI },
        ...{ storedName: "enrollment-dev-2", owner: "me", softDeleted: "recover" },
      },
    );
    const registered = async (name: string): Promise<number> => {
      const stored = await both.vaultSecrets(VAULT_URI).get(`enrollment-dev-2-${name}`);
      const resource = `${plane.directory.service.idScope}/registrations/dev-2`;
      const expiry = Math.floor(plane.clock.now().getTime() / 1000) + 60;
      const authorization = createSas(resource, stored?.value ?? "", expiry, "registration");
      return (await plane.register("dev-2", [], { headers: { authorization } })).status;
    };
    const { id, outs } = await handler.create(inputs);
    assert.deepEqual([await registered("primary"), await registered("secondary")], [202, 202]);
    assert.deepEqual(await handler.read(id, outs), { id, props: outs, inputs });

    const value = randomBytes(64).toString("base64");
    await harness.vault("PUT", "/secrets/enrollment-dev-2-primary", { value });
    assert.equal(await registered("primary"), 401);
    const seen = (await handler.read(id, outs)).props;
    assert.match(String(seen.primaryKeyState), /^rotated: /);
    const rotated = (await handler.update(id, seen, inputs)).outs;
    assert.deepEqual([await registered("primary"), await registered("secondary")], [202, 202]);
    const newest = await both.vaultSecrets(VAULT_URI).get("enrollment-dev-2-primary");
    assert.deepEqual([newest?.id, newest?.value], [rotated.primaryKeyId, value]);
    assert.deepEqual(newest?.tags, { "zero-touch-owner": "me" });

    const path = new URL(String(rotated.secondaryKeyId)).pathname;
    assert.equal((await harness.vault("PATCH", path, { attributes: { enabled: false } })).status, 200);
    const disabled = (await handler.read(id, rotated)).props;
    assert.match(String(disabled.secondaryKeyState), /^disabled: /);
    const next = (await handler.update(id, disabled, inputs)).outs;
    assert.deepEqual((await handler.read(id, next)).props, next);
    assert.deepEqual(next, { ...rotated, etag: next.etag, lastUpdatedDateTimeUtc: next.lastUpdatedDateTimeUtc });

    harness.services.switches.realDelays = true;
    try {
      await handler.delete(id, next);
      const again = await handler.create(inputs);
      assert.deepEqual(again.outs.primaryKeyId, rotated.primaryKeyId);
      assert.equal(await registered("primary"), 202);
      const said = JSON.stringify([outs, seen, rotated, disabled, next, again]);
      const secret = await both.vaultSecrets(VAULT_URI).get("enrollment-dev-2-secondary");
      for (const key of [value, secret?.value ?? ""]) assert.ok(!said.includes(key.slice(0, 20)));
      await handler.delete(id, { ...again.outs, softDeleted: "purge" });
      assert.equal((await harness.vault("GET", "/deletedsecrets/enrollment-dev-2-primary")).status, 404);
    } finally {
      harness.services.switches.realDelays = false;
    }
  });

  it("have access once a role takes effect, and get the reason before", async () => {
    const inputs = { vaultUri: VAULT_URI, kinds: ["keys"], grants: ["/role"] };
    harness.vaults.change({ enableRbacAuthorization: true });
    try {
      await assert.rejects(accessHandler(gateway).create({ ...inputs, grants: [] }), /ForbiddenByRbac/);
      let pauses = 0;
      const late: AzureGateway = {
        ...gateway,
        pause: async () => {
          pauses += 1;
          if (pauses === 3) harness.vaults.granted = ["Microsoft.KeyVault/vaults/keys/read"];
        },
      };
      assert.equal((await accessHandler(late).create(inputs)).outs.openUri, VAULT_URI);
      assert.equal(pauses, 3);
    } finally {
      harness.vaults.change({});
    }
  });

  it("say that a vault is gone, and end without it", async () => {
    const inputs = order("EC-P256", { rootKeyName: "gone-root", intermediateKeyName: "gone-line" });
    const { outs } = await authorityHandler(gateway).create(inputs);
    const { vaults } = harness.vaults;
    harness.vaults.vaults = [];
    try {
      assert.deepEqual(await state(outs), ["deleted", "deleted"]);
      await authorityHandler(gateway).delete("", outs);
    } finally {
      harness.vaults.vaults = vaults;
    }
  });
});
