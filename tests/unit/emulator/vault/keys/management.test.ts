import { strict as assert } from "node:assert";
import { ResourceManagementClient } from "@azure/arm-resources";
import { DAY_SECONDS } from "../../../../../emulator/kernel/clock";
import { TENANT } from "../../../../cast/armHarness";
import { type ManagedVault, managedVault, VAULT, VAULT_ID } from "../../../../cast/managedVault";
import type { ServedResponse } from "../../../../cast/served";

// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
type Body = any;

const KEY_RIGHTS = ["get", "list", "create", "delete", "purge", "sign", "rotate", "getrotationpolicy", "update"];
/** 2026-03-01T12:00:00Z, where the test clock begins. */
const NOW = 1_772_366_400;

describe("keys of a vault through ARM", () => {
  let gateway: ManagedVault;

  beforeEach(async () => {
    gateway = await managedVault({ keys: KEY_RIGHTS, certificates: ["all"] });
  });
  afterEach(() => gateway.close());

  const ok = async (status: number, response: Promise<ServedResponse>): Promise<Body> => {
    const { status: given, body } = await response;
    assert.equal(given, status, JSON.stringify(body));
    return body;
  };
  const put = (name: string, properties: unknown, more: object = {}) =>
    gateway.manage("PUT", `${VAULT}/keys/${name}`, { properties, ...more });
  const get = (path = "") => gateway.manage("GET", `${VAULT}/keys${path}`);
  const versionIn = (uri: string): string => uri.split("/").at(-1) ?? "";

  it("are made by PUT without a right in the vault, as the data plane shows them", async () => {
    const made = await ok(200, put("line", { kty: "EC", curveName: "P-384", keyOps: ["sign"] }, { tags: { a: "b" } }));
    const { properties, ...rest } = made;
    assert.deepEqual(rest, {
      id: `${VAULT_ID}/keys/line`,
      name: "line",
      type: "Microsoft.KeyVault/vaults/keys",
      location: "westeurope",
      tags: { a: "b" },
    });
    const { keyUriWithVersion, ...response } = properties;
    assert.deepEqual(response, {
      kty: "EC",
      keyOps: ["sign"],
      curveName: "P-384",
      attributes: {
        enabled: true,
        created: NOW,
        updated: NOW,
        recoveryLevel: "Recoverable+Purgeable",
        exportable: false,
      },
      keyUri: "https://vault-1.vault.azure.net/keys/line",
    });
    const bundle = await ok(200, gateway.ask("GET", "/keys/line"));
    assert.equal(bundle.key.kid, keyUriWithVersion);
    assert.deepEqual([bundle.key.crv, bundle.key.key_ops, bundle.tags], ["P-384", ["sign"], { a: "b" }]);
    assert.deepEqual(await ok(200, get("/line")), made);
  });

  it("are RSA with a size, and have the attributes that were asked", async () => {
    const attributes = { enabled: false, nbf: NOW, exp: NOW + DAY_SECONDS };
    const { properties } = await ok(200, put("big", { kty: "RSA", keySize: 3072, attributes }));
    assert.deepEqual([properties.kty, properties.keySize, properties.curveName], ["RSA", 3072, undefined]);
    assert.deepEqual(properties.keyOps, ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]);
    const { enabled, nbf, exp } = properties.attributes;
    assert.deepEqual({ enabled, nbf, exp }, attributes);
  });

  it("are never written twice: a PUT returns an existing key unchanged, even with concurrent requests", async () => {
    const requested = { kty: "EC", attributes: { enabled: true } };
    const [one, other] = await Promise.all([ok(200, put("line", requested)), ok(200, put("line", requested))]);
    assert.deepEqual(one, other);
    const again = await ok(200, put("line", { kty: "RSA", keySize: 4096 }, { tags: { new: "1" } }));
    assert.deepEqual(again, one);
    assert.equal((await ok(200, get("/line/versions"))).value.length, 1);
  });

  it("keep a rotation policy from the start, and follow it", async () => {
    const rotationPolicy = {
      attributes: { expiryTime: "P90D" },
      lifetimeActions: [
        { trigger: { timeAfterCreate: "P30D" }, action: { type: "rotate" } },
        { trigger: { timeBeforeExpiry: "P30D" }, action: { type: "notify" } },
      ],
    };
    const made = await ok(200, put("line", { kty: "EC", rotationPolicy }));
    assert.deepEqual(made.properties.rotationPolicy, {
      ...rotationPolicy,
      attributes: { expiryTime: "P90D", created: NOW, updated: NOW },
    });
    const inVault = await ok(200, gateway.ask("GET", "/keys/line/rotationpolicy"));
    assert.equal(inVault.lifetimeActions[0].action.type, "Rotate");
    gateway.shared.clock.advance(30 * DAY_SECONDS);
    const rotated = await ok(200, get("/line"));
    assert.notEqual(rotated.properties.keyUriWithVersion, made.properties.keyUriWithVersion);
    const first = await ok(200, get(`/line/versions/${versionIn(made.properties.keyUriWithVersion)}`));
    assert.equal(first.properties.keyUriWithVersion, made.properties.keyUriWithVersion);
  });

  it("are listed with Azure's properties, by name and by version", async () => {
    const { id, properties } = await ok(200, put("line", { kty: "EC" }));
    await ok(200, gateway.ask("POST", "/keys/line/rotate"));
    await ok(200, put("other", { kty: "EC" }));
    const { value } = await ok(200, get());
    assert.deepEqual(
      value.map(({ name, properties: { attributes, ...shown } }: Body) => [name, attributes.enabled, shown]),
      [
        ["line", true, { keyUri: "https://vault-1.vault.azure.net/keys/line" }],
        ["other", true, { keyUri: "https://vault-1.vault.azure.net/keys/other" }],
      ],
    );
    const versions = (await ok(200, get("/line/versions"))).value;
    const version = versionIn(properties.keyUriWithVersion);
    assert.equal(versions.length, 2);
    assert.deepEqual(versions[0], {
      id: `${id}/versions/${version}`,
      name: version,
      type: "Microsoft.KeyVault/vaults/keys/versions",
      location: "westeurope",
      tags: {},
      properties: {
        attributes: properties.attributes,
        keyUri: properties.keyUri,
        keyUriWithVersion: properties.keyUriWithVersion,
      },
    });
    const one = await ok(200, get(`/line/versions/${version}`));
    assert.deepEqual([one.name, one.properties.kty, one.properties.curveName], [version, "EC", "P-256"]);
  });

  it("show the key of a certificate, renewed when its time has come", async () => {
    const policy = {
      issuer: { name: "Self" },
      key_props: { kty: "EC" },
      x509_props: { subject: "CN=web", validity_months: 1 },
    };
    await ok(202, gateway.ask("POST", "/certificates/web/create", { policy }));
    const { properties } = await ok(200, put("web", { kty: "RSA" }));
    assert.equal(properties.kty, "EC", "the key exists, so it is returned");
    gateway.shared.clock.advance(31 * DAY_SECONDS);
    const [{ properties: renewed }] = (await ok(200, get())).value;
    assert.ok(renewed.attributes.exp > properties.attributes.exp);
  });

  it("are refused as in the data plane, and where there is none", async () => {
    const none = "0".repeat(32);
    for (const [method, path, body, status, code, said] of [
      ["PUT", "/no_name", { properties: { kty: "EC" } }, 400, "BadParameter", /invalid name/],
      ["PUT", "/one", {}, 400, "BadParameter", /properties is required/],
      ["PUT", "/one", { properties: {} }, 400, "BadParameter", /kty/],
      ["PUT", "/one", { properties: { kty: "oct" } }, 400, "BadParameter", /kty value: oct/],
      ["PUT", "/one", { properties: { kty: "RSA-HSM" } }, 400, "BadParameter", /on standard vault/],
      ["PUT", "/one", { properties: { kty: "RSA", keySize: 1024 } }, 400, "BadParameter", /1024/],
      ["PUT", "/one", { properties: { kty: "EC", curveName: "P-1" } }, 400, "BadParameter", /crv value/],
      ["PUT", "/one", { properties: { kty: "EC", keyOps: ["release"] } }, 400, "BadParameter", /release/],
      [
        "PUT",
        "/one",
        { properties: { kty: "EC", attributes: { exportable: true } } },
        400,
        "BadParameter",
        /SKR\.1001/,
      ],
      ["PUT", "/one", { properties: { kty: "EC", release_policy: { data: "e30" } } }, 400, "BadParameter", /SKR\.1005/],
      [
        "PUT",
        "/one",
        { properties: { kty: "EC", rotationPolicy: { attributes: { expiryTime: "P1D" } } } },
        400,
        "BadParameter",
        /at least P28D/,
      ],
      ["GET", "/one", undefined, 404, "KeyNotFound", /'one' was not found in 'vault-1'/],
      ["GET", "/one/versions", undefined, 404, "KeyNotFound", /'one'/],
      ["GET", `/one/versions/${none}`, undefined, 404, "KeyNotFound", new RegExp(`one/${none}`)],
      ["DELETE", "/one", undefined, 501, "NotEmulated", /DELETE of the resource type Microsoft.KeyVault/],
      ["PATCH", "/one", {}, 501, "NotEmulated", /PATCH/],
    ] as const) {
      const { error } = await ok(status, gateway.manage(method, `${VAULT}/keys${path}`, body));
      assert.equal(error.code, code, path);
      assert.match(error.message, said);
    }
    assert.deepEqual((await ok(200, get())).value, [], "nothing was made by what was refused");
    const elsewhere = await ok(404, gateway.manage("GET", `${VAULT}x/keys/one`));
    assert.equal(elsewhere.error.code, "ResourceNotFound");
    await ok(200, put("one", { kty: "EC" }));
    await ok(200, gateway.ask("DELETE", "/keys/one"));
    await ok(404, get("/one"));
    assert.equal((await ok(409, put("one", { kty: "EC" }))).error.code, "Conflict");
    const premium = await managedVault({}, "premium");
    const hardware = await premium.manage("PUT", `${VAULT}/keys/one`, { properties: { kty: "EC-HSM" } });
    await premium.close();
    assert.deepEqual([hardware.status, (hardware.body as Body).error.code], [501, "NotEmulated"]);
  });

  it("are made and read by Azure's SDK for resources", async () => {
    const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 }) };
    const { resources } = new ResourceManagementClient(credential, TENANT.subscriptionId, {
      httpClient: gateway.httpClient,
    });
    const id = `${VAULT_ID}/keys/line`;
    const made = await resources.beginCreateOrUpdateByIdAndWait(id, "2024-11-01", {
      properties: { kty: "EC" },
      tags: { a: "b" },
    });
    assert.deepEqual([made.name, made.tags, made.properties?.kty], ["line", { a: "b" }, "EC"]);
    const read = await resources.getById(id, "2024-11-01");
    assert.deepEqual([read.type, read.properties], ["Microsoft.KeyVault/vaults/keys", made.properties]);
  });
});
