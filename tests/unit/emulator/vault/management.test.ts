import assert from "node:assert/strict";
import { type ManagedVault, managedVault, VAULT, VAULT_ID } from "../../../cast/managedVault";
import type { ServedResponse } from "../../../cast/served";

describe("secrets of a vault through ARM", () => {
  let gateway: ManagedVault;

  before(async () => {
    gateway = await managedVault({ secrets: ["get", "delete"], certificates: ["create"] });
  });
  after(() => gateway.close());

  const manage: ManagedVault["manage"] = (...call) => gateway.manage(...call);
  const ask: ManagedVault["ask"] = (...call) => gateway.ask(...call);
  const value = ({ body }: ServedResponse) => (body as { value?: unknown }).value;
  const code = ({ body }: ServedResponse) => (body as { error: { code: string } }).error.code;

  it("are written without a permission in the vault, never returned, and read in the data plane", async () => {
    const body = { tags: { a: "b" }, properties: { value: "hush", contentType: "t", attributes: { exp: 1893456000 } } };
    const made = await manage("PUT", `${VAULT}/secrets/one`, body);
    assert.equal(made.status, 201);
    const { properties, ...rest } = made.body as { properties: Record<string, unknown> };
    assert.deepEqual(rest, {
      id: `${VAULT_ID}/secrets/one`,
      name: "one",
      type: "Microsoft.KeyVault/vaults/secrets",
      location: "westeurope",
      tags: { a: "b" },
    });
    const { secretUriWithVersion, ...result } = properties;
    assert.deepEqual(result, {
      attributes: { enabled: true, exp: 1893456000, created: 1772366400, updated: 1772366400 },
      contentType: "t",
      secretUri: "https://vault-1.vault.azure.net/secrets/one",
    });
    assert.match(String(secretUriWithVersion), /\/secrets\/one\/[0-9a-f]{32}$/);
    assert.equal(value(await ask("GET", "/secrets/one")), "hush");
    assert.deepEqual((await manage("GET", `${VAULT}/secrets/one`)).body, made.body);
    assert.deepEqual((await manage("GET", `${VAULT}/secrets`)).body, { value: [made.body] });
    assert.equal((await manage("PUT", `${VAULT}/secrets/one`, body)).status, 200);
  });

  it("are changed in part: a value makes a version, the rest does not", async () => {
    const uri = ({ body }: ServedResponse) =>
      (body as { properties: { secretUriWithVersion: string } }).properties.secretUriWithVersion;
    const before = await manage("GET", `${VAULT}/secrets/one`);
    const off = await manage("PATCH", `${VAULT}/secrets/one`, {
      properties: { attributes: { enabled: true }, contentType: "u" },
    });
    assert.equal(uri(off), uri(before));
    const other = await manage("PATCH", `${VAULT}/secrets/one`, { properties: { value: "other" } });
    assert.notEqual(uri(other), uri(before));
    assert.equal((other.body as { properties: { contentType: string } }).properties.contentType, "u");
    assert.equal(value(await ask("GET", "/secrets/one")), "other");
  });

  it("are refused as in the data plane, and where there is none", async () => {
    for (const [method, path, body, status, expected] of [
      ["PUT", "/secrets/no_name", { properties: { value: "x" } }, 400, "BadParameter"],
      ["PUT", "/secrets/two", { properties: {} }, 400, "BadParameter"],
      ["GET", "/secrets/two", undefined, 404, "SecretNotFound"],
      ["PATCH", "/secrets/two", { properties: {} }, 404, "SecretNotFound"],
      ["GET", "x/secrets/one", undefined, 404, "ResourceNotFound"],
      ["DELETE", "/secrets/one", undefined, 501, "NotEmulated"],
    ] as const) {
      const response = await manage(method, `${VAULT}${path}`, body);
      assert.deepEqual([response.status, code(response)], [status, expected], `${method} ${path}`);
    }
    await ask("DELETE", "/secrets/one");
    const deleted = await manage("PUT", `${VAULT}/secrets/one`, { properties: { value: "x" } });
    assert.deepEqual([deleted.status, code(deleted)], [409, "Conflict"]);
    assert.equal((await manage("GET", `${VAULT}/secrets/one`)).status, 404);
  });

  it("keep other members with a new value, and are refused if a certificate manages them", async () => {
    const wanted = { tags: { a: "b" }, properties: { value: "x", contentType: "t", attributes: { enabled: false } } };
    await manage("PUT", `${VAULT}/secrets/three`, wanted);
    const attributes = { exp: 1893456000 };
    const { body } = await manage("PATCH", `${VAULT}/secrets/three`, { properties: { value: "y", attributes } });
    const { tags, properties } = body as { tags: unknown; properties: Record<string, Record<string, unknown>> };
    assert.deepEqual([tags, properties.contentType], [{ a: "b" }, "t"]);
    assert.deepEqual([properties.attributes?.enabled, properties.attributes?.exp], [false, 1893456000]);
    const policy = { issuer: { name: "Self" }, key_props: { kty: "EC" }, x509_props: { subject: "CN=web" } };
    assert.equal((await ask("POST", "/certificates/web/create", { policy })).status, 202);
    for (const change of [{ value: "z" }, { attributes: { enabled: false } }]) {
      const refused = await manage("PATCH", `${VAULT}/secrets/web`, { properties: change });
      assert.deepEqual([refused.status, code(refused)], [403, "Forbidden"]);
    }
    assert.match(String(value(await ask("GET", "/secrets/web"))), /^MII/);
  });
});
