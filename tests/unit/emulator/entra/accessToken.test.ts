import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { AccessTokens } from "../../../../emulator/entra/accessTokens";
import { isSignedBy, readJwt, signJwt } from "../../../../emulator/entra/jwt";
import { newSigningKey } from "../../../../emulator/entra/signingKey";
import { TENANT } from "../../../cast/armHarness";
import { entraKey } from "../../../cast/rsaKeys";
import { type TestDependencies, testDependencies } from "../../../cast/testDependencies";

const AUDIENCE = "https://iothubs.azure.net";
const key = entraKey();

describe("validating access tokens", () => {
  let shared: TestDependencies;
  let tokens: AccessTokens;

  beforeEach(() => {
    shared = testDependencies();
    tokens = new AccessTokens(TENANT, key, shared);
  });

  const validated = (token: string) => {
    const result = tokens.validate(token, [AUDIENCE]);
    return result.ok ? "ok" : result.reason;
  };
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  it("returns the principal of a valid token", () => {
    const { tenantId, objectId, clientId } = TENANT;
    assert.deepEqual(tokens.validate(tokens.issue(`${AUDIENCE}/`), [AUDIENCE]), {
      ok: true,
      principal: { tenantId, objectId, clientId },
    });
  });

  it("follows the clock, for cached tokens too", () => {
    const token = tokens.issue(AUDIENCE);
    assert.equal(validated(token), "ok");
    shared.clock.advance(3598);
    assert.equal(validated(token), "ok");
    shared.clock.advance(1);
    assert.equal(validated(token), "expired");
    shared.clock.advance(-3599 - 301);
    assert.equal(validated(token), "notYetValid");
  });

  it("checks the audience", () => {
    assert.equal(validated(tokens.issue("https://vault.azure.net")), "audience");
  });

  it("refuses a token of another tenant, and one that another key signed", () => {
    const other = new AccessTokens({ ...TENANT, tenantId: TENANT.clientId }, key, shared);
    assert.equal(validated(other.issue(AUDIENCE)), "issuer");
    assert.equal(validated(new AccessTokens(TENANT, newSigningKey(), shared).issue(AUDIENCE)), "signature");
  });

  it("refuses a token without a signature, and one signed with the public key as a secret", () => {
    const [, body = ""] = tokens.issue(AUDIENCE).split(".");
    const none = `${encode({ alg: "none", typ: "JWT" })}.${body}.`;
    assert.equal(validated(none), "malformed");
    const head = encode({ alg: "HS256", typ: "JWT" });
    const pem = key.publicKey.export({ type: "spki", format: "pem" });
    const mac = createHmac("sha256", pem).update(`${head}.${body}`).digest("base64url");
    assert.equal(validated(`${head}.${body}.${mac}`), "malformed");
  });

  const { tenantId, objectId, clientId } = TENANT;
  const good = () => {
    const now = Math.floor(shared.clock.now().getTime() / 1000);
    const iss = `https://sts.windows.net/${tenantId}/`;
    return { aud: AUDIENCE, iss, tid: tenantId, oid: objectId, appid: clientId, nbf: now, exp: now + 60 };
  };
  const signed = (change: object) => signJwt({}, { ...good(), ...change }, key.privateKey);

  it("requires every claim that it reads, with its type", () => {
    assert.equal(validated(signed({})), "ok");
    for (const name of ["aud", "iss", "tid", "oid", "appid"])
      for (const value of [undefined, null, 5]) assert.equal(validated(signed({ [name]: value })), "malformed", name);
    for (const name of ["nbf", "exp"])
      for (const value of [undefined, null, "9999999999"])
        assert.equal(validated(signed({ [name]: value })), "malformed", name);
  });

  it("checks issuer and tenant separately, and accepts any of the audiences", () => {
    assert.equal(validated(signed({ tid: clientId })), "issuer");
    assert.equal(validated(signed({ iss: `https://sts.windows.net/${clientId}/` })), "issuer");
    assert.ok(tokens.validate(signed({}), ["https://vault.azure.net", AUDIENCE]).ok);
  });

  it("accepts a token that becomes valid within five minutes, and none later", () => {
    assert.equal(validated(signed({ nbf: good().nbf + 300 })), "ok");
    assert.equal(validated(signed({ nbf: good().nbf + 301 })), "notYetValid");
  });

  it("writes the client's capabilities only where it has some", () => {
    const claimsOf = (token: string) => readJwt(token)?.claims ?? {};
    assert.ok(!("xms_cc" in claimsOf(tokens.issue(AUDIENCE))));
    assert.deepEqual(claimsOf(tokens.issue(AUDIENCE, { capabilities: ["CP1"] })).xms_cc, ["CP1"]);
  });

  it("reads tokens of three parts with JSON objects, and no others", () => {
    const [head, body] = [encode({ alg: "RS256" }), encode({ a: 1 })];
    assert.deepEqual(readJwt(`${head}.${body}.AQI`), {
      ...{ header: { alg: "RS256" }, claims: { a: 1 }, signed: `${head}.${body}`, signature: Buffer.from([1, 2]) },
    });
    const none = [`.${body}.x`, `${head}..x`, `${head}.${body}.`, `${head}.${body}`, `${head}.${body}.x.y`];
    for (const value of [null, [], "text", 5]) none.push(`${encode(value)}.${body}.x`, `${head}.${encode(value)}.x`);
    for (const token of none) assert.equal(readJwt(token), undefined, token);
  });

  it("refuses keys of another type, and algorithms that are not allowed", () => {
    const read = readJwt(signed({}));
    assert.ok(read);
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    assert.equal(isSignedBy(read, key.publicKey, ["RS256"]), true);
    assert.equal(isSignedBy(read, publicKey, ["RS256"]), false);
    assert.equal(isSignedBy(read, key.publicKey, ["PS256"]), false);
    assert.equal(isSignedBy({ ...read, header: { alg: 5 } }, key.publicKey, ["RS256"]), false);
  });

  it("refuses malformed tokens", () => {
    for (const token of ["", "a", "a.b", "a.b.c", "a.b.c.d", `${encode({ alg: "RS256" })}.${encode({})}.x`]) {
      assert.equal(validated(token), "malformed", token);
    }
  });
});
