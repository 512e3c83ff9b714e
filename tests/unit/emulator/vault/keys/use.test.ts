import { strict as assert } from "node:assert";
import { createHash, createPublicKey, verify } from "node:crypto";
import { type VaultHarness, vaultHarness } from "../../../../cast/vaultHarness";

interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly innererror?: { readonly code: string };
}
type Jwk = Readonly<Record<string, string>>;

const errorOf = (body: unknown): ErrorBody => (body as { error: ErrorBody }).error;
const valueIn = (body: unknown): string => (body as { value: string }).value;
const keyOf = (body: unknown): Jwk => (body as { key: Jwk }).key;

describe("the use of a vault's keys", () => {
  let harness: VaultHarness;
  beforeEach(async () => {
    harness = await vaultHarness();
  });
  afterEach(() => harness.close());

  const digest = createHash("sha256").update("data").digest();
  const sign = { alg: "ES256", value: digest.toString("base64url") };
  const create = async (name: string, body: object) =>
    keyOf((await harness.vault("POST", `/keys/${name}/create`, body)).body);

  it("signs so that node:crypto verifies by the public key, and verifies itself", async () => {
    const { kid = "", ...jwk } = await create("ec", { kty: "EC" });
    const version = kid.split("/").at(-1);
    const publicKey = createPublicKey({ key: { ...jwk }, format: "jwk" });
    for (const path of [`/keys/ec/${version}`, "/keys/ec/", "/keys/ec"]) {
      const { status, body } = await harness.vault("POST", `${path}/sign`, sign);
      assert.equal(status, 200, path);
      assert.equal((body as { kid: string }).kid, kid);
      const signature = Buffer.from(valueIn(body), "base64url");
      assert.ok(verify("sha256", Buffer.from("data"), { key: publicKey, dsaEncoding: "ieee-p1363" }, signature));
      const given = { alg: "ES256", digest: sign.value, value: valueIn(body) };
      assert.deepEqual((await harness.vault("POST", `${path}/verify`, given)).body, { value: true });
      const other = { ...given, digest: Buffer.alloc(32).toString("base64url") };
      assert.deepEqual((await harness.vault("POST", `${path}/verify`, other)).body, { value: false });
    }
  });

  it("encrypts, decrypts, wraps and unwraps", async () => {
    const { kid } = await create("rsa", { kty: "RSA" });
    const value = Buffer.from("a key of sixteen").toString("base64url");
    for (const [there, back] of [
      ["encrypt", "decrypt"],
      ["wrapkey", "unwrapkey"],
    ]) {
      const sealed = await harness.vault("POST", `/keys/rsa/${there}`, { alg: "RSA-OAEP-256", value });
      assert.equal(sealed.status, 200);
      assert.notEqual(valueIn(sealed.body), value);
      const opened = await harness.vault("POST", `/keys/rsa/${back}`, {
        alg: "RSA-OAEP-256",
        value: valueIn(sealed.body),
      });
      assert.deepEqual(opened.body, { kid, value });
    }
  });

  it("names a digest of the wrong length, and refuses invalid base64url", async () => {
    await create("ec", { kty: "EC" });
    const refused = async (body: unknown): Promise<ErrorBody> => {
      const response = await harness.vault("POST", "/keys/ec/sign", body);
      assert.equal(response.status, 400);
      return errorOf(response.body);
    };
    assert.deepEqual(await refused({ alg: "ES256", value: "AAAA" }), {
      code: "BadParameter",
      message: "Invalid length of 'value': 3 bytes. ES256 requires 32 bytes, encoded with base64url.",
    });
    assert.match((await refused({ alg: "ES256", value: "+/==" })).message, /^Property value must be base64url/);
    assert.match((await refused({ alg: "ES256" })).message, /^Property value is required/);
    assert.match((await refused({ ...sign, alg: undefined })).message, /alg is required/);
    assert.equal((await refused([])).message, "The request body must be a JSON object.");
  });

  it("refuses operations outside key_ops, and all operations of a disabled key", async () => {
    await create("rsa", { kty: "RSA", key_ops: ["verify", "encrypt"] });
    const given = { alg: "RS256", value: sign.value };
    const notNamed = await harness.vault("POST", "/keys/rsa/sign", given);
    assert.equal(notNamed.status, 403);
    assert.deepEqual(errorOf(notNamed.body), {
      code: "Forbidden",
      message: "Operation sign is not permitted on this key.",
      innererror: { code: "KeyOperationForbidden" },
    });
    await harness.vault("PATCH", "/keys/rsa/", { attributes: { enabled: false } });
    for (const op of ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]) {
      const { status, body } = await harness.vault("POST", `/keys/rsa/${op.toLowerCase()}`, given);
      assert.equal(status, 403);
      assert.deepEqual(errorOf(body), {
        code: "Forbidden",
        message: `Operation ${op} is not allowed on a disabled key.`,
        innererror: { code: "KeyDisabled" },
      });
    }
  });

  it("signs only from nbf to exp, and decrypts and verifies always", async () => {
    const now = Math.floor(harness.services.clock.now().getTime() / 1000);
    await create("rsa", { kty: "RSA", attributes: { nbf: now + 100, exp: now + 200 } });
    const inner = async (op: string, body: object): Promise<string | undefined> => {
      const response = await harness.vault("POST", `/keys/rsa/${op}`, body);
      return response.status === 200 ? "done" : errorOf(response.body).innererror?.code;
    };
    const text = { alg: "RSA-OAEP", value: "AAAA" };
    const hash = { alg: "RS256", value: sign.value };
    const question = { alg: "RS256", digest: sign.value, value: "AAAA" };
    for (const [wait, expected] of [
      [0, "KeyNotYetValid"],
      [99, "KeyNotYetValid"],
      [1, "done"],
      [99, "done"],
      [1, "KeyExpired"],
    ] as const) {
      harness.services.clock.advance(wait);
      assert.deepEqual(
        [await inner("sign", hash), await inner("encrypt", text), await inner("wrapkey", text)],
        [expected, expected, expected],
      );
      assert.equal(await inner("verify", question), "done");
      const { status } = await harness.vault("POST", "/keys/rsa/decrypt", text);
      assert.equal(status, 400, "it is tried, and is no ciphertext");
      assert.equal((await harness.vault("GET", "/keys/rsa")).status, 200);
    }
  });

  it("returns 404 for an unknown key or version", async () => {
    await create("ec", { kty: "EC" });
    for (const path of ["/keys/none/sign", `/keys/ec/${"0".repeat(32)}/sign`]) {
      const { status, body } = await harness.vault("POST", path, sign);
      assert.deepEqual([status, errorOf(body).code], [404, "KeyNotFound"]);
    }
    assert.equal((await harness.vault("POST", "/keys/a_b/sign", sign)).status, 400);
  });
});
