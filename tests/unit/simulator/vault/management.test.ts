import assert from "node:assert/strict";
import { assemble } from "../../../../simulator/assemble";
import { newSigningKey } from "../../../../simulator/entra/signingKey";
import { TENANT } from "../../../cast/armDesk";
import { localServices } from "../../../cast/localServices";
import { type Served, type ServedAnswer, serve } from "../../../cast/served";

const GROUP = "/resourceGroups/rg";
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/vault-1`;
const ID = `/subscriptions/${TENANT.subscriptionId}${VAULT}`;

describe("secrets of a vault through ARM", () => {
  const services = localServices();
  const assembly = assemble(services, TENANT, newSigningKey());
  let arm: Served;
  let vault: Served;

  before(async () => {
    arm = await serve(assembly.faces.arm);
    vault = await serve(assembly.faces.vault);
    await manage("PUT", GROUP, { location: "westeurope" });
    const accessPolicies = [
      { tenantId: TENANT.tenantId, objectId: TENANT.objectId, permissions: { secrets: ["get", "delete"] } },
    ];
    await manage("PUT", VAULT, {
      location: "westeurope",
      properties: { tenantId: TENANT.tenantId, sku: { family: "A", name: "standard" }, accessPolicies },
    });
  });
  after(async () => {
    await arm.close();
    await vault.close();
  });

  const manage = (method: string, path: string, body?: unknown): Promise<ServedAnswer> =>
    arm.send(method, `/subscriptions/${TENANT.subscriptionId}${path}?api-version=2024-11-01`, body, {
      authorization: `Bearer ${assembly.tokens.issue("https://management.azure.com")}`,
    });
  const ask = (method: string, path: string): Promise<ServedAnswer> =>
    vault.send(method, `${path}?api-version=7.6`, undefined, {
      host: "vault-1.vault.azure.net",
      authorization: `Bearer ${assembly.tokens.issue("https://vault.azure.net")}`,
    });
  const value = ({ body }: ServedAnswer) => (body as { value?: unknown }).value;
  const code = ({ body }: ServedAnswer) => (body as { error: { code: string } }).error.code;

  it("are written without a right in the vault, never told, and read in the data plane", async () => {
    const body = { tags: { a: "b" }, properties: { value: "hush", contentType: "t", attributes: { exp: 1893456000 } } };
    const made = await manage("PUT", `${VAULT}/secrets/one`, body);
    assert.equal(made.status, 201);
    const { properties, ...rest } = made.body as { properties: Record<string, unknown> };
    assert.deepEqual(rest, {
      id: `${ID}/secrets/one`,
      name: "one",
      type: "Microsoft.KeyVault/vaults/secrets",
      location: "westeurope",
      tags: { a: "b" },
    });
    const { secretUriWithVersion, ...told } = properties;
    assert.deepEqual(told, {
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
    const uri = ({ body }: ServedAnswer) =>
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
      ["PUT", "/keys/one", { properties: {} }, 501, "NotSimulated"],
    ] as const) {
      const answer = await manage(method, `${VAULT}${path}`, body);
      assert.deepEqual([answer.status, code(answer)], [status, expected], `${method} ${path}`);
    }
    await ask("DELETE", "/secrets/one");
    const deleted = await manage("PUT", `${VAULT}/secrets/one`, { properties: { value: "x" } });
    assert.deepEqual([deleted.status, code(deleted)], [409, "Conflict"]);
    assert.equal((await manage("GET", `${VAULT}/secrets/one`)).status, 404);
  });
});
