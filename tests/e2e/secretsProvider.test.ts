import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type AzureClient, azureClient } from "../cast/azureClient";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import { PulumiProject } from "../cast/pulumiProject";
import { signedIn } from "../cast/signedIn";

const VAULT = "/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/team-vault";
const KEYS = "https://team-vault.vault.azure.net/keys";
const PROVIDER = "azurekeyvault://team-vault.vault.azure.net/keys/pulumi";
const PLAIN = "correct-horse-battery";
const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
exports.password = new pulumi.Config().requireSecret("password");
`;

/** Pulumi's own Go client of Key Vault (gocloud.dev), in the real CLI: key wrapped by the vault, no passphrase at all. */
describe("Pulumi's own secrets in Key Vault", function () {
  this.timeout(300_000);
  let azure: TestAzure;
  let client: AzureClient;
  let project: PulumiProject;
  let token = "";

  before(async () => {
    azure = await startTestAzure();
    client = azureClient(azure.ready);
    assert.equal((await client.arm("PUT", "/resourceGroups/rg", { body: { location: "westeurope" } })).status, 201);
    await allow("get", "create", "rotate", "encrypt", "decrypt");
    token = await client.token("https://vault.azure.net/.default");
    assert.equal((await key("POST", "/pulumi/create", { kty: "RSA", key_size: 2048 })).status, 200);
    project = await PulumiProject.create(await signedIn(azure, "certificate"), { hasPassphrase: true });
    project.program(PROGRAM);
  });

  after(async () => {
    project?.remove();
    await client?.close();
    await azure?.close();
  });

  /** The vault with an access policy that permits the application these operations on keys. */
  async function allow(...keys: string[]): Promise<void> {
    const { tenantId, objectId } = azure.ready;
    const accessPolicies = [{ tenantId, objectId, permissions: { keys } }];
    const properties = { tenantId, sku: { family: "A", name: "standard" }, accessPolicies };
    const { status, body } = await client.arm("PUT", VAULT, { body: { location: "westeurope", properties } });
    assert.ok(status === 200 || status === 201, JSON.stringify(body));
  }

  const key = (method: string, path: string, body: object) =>
    client.send(method, `${KEYS}${path}?api-version=7.4`, { bearer: token, body });

  /** No passphrase: only the vault can open what is encrypted. */
  const run = (...args: string[]) =>
    project.runWith({ PULUMI_CONFIG_PASSPHRASE: "", PULUMI_CONFIG_PASSPHRASE_FILE: "" }, ...args);
  const good = async (...args: string[]): Promise<string> => {
    const { code, output } = await run(...args);
    assert.equal(code, 0, output);
    return output;
  };

  /** Every file of the project: stack files, state, its history and backups. */
  function texts(folder = project.folder): string[] {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "home" ? [] : texts(path);
      return entry.isFile() && statSync(path).size < 1_000_000 ? [readFileSync(path, "utf8")] : [];
    });
  }

  const password = (stack: string) => good("stack", "output", "password", "--show-secrets", "--stack", stack);

  it("encrypts a stack's secrets with the vault's key: nothing is plain in its file, state and history", async () => {
    await good("stack", "init", "team", "--secrets-provider", PROVIDER);
    await good("config", "set", "--secret", "password", PLAIN, "--stack", "team");
    assert.match(
      readFileSync(join(project.folder, "Pulumi.team.yaml"), "utf8"),
      /secretsprovider: azurekeyvault:.*\nencryptedkey: /,
    );
    // A preview and an update.
    await good("up", "--yes", "--stack", "team");
    assert.equal((await password("team")).trim(), PLAIN);
    const all = texts();
    assert.ok(all.some((text) => text.includes("azurekeyvault://")));
    for (const text of all) assert.ok(!text.includes(PLAIN));
  });

  it("converts a stack from a passphrase", async () => {
    await project.run("config", "set", "--secret", "password", PLAIN, "--stack", "dev");
    await project.run("up", "--yes", "--skip-preview", "--stack", "dev");
    const { code, output } = await project.run("stack", "change-secrets-provider", PROVIDER, "--stack", "dev");
    assert.equal(code, 0, output);
    assert.equal((await password("dev")).trim(), PLAIN);
  });

  it("reports Key Vault's error: no permission to decrypt, no key, no vault", async () => {
    await allow("get", "encrypt");
    const failed = await run("stack", "output", "password", "--show-secrets", "--stack", "team");
    await allow("get", "create", "rotate", "encrypt", "decrypt");
    assert.notEqual(failed.code, 0);
    assert.match(failed.output, /ERROR CODE: Forbidden/);
    assert.match(failed.output, /keys decrypt|Microsoft\.KeyVault\/vaults\/keys\/decrypt/);
    for (const [provider, code] of [
      ["azurekeyvault://team-vault.vault.azure.net/keys/none", /KeyNotFound/],
      ["azurekeyvault://no-such-vault.vault.azure.net/keys/pulumi", /no-such-vault/],
    ] as const) {
      const failed = await run("stack", "init", "failed", "--secrets-provider", provider);
      assert.notEqual(failed.code, 0);
      assert.match(failed.output, code);
      assert.doesNotMatch(failed.output, /eyJ/);
    }
  });

  it("survives a rotation of the key only if the stack names the version", async () => {
    const version = async (): Promise<string> => {
      const { body } = await client.send("GET", `${KEYS}/pulumi/?api-version=7.4`, { bearer: token });
      return (body as { key: { kid: string } }).key.kid.split("/").at(-1) ?? "";
    };
    const old = await version();
    await good("stack", "init", "pinned", "--secrets-provider", `${PROVIDER}/${old}`);
    await good("config", "set", "--secret", "password", PLAIN, "--stack", "pinned");
    assert.equal((await key("POST", "/pulumi/rotate", {})).status, 200);
    assert.notEqual(await version(), old);
    assert.equal((await good("config", "get", "password", "--stack", "pinned")).trim(), PLAIN);
    await good("stack", "change-secrets-provider", `${PROVIDER}/${await version()}`, "--stack", "pinned");
    assert.equal((await good("config", "get", "password", "--stack", "pinned")).trim(), PLAIN);
    // gocloud.dev asks the latest version to decrypt what an older one encrypted: so it is with Azure too.
    const latest = await run("config", "get", "password", "--stack", "team");
    assert.notEqual(latest.code, 0);
    assert.match(latest.output, /ERROR CODE: BadParameter/);
  });
});
