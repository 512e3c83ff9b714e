import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { createHash, createPublicKey, verify } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientKit, az as installedAz, pythonVault } from "../cast/clientKit";
import { type LaunchedAzure, launchTestAzure } from "../cast/launchedAzure";

const [GROUP, VAULT] = ["clients", "clients-vault"];
const ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483";

describe("Azure's own clients of Key Vault, unmodified, against the local Azure", function () {
  this.timeout(900_000);
  const folder = mkdtempSync(join(tmpdir(), "key-vault-"));
  let azure: LaunchedAzure;
  let run: Awaited<ReturnType<typeof installedAz>>;

  before(async () => {
    run = await installedAz();
    azure = await launchTestAzure();
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
    const { code, out, stderr } = await ask(query, args);
    assert.equal(code, 0, stderr);
    return out.trim().split(/\r?\n/);
  }

  /** What az says of a refusal; it must fail. */
  async function errorOf(...args: string[]): Promise<string> {
    const { code, stderr } = await ask("@", args);
    assert.notEqual(code, 0);
    return stderr;
  }

  const here = ["--vault-name", VAULT];
  const secret = [...here, "--name", "from-az"];

  it("az: creates a vault with role-based access, and assigns itself a role", async () => {
    const create = ["keyvault", "create", "--name", VAULT, "--resource-group", GROUP, "--location", "westeurope"];
    const [id = ""] = await az("id", ...create, "--retention-days", "7");
    assert.match(id, /\/vaults\/clients-vault$/);
    assert.match(
      await errorOf("keyvault", "secret", "list", ...here),
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
    assert.match(await errorOf("keyvault", "secret", "set", ...secret, "--file", value), /deleted but recoverable/);
    await az("id", "keyvault", "secret", "recover", ...secret);
    await az("recoveryId", "keyvault", "secret", "delete", ...secret);
    await az("@", "keyvault", "secret", "purge", ...secret);
    assert.match(await errorOf("keyvault", "secret", "show", ...secret), /SecretNotFound/);
  });

  it("Python: azure-keyvault-secrets uses a secret through its life cycle", async () => {
    const python = await pythonVault();
    const { code, out, stderr } = await python("vault_secrets.py", [VAULT], azure.env);
    assert.equal(code, 0, stderr);
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

  it("Python: azure-keyvault-keys and -certificates sign, decrypt, rotate, and create a certificate", async () => {
    const python = await pythonVault();
    const { code, out, stderr } = await python("vault_keys.py", [VAULT], azure.env);
    assert.equal(code, 0, stderr);
    const { signature, x, y, ...seen } = JSON.parse(out);
    assert.deepEqual(seen, {
      verified: true,
      opened: "opened in the vault",
      unwrapped: true,
      expires: "P180D",
      rotated: true,
      versions: 2,
      inTheWay: [409, "Conflict"],
      gone: [404, "KeyNotFound"],
      restored: "py-ec",
      made: ["py-self", "Self"],
      pfx: true,
    });
    const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
    const judged = { key, dsaEncoding: "ieee-p1363" } as const;
    assert.ok(verify("sha256", Buffer.from("what is signed"), judged, Buffer.from(signature, "base64")));
  });

  it("az: creates a key and signs; openssl verifies by the downloaded key", async () => {
    const key = [...here, "--name", "az-key"];
    const [kid = ""] = await az("key.kid", "keyvault", "key", "create", ...key, "--kty", "RSA", "--size", "2048");
    assert.match(kid, /\/keys\/az-key\/[0-9a-f]{32}$/);
    // This az signs the given characters without decoding them, so the digest consists of characters.
    const digest = createHash("sha256").update("what is signed").digest("hex").slice(0, 32);
    const sign = ["keyvault", "key", "sign", ...key, "--algorithm", "RS256", "--digest", digest];
    const [signature = ""] = await az("signature", ...sign);
    const pem = join(folder, "az-key.pem");
    await az("@", "keyvault", "key", "download", ...key, "--file", pem, "--encoding", "PEM");
    writeFileSync(join(folder, "digest"), digest);
    writeFileSync(join(folder, "signature"), Buffer.from(signature, "base64"));
    const check = ["pkeyutl", "-verify", "-pubin", "-inkey", pem, "-pkeyopt", "digest:sha256"];
    const judged = execFileSync("openssl", [...check, "-in", "digest", "-sigfile", "signature"], { cwd: folder });
    assert.match(judged.toString(), /Signature Verified Successfully/);
    const hardware = ["keyvault", "key", "create", ...here, "--name", "hsm", "--kty", "EC-HSM"];
    assert.match(await errorOf(...hardware), /Hardware key operation not allowed on standard vault/);
  });

  it("az: creates a certificate by its default policy, and another by a request and merge", async () => {
    const [printed = ""] = await az("to_string(@)", "keyvault", "certificate", "get-default-policy");
    const policy = JSON.parse(printed);
    const file = join(folder, "policy.json");
    writeFileSync(file, JSON.stringify(policy));
    const create = ["keyvault", "certificate", "create", ...here, "--policy", `@${file}`];
    assert.deepEqual(await az("status", ...create, "--name", "az-self"), ["completed"]);
    const pem = join(folder, "az-self.pem");
    await az("@", "keyvault", "certificate", "download", ...here, "--name", "az-self", "--file", pem);
    assert.match(execFileSync("openssl", ["x509", "-in", pem, "-noout", "-subject"]).toString(), /CLIGetDefaultPolicy/);
    writeFileSync(file, JSON.stringify({ ...policy, issuerParameters: { name: "Unknown" } }));
    const [csr = ""] = await az("csr", ...create, "--name", "az-merged");
    const request = `-----BEGIN CERTIFICATE REQUEST-----\n${csr.replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE REQUEST-----\n`;
    writeFileSync(join(folder, "csr.pem"), request);
    const run = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
    const ca = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=outside"];
    run("req", "-x509", ...ca, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30");
    run("x509", "-req", "-in", "csr.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "9", "-out", "leaf.pem");
    const merge = ["keyvault", "certificate", "pending", "merge", ...here, "--file", join(folder, "leaf.pem")];
    assert.match((await az("sid", ...merge, "--name", "az-merged"))[0] ?? "", /\/secrets\/az-merged\//);
    assert.match(await errorOf(...merge, "--name", "az-merged"), /PendingCertificateNotFound|not found/i);
  });

  it("Node: @azure/arm-keyvault and -authorization create, assign, delete, recover and purge", async () => {
    const { node } = await clientKit();
    const { code, out, stderr } = await node("vaults", [GROUP, "sdk-vault", azure.ready.objectId], azure.env);
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(out), {
      free: true,
      byRoles: true,
      uri: "https://sdk-vault.vault.azure.net/",
      taken: "AlreadyExists",
      listed: [VAULT, "sdk-vault"],
      policies: 1,
      patched: { changed: "yes" },
      key: ["EC", "P-256", "https://sdk-vault.vault.azure.net/keys/line", "P1Y"],
      sameKey: true,
      keys: ["line"],
      versions: 1,
      version: true,
      noKey: [404, "KeyNotFound"],
      role: true,
      twice: [409, "RoleAssignmentExists"],
      assignments: ["00000000-0000-4000-8000-00000000aaaa"],
      deleted: true,
      inTheWay: [409, "ConflictError"],
      recovered: "sdk-vault",
      left: [],
    });
  });

  it("az: deletes the vault, cannot reuse its name, recovers it, and purges it", async () => {
    const named = ["--name", VAULT];
    await az("@", "keyvault", "delete", ...named);
    assert.deepEqual(await az("[].name", "keyvault", "list-deleted"), [VAULT]);
    const create = ["keyvault", "create", ...named, "--resource-group", GROUP, "--location", "westeurope"];
    assert.match(await errorOf(...create), /deleted state|recover/i);
    assert.deepEqual(await az("name", "keyvault", "recover", ...named), [VAULT]);
    await az("@", "keyvault", "delete", ...named);
    await az("@", "keyvault", "purge", ...named);
    assert.deepEqual(await az("length(@)", "keyvault", "list-deleted"), ["0"]);
  });
});
