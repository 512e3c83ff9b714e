import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { az as installedAz, pythonVault } from "../cast/clientKit";
import { startTestAzure, type TestAzure } from "../cast/localAzure";

const [GROUP, VAULT] = ["clients", "clients-vault"];
const ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483";

describe("Azure's own clients of Key Vault, unmodified, against the local Azure", function () {
  this.timeout(900_000);
  const folder = mkdtempSync(join(tmpdir(), "key-vault-"));
  let azure: TestAzure;
  let run: Awaited<ReturnType<typeof installedAz>>;

  before(async () => {
    run = await installedAz();
    azure = await startTestAzure();
    const { clientId, clientSecret, tenantId } = azure.ready;
    const file = join(folder, "secret");
    writeFileSync(file, clientSecret, { mode: 0o600 });
    const principal = ["--username", clientId, "--password", `@${file}`, "--tenant", tenantId];
    await az("[].id", "login", "--service-principal", ...principal);
    await az("name", "group", "create", "--name", GROUP, "--location", "westeurope");
  });

  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await azure?.close();
  });

  const ask = (query: string, args: readonly string[]) =>
    run([...args, "--output", "tsv", "--query", query], {
      ...azure.env,
      AZURE_CONFIG_DIR: join(folder, "az"),
      AZURE_CORE_COLLECT_TELEMETRY: "0",
    });

  /** The lines that az prints as TSV of a query; it must succeed. */
  async function az(query: string, ...args: string[]): Promise<string[]> {
    const { code, out, complaint } = await ask(query, args);
    assert.equal(code, 0, complaint);
    return out.trim().split(/\r?\n/);
  }

  /** What az says of a refusal; it must fail. */
  async function refused(...args: string[]): Promise<string> {
    const { code, complaint } = await ask("@", args);
    assert.notEqual(code, 0);
    return complaint;
  }

  const here = ["--vault-name", VAULT];
  const secret = [...here, "--name", "from-az"];

  it("az: creates a vault that roles decide about, and lets itself in", async () => {
    const create = ["keyvault", "create", "--name", VAULT, "--resource-group", GROUP, "--location", "westeurope"];
    const [id = ""] = await az("id", ...create, "--retention-days", "7");
    assert.match(id, /\/vaults\/clients-vault$/);
    assert.match(
      await refused("keyvault", "secret", "list", ...here),
      /Forbidden[\s\S]*not authorized to perform action/,
    );
    const role = ["--role", "Key Vault Administrator", "--scope", id];
    const assignee = ["--assignee-object-id", azure.ready.objectId, "--assignee-principal-type", "ServicePrincipal"];
    const [given = ""] = await az("roleDefinitionId", "role", "assignment", "create", ...role, ...assignee);
    assert.ok(given.endsWith(ADMINISTRATOR), given);
    assert.deepEqual(await az("[].name", "keyvault", "list"), [VAULT]);
    const show = ["keyvault", "show", "--name", VAULT];
    assert.deepEqual(await az("properties.vaultUri", ...show), [`https://${VAULT}.vault.azure.net/`]);
  });

  it("az: sets, shows, lists, deletes, recovers and purges a secret", async () => {
    const value = join(folder, "value");
    writeFileSync(value, "hunter2");
    assert.match((await az("id", "keyvault", "secret", "set", ...secret, "--file", value))[0] ?? "", /\/from-az\//);
    assert.deepEqual(await az("value", "keyvault", "secret", "show", ...secret), ["hunter2"]);
    assert.deepEqual(await az("[].name", "keyvault", "secret", "list", ...here), ["from-az"]);
    await az("recoveryId", "keyvault", "secret", "delete", ...secret);
    assert.deepEqual(await az("[].name", "keyvault", "secret", "list-deleted", ...here), ["from-az"]);
    assert.match(await refused("keyvault", "secret", "set", ...secret, "--file", value), /deleted but recoverable/);
    await az("id", "keyvault", "secret", "recover", ...secret);
    await az("recoveryId", "keyvault", "secret", "delete", ...secret);
    await az("@", "keyvault", "secret", "purge", ...secret);
    assert.match(await refused("keyvault", "secret", "show", ...secret), /SecretNotFound/);
  });

  it("Python: azure-keyvault-secrets walks a secret through its life", async () => {
    const python = await pythonVault();
    const { code, out, complaint } = await python("vault_secrets.py", [VAULT], azure.env);
    assert.equal(code, 0, complaint);
    assert.deepEqual(JSON.parse(out), {
      value: "second",
      versions: 2,
      listed: 30,
      deleted: `https://${VAULT}.vault.azure.net/deletedsecrets/from-python`,
      inTheWay: [409, "Conflict"],
      recovered: "from-python",
      gone: [404, "SecretNotFound"],
      restored: "from-python",
      again: "second",
    });
  });

  it("az: deletes the vault, is refused its name, recovers it, and purges it at last", async () => {
    const named = ["--name", VAULT];
    await az("@", "keyvault", "delete", ...named);
    assert.deepEqual(await az("[].name", "keyvault", "list-deleted"), [VAULT]);
    const create = ["keyvault", "create", ...named, "--resource-group", GROUP, "--location", "westeurope"];
    assert.match(await refused(...create), /deleted state|recover/i);
    assert.deepEqual(await az("name", "keyvault", "recover", ...named), [VAULT]);
    await az("@", "keyvault", "delete", ...named);
    await az("@", "keyvault", "purge", ...named);
    assert.deepEqual(await az("length(@)", "keyvault", "list-deleted"), ["0"]);
  });
});
