import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import { createRequest } from "../../certs/request";
import { type AzureClient, azureClient } from "../cast/azureClient";
import { newSigner } from "../cast/certs";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import { ProjectCommands } from "../cast/operator/projectCommands";
import type { Ended } from "../cast/pulumiProject";
import { StackProject } from "../cast/stackProject";

const ok = ({ code, output }: Ended): string => {
  assert.equal(code, 0, output);
  return output;
};

const NAMES = { resourceGroupName: "rg-line", keyVaultName: "kv-line-1" };

/** The names of the updated resources, and how many of each kind Pulumi counts at the end. */
const changed = (output: string): readonly (string | undefined)[] => [
  ...[...output.matchAll(/^ ~ {2}\S+ (\S+) updated /gm)].map(([, name]) => name).sort(),
  /^Resources:\n {4}(.*)\n {4}\d+ unchanged\n/m.exec(output)?.[1],
];

/** A stack with CA keys that never leave the vault, with the real engine: created, destroyed, and again. */
describe("a stack with its keys in a key vault", function () {
  this.timeout(300_000);
  let azure: TestAzure;
  let project: StackProject;
  let vault: AzureClient;
  let rootKeyId = "";

  const destroy = async (): Promise<void> => {
    ok(await project.run("destroy", "--yes", "--skip-preview", "--stack", "dev"));
    assert.deepEqual(project.resources(), []);
  };
  const outputsOf = async (type: string): Promise<Readonly<Record<string, unknown>>> =>
    project.resources().find((resource) => resource.type === `pulumi-nodejs:dynamic/iot:${type}`)?.outputs ?? {};
  const isProved = async (): Promise<void> => {
    const { devices } = project.outputs();
    const seen = (devices as { status: string; telemetry: { accepted: number } }[]).map(
      ({ status, telemetry }) => `${status} ${telemetry.accepted}`,
    );
    assert.deepEqual(seen, ["assigned 204", "assigned 204"]);
  };

  before(async () => {
    azure = await startTestAzure();
    vault = azureClient(azure.ready);
    project = await StackProject.create(azure.env);
    await project.attachProviders();
  });

  after(async () => {
    project?.remove();
    await vault?.close();
    await azure?.close();
  });

  it("registers devices under a CA whose keys the vault made, and has no private key in state or output", async () => {
    project.configure({ ...NAMES, caKeys: "keyVault", deviceCredentials: "keyVault" });
    const output = ok(await project.up());
    await isProved();
    const text = project.exported();
    assert.doesNotMatch(text + output, /PRIVATE KEY/);
    rootKeyId = String((await outputsOf("CertificateAuthority")).rootKeyId);
    assert.match(rootKeyId, /^https:\/\/kv-line-1\.vault\.azure\.net\/keys\/zero-touch-root\/[0-9a-f]{32}$/);
    const device = await outputsOf("DeviceCertificate");
    assert.match(String(device.secretId), /\/secrets\/device-[a-z0-9-]+\/[0-9a-f]{32}$/);
    assert.equal(device.privateKey, undefined);
    // What `npm run up` shows at its end.
    const { keyVault } = project.outputs();
    const { name, uri, keys, secrets } = keyVault as Readonly<Record<string, unknown>>;
    assert.deepEqual([name, uri, (keys as string[])[0]], ["kv-line-1", "https://kv-line-1.vault.azure.net", rootKeyId]);
    assert.ok((secrets as string[]).includes(String(device.secretId)), String(secrets));
  });

  it("signs for an operator by the root's key in the vault: New-IntermediateCertificate", async () => {
    const commands = new ProjectCommands(project, vault);
    try {
      const request = await createRequest({ commonName: "line", signer: await newSigner() });
      const parameters = { Name: "Line 2 CA", CertificateRequest: request.replaceAll("\n", "") };
      const { certificate, chain } = await commands.run("New-IntermediateCertificate", parameters);
      assert.ok(new X509Certificate(certificate).verify(new X509Certificate(chain).publicKey));
      assert.match(new X509Certificate(certificate).subject, /CN=Line 2 CA/);
    } finally {
      await commands.close();
    }
  });

  it("sees no change afterwards, in Azure and in its program, but that a key was deleted outside of Pulumi, and recovers it", async () => {
    const bearer = await vault.token("https://vault.azure.net/.default");
    const url = "https://kv-line-1.vault.azure.net/keys/zero-touch-intermediate?api-version=7.4";
    assert.equal((await vault.send("DELETE", url, { bearer })).status, 200);
    const refreshed = ok(await project.run("refresh", "--yes", "--skip-preview", "--stack", "dev"));
    // The service has its links in its state, too, from now on.
    assert.deepEqual(changed(refreshed), ["zero-touch-ca", "zero-touch-dps", "~ 2 updated"]);
    const seen = String((await outputsOf("CertificateAuthority")).intermediateKeyState);
    assert.match(seen, /^deleted: it signs nothing; `pulumi up` recovers it, possible until /);
    assert.deepEqual(changed(ok(await project.up())), ["zero-touch-ca", "~ 1 updated"]);
    assert.equal((await outputsOf("CertificateAuthority")).intermediateKeyState, "enabled");
  });

  it("recovers vault, keys and certificates of an earlier stack of the same names", async () => {
    await destroy();
    ok(await project.up());
    await isProved();
    assert.equal((await outputsOf("CertificateAuthority")).rootKeyId, rootKeyId);
    assert.equal((await outputsOf("VaultName")).createMode, "recover");
  });

  it("returns to keys of the stack: deletes the vault's contents, then the rights, then the vault", async () => {
    project.configure(NAMES);
    ok(await project.up());
    await isProved();
    const names = project.resources().map(({ urn }) => urn.split("::").at(-1) ?? "");
    assert.deepEqual(
      names.filter((name) => name.includes("-kv")),
      [],
    );
  });

  it("purges vault, keys and certificates where that is set, before the first up and at destroy", async () => {
    const deleted = () =>
      vault.arm("GET", "/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-line-1");
    assert.equal((await deleted()).status, 200);
    project.configure({ ...NAMES, caKeys: "keyVault", keyVaultSoftDeleted: "purge" });
    ok(await project.up());
    await isProved();
    assert.notEqual((await outputsOf("CertificateAuthority")).rootKeyId, rootKeyId);
    assert.equal((await outputsOf("VaultName")).createMode, "default");
    await destroy();
    assert.equal((await deleted()).status, 404);
    assert.doesNotMatch(azure.log(), /PRIVATE KEY/);
  });
});
