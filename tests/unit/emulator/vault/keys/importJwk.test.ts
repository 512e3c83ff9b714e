import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { WireError } from "../../../../../emulator/kernel/operation";
import { CURVES } from "../../../../../emulator/vault/keys/curves";
import {
  exportMaterial,
  generateEc,
  generateRsa,
  importMaterial,
  type KeyMaterial,
  readPrivateJwk,
} from "../../../../../emulator/vault/keys/keyMaterial";
import { fromBase64url } from "../../../../../emulator/vault/objects/objectRequest";

type Jwk = Readonly<Record<string, unknown>>;

const privateJwk = ({ privateKey, jwk }: KeyMaterial): Jwk => ({ ...privateKey.export({ format: "jwk" }), ...jwk });

function refusal(jwk: Jwk, family: "RSA" | "EC"): string {
  try {
    readPrivateJwk(jwk, family);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    assert.equal(error.status, 400);
    const { code, message } = (error.body as { error: { code: string; message: string } }).error;
    assert.equal(code, "BadParameter");
    for (const member of ["d", "p", "q"]) {
      if (typeof jwk[member] === "string" && jwk[member].length > 8) {
        assert.ok(!JSON.stringify(error.body).includes(jwk[member]), `${member} is in the error`);
      }
    }
    return message;
  }
  throw new Error("no refusal");
}

describe("JWKs of vault keys", () => {
  let rsa: KeyMaterial;
  before(async () => {
    rsa = await generateRsa(2048);
  });

  for (const curve of Object.values(CURVES)) {
    it(`reads back a private ${curve.name} key, whole or with leading zeros left out`, async () => {
      for (let count = 0; count < 20; count += 1) {
        const material = await generateEc(curve);
        const jwk = privateJwk(material);
        assert.equal(jwk.crv, curve.name);
        assert.deepEqual(readPrivateJwk(jwk, "EC").jwk, material.jwk);
        assert.equal(readPrivateJwk(jwk, "EC").d, material.d);
        const bare = Buffer.from(String(jwk.d), "base64url");
        const start = bare.findIndex((byte) => byte !== 0);
        assert.equal(readPrivateJwk({ ...jwk, d: bare.subarray(start).toString("base64url") }, "EC").d, material.d);
      }
    });
  }

  it("reads back a private RSA key, and refuses one without all of its members", () => {
    const jwk = privateJwk(rsa);
    assert.deepEqual(readPrivateJwk(jwk, "RSA").jwk, rsa.jwk);
    for (const member of ["n", "e", "d", "p", "q", "dp", "dq", "qi"]) {
      assert.match(refusal({ ...jwk, [member]: undefined }, "RSA"), new RegExp(`^Property key\\.${member} must be`));
    }
  });

  it("exports to PKCS#8 and imports again", async () => {
    const ec = await generateEc(CURVES["P-521"]);
    for (const material of [rsa, ec]) assert.deepEqual(importMaterial(exportMaterial(material)).jwk, material.jwk);
  });

  it("takes keys of 1,024 bits, and refuses other sizes and curves", async () => {
    const old = privateJwk(await generateRsa(1024));
    assert.equal(readPrivateJwk(old, "RSA").jwk.kty, "RSA");
    assert.match(refusal(privateJwk(await generateRsa(1536)), "RSA"), /Unsupported key size \(1536\)/);
    assert.equal(refusal({ crv: "Ed25519", x: "AQ", y: "AQ", d: "AQ" }, "EC"), "Invalid crv value: Ed25519");
  });

  it("refuses members that are not one key pair", async () => {
    const whole = /^The key material is invalid: its members do not make one key pair\.$/;
    const [one, other] = [await generateEc(CURVES["P-256"]), await generateEc(CURVES["P-256"])];
    assert.match(refusal({ ...privateJwk(one), d: privateJwk(other).d }, "EC"), whole);
    assert.match(refusal({ ...privateJwk(one), x: "AQ" }, "EC"), whole);
    const another = privateJwk(await generateRsa(2048));
    assert.match(refusal({ ...privateJwk(rsa), d: another.d, p: another.p, q: another.q }, "RSA"), whole);
    for (const member of ["d", "dp", "dq", "qi"]) {
      assert.match(refusal({ ...privateJwk(rsa), [member]: another[member] }, "RSA"), whole, member);
    }
  });

  it("reads only base64url without padding", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = Buffer.from(bytes).toString("base64url");
        assert.doesNotMatch(text, /[+/=]/);
        assert.deepEqual(fromBase64url(text), Buffer.from(bytes));
      }),
    );
    for (const text of ["AA==", "+/+/", "A", "AB", "a b", 7, undefined]) assert.equal(fromBase64url(text), undefined);
    assert.match(refusal({ ...privateJwk(rsa), d: `${String(privateJwk(rsa).d)}==` }, "RSA"), /^Property key\.d /);
  });
});
