import { strict as assert } from "node:assert";
import { createHash, generateKeyPairSync, sign, verify } from "node:crypto";
import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import * as fc from "fast-check";
import { AzureError } from "../../../azure/clients/azureError";
import { DeletedVaultClient } from "../../../azure/clients/deletedVaultClient";
import type { ClientOptions } from "../../../azure/clients/jsonClient";
import { VaultCertificatesClient } from "../../../azure/clients/vaultCertificatesClient";
import { VaultKeysClient } from "../../../azure/clients/vaultKeysClient";
import { VaultSecretsClient } from "../../../azure/clients/vaultSecretsClient";
import { publicKeyOf, VaultSigner } from "../../../azure/clients/vaultSigner";
import { readVaultId, vaultIdOf, vaultUriOf } from "../../../azure/vaultIds";
import type { VaultJwk } from "../../../azure/wire/vaultBundle";
import { KEY_ALGORITHMS } from "../../../certs/algorithms";
import { anyCharacter } from "../../cast/anyCharacter";

const URI = "https://vault-1.vault.azure.net";

interface Scripted {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** A network that responds from a list, and the requests that it got. */
class ScriptedVault implements HttpClient {
  readonly asked: string[] = [];
  readonly bodies: unknown[] = [];
  scope = "";
  readonly #left: Scripted[];

  constructor(...responses: readonly Scripted[]) {
    this.#left = [...responses];
  }

  async sendRequest(request: Parameters<HttpClient["sendRequest"]>[0]) {
    this.asked.push(`${request.method} ${request.url}`);
    this.bodies.push(typeof request.body === "string" ? JSON.parse(request.body) : undefined);
    const { status, body, headers } = this.#left.shift() ?? { status: 500 };
    const bodyAsText = body === undefined ? "" : JSON.stringify(body);
    return { request, status, headers: createHttpHeaders(headers), bodyAsText };
  }

  options(): ClientOptions {
    const credential = {
      getToken: async (scope: string | string[]) => {
        this.scope = String(scope);
        return { token: "token-1", expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    };
    return { httpClient: this, credential, retryDelayMs: 1 };
  }
}

describe("the clients of Key Vault", () => {
  it("set, tag and enable secrets, and show no value if refused", async () => {
    const ok = { status: 200, body: { id: "s", value: "v" } };
    const conflict = { error: { code: "Conflict", innererror: { code: "ObjectIsDeletedButRecoverable" } } };
    const vault = new ScriptedVault(ok, ok, ok, { status: 409, body: conflict }, { status: 404 });
    const secrets = new VaultSecretsClient(URI, vault.options());
    const more = { contentType: "text", tags: { a: "b" } };
    assert.equal((await secrets.set("a", "hidden", more)).id, "s");
    await secrets.update("a", "1", { tags: { a: "c" } });
    await secrets.update("a", "1", { enabled: true });
    const refused = await secrets.set("a", "hidden", more).catch((error: unknown) => error);
    assert.match(String(refused), /write secret "a" of vault-1.*ObjectIsDeletedButRecoverable/);
    assert.doesNotMatch(String(refused), /hidden/);
    await assert.rejects(secrets.update("a", "2", { enabled: true }), /enable secret "a" of vault-1/);
    assert.deepEqual(
      vault.asked.map((line) => line.replace(/\?.*/, "").replace(URI, "")),
      ["PUT /secrets/a", "PATCH /secrets/a/1", "PATCH /secrets/a/1", "PUT /secrets/a", "PATCH /secrets/a/2"],
    );
    assert.deepEqual(vault.bodies.slice(0, 3), [
      { value: "hidden", ...more },
      { tags: { a: "c" } },
      { attributes: { enabled: true } },
    ]);
  });

  it("address keys, secrets and certificates, with a token for vaults", async () => {
    const ok = { status: 200, body: { key: { kid: "k", kty: "EC" } } };
    const vault = new ScriptedVault(ok, ok, ok, ok, ok, { status: 200, body: { id: "c", sid: "s", cer: "" } });
    const keys = new VaultKeysClient(URI, vault.options());
    await keys.create("k-1", { kty: "EC", crv: "P-256", key_ops: ["sign"], tags: { a: "b" } });
    await keys.get("k-1");
    await keys.get("k-1", "v1");
    await keys.update("k-1", "v1", { enabled: false });
    await new VaultSecretsClient(`${URI}/`, vault.options()).get("s-1", "v2");
    await new VaultCertificatesClient(URI, vault.options()).importPem("c-1", "pem", { a: "b" });
    assert.equal(vault.scope, "https://vault.azure.net/.default");
    assert.deepEqual(vault.asked, [
      `POST ${URI}/keys/k-1/create?api-version=7.4`,
      `GET ${URI}/keys/k-1/?api-version=7.4`,
      `GET ${URI}/keys/k-1/v1?api-version=7.4`,
      `PATCH ${URI}/keys/k-1/v1?api-version=7.4`,
      `GET ${URI}/secrets/s-1/v2?api-version=7.4`,
      `POST ${URI}/certificates/c-1/import?api-version=7.4`,
    ]);
    assert.deepEqual(vault.bodies[3], { attributes: { enabled: false } });
    assert.deepEqual(vault.bodies[5], {
      value: "pem",
      policy: { secret_props: { contentType: "application/x-pem-file" }, issuer: { name: "Unknown" } },
      tags: { a: "b" },
    });
  });

  it("take what is not there for none, and deletions of it for done", async () => {
    const none = { status: 404, body: { error: { code: "KeyNotFound", message: "no" } } };
    const vault = new ScriptedVault(none, none, none, none, none, none, none);
    const keys = new VaultKeysClient(URI, vault.options());
    assert.deepEqual([await keys.get("k"), await keys.getDeleted("k")], [undefined, undefined]);
    await keys.delete("k");
    await keys.recover("k");
    await keys.purge("k");
    const deleted = new DeletedVaultClient("s", "West Europe", "kv-1", vault.options());
    assert.equal(await deleted.get(), undefined);
    await deleted.purge();
    const arm = "https://management.azure.com/subscriptions/s/providers/Microsoft.KeyVault/locations/westeurope";
    assert.deepEqual(vault.asked.slice(2), [
      `DELETE ${URI}/keys/k?api-version=7.4`,
      `POST ${URI}/deletedkeys/k/recover?api-version=7.4`,
      `DELETE ${URI}/deletedkeys/k?api-version=7.4`,
      `GET ${arm}/deletedVaults/kv-1?api-version=2023-07-01`,
      `POST ${arm}/deletedVaults/kv-1/purge?api-version=2023-07-01`,
    ]);
  });

  it("explain a conflict by what Key Vault says beneath it", async () => {
    const error = { code: "Conflict", message: "in the way", innererror: { code: "ObjectIsDeletedButRecoverable" } };
    const keys = new VaultKeysClient(URI, new ScriptedVault({ status: 409, body: { error } }).options());
    await assert.rejects(keys.create("k", { kty: "EC", key_ops: [], tags: {} }), (thrown: unknown) => {
      assert.ok(thrown instanceof AzureError);
      assert.equal(thrown.innerCode, "ObjectIsDeletedButRecoverable");
      assert.match(thrown.message, /^Could not create key "k" of vault-1.*keyVaultSoftDeleted to `recover`/s);
      return true;
    });
  });

  it("wait for a vault that throttles, whether it says how long or not, and give up in the end", async () => {
    const signed = { status: 200, body: { kid: "k", value: "AQI" } };
    const throttled = { status: 429, body: { error: { code: "Throttled", message: "slow down" } } };
    const reported = { ...throttled, headers: { "retry-after": "0" } };
    const vault = new ScriptedVault(throttled, throttled, reported, signed);
    const signature = await new VaultKeysClient(URI, vault.options()).sign("k", "v", "ES256", Buffer.alloc(32));
    assert.deepEqual([...signature], [1, 2]);
    assert.equal(vault.asked.length, 4);
    const busy = new ScriptedVault(...Array.from({ length: 40 }, () => throttled));
    const waiting = new VaultKeysClient(URI, busy.options()).sign("k", "v", "ES256", Buffer.alloc(32));
    await assert.rejects(waiting, /the vault is throttling/i);
    assert.equal(busy.asked.length, 6);
  });
});

describe("a signer over a vault's key", () => {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = pair.publicKey.export({ type: "spki", format: "der" });
  const algorithm = KEY_ALGORITHMS["EC-P256"];
  const digests: string[] = [];
  /** Signs what the signer was asked to sign: a vault would sign the digest. */
  const client = (data: Uint8Array, key = pair.privateKey) => ({
    sign: async (name: string, version: string, alg: string, digest: Uint8Array) => {
      digests.push(`${name} ${version} ${alg} ${Buffer.from(digest).toString("hex")}`);
      return sign("sha256", data, { key, dsaEncoding: "ieee-p1363" });
    },
  });

  it("sends the digest and no more, and gives what a Signer gives", async () => {
    const data = Buffer.from("to be signed");
    const signer = new VaultSigner(client(data), `${URI}/keys/ca/0a`, spki, algorithm);
    const signature = await signer.sign(data);
    assert.deepEqual(digests.splice(0), [`ca 0a ES256 ${createHash("sha256").update(data).digest("hex")}`]);
    assert.equal(signature.length, algorithm.signatureLength);
    assert.ok(verify("sha256", data, { key: pair.publicKey, dsaEncoding: "ieee-p1363" }, signature));
    assert.ok(signer.publicKey.equals(spki));
  });

  it("refuses the first signature that its public key does not verify, and an id without a version", async () => {
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const signer = new VaultSigner(client(Buffer.from("x"), other), `${URI}/keys/ca/0a`, spki, algorithm);
    await assert.rejects(signer.sign(Buffer.from("x")), /"ca" is not the key of the certificate/);
    assert.throws(
      () => new VaultSigner(client(Buffer.from("x")), `${URI}/keys/ca`, spki, algorithm),
      /names no version/,
    );
    assert.throws(
      () => new VaultSigner(client(Buffer.from("x")), `${URI}/secrets/ca/0a`, spki, algorithm),
      /vault's keys/,
    );
  });

  it("reads public keys as the vault shows them, of HSMs too", () => {
    const jwk = { ...pair.publicKey.export({ format: "jwk" }), kid: "k", kty: "EC-HSM" } as VaultJwk;
    assert.ok(publicKeyOf(jwk).equals(spki));
  });
});

describe("ids of a vault's objects", () => {
  it("are read in any spelling of the vault's name, with and without a version", () => {
    const read = { vaultUri: "https://vault-1.vault.azure.net", kind: "keys", name: "Ca-1", version: "" };
    assert.deepEqual(readVaultId("https://Vault-1.vault.azure.net/keys/Ca-1"), read);
    assert.deepEqual(readVaultId("https://vault-1.vault.azure.net:443/keys/Ca-1/0a"), { ...read, version: "0a" });
    assert.throws(() => vaultIdOf("secrets", `${URI}/keys/k/0a`), /not the id of one of a vault's secrets/);
  });

  it("are refused anywhere but in a vault of Azure: a token must go nowhere else", () => {
    for (const text of [
      "http://vault-1.vault.azure.net/keys/k",
      "https://vault.azure.net/keys/k",
      "https://vault-1.vault.azure.net.example.com/keys/k",
      "https://example.com/https://vault-1.vault.azure.net/keys/k",
      "https://me@vault-1.vault.azure.net/keys/../x/k",
      "https://vault-1.vault.azure.net:8443/keys/k",
      "-----BEGIN PRIVATE KEY-----",
    ]) {
      assert.equal(readVaultId(text), undefined, text);
    }
    for (const text of ["https://a@v.vault.azure.net", `${URI}/keys`, `${URI}?x`, "vault-1", ""]) {
      assert.equal(vaultUriOf(text), undefined, text);
    }
    assert.equal(vaultUriOf(`${URI}/`), URI);
  });

  it("never throw, whatever is read", () => {
    const segment = fc.string({ unit: anyCharacter }).map(encodeURIComponent);
    const url = fc
      .tuple(fc.constantFrom("http", "https"), fc.webAuthority(), fc.array(segment))
      .map(([scheme, host, path]) => [`${scheme}://${host}`, ...path].join("/"));
    fc.assert(
      fc.property(fc.oneof(fc.string(), url), (text) => {
        readVaultId(text);
        return vaultUriOf(text) === undefined;
      }),
      { numRuns: 50 },
    );
  });
});
