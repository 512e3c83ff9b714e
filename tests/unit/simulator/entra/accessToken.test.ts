import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { AccessTokens } from "../../../../simulator/entra/accessToken";
import { newSigningKey } from "../../../../simulator/entra/signingKey";
import { TENANT } from "../../../cast/armDesk";
import { type LocalServices, localServices } from "../../../cast/localServices";

const AUDIENCE = "https://iothubs.azure.net";
const key = newSigningKey();

describe("judging access tokens", () => {
  let services: LocalServices;
  let tokens: AccessTokens;

  beforeEach(() => {
    services = localServices();
    tokens = new AccessTokens(TENANT, key, services);
  });

  const judged = (token: string) => {
    const result = tokens.judge(token, [AUDIENCE]);
    return result.ok ? "ok" : result.reason;
  };
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  it("tells who a good token speaks for", () => {
    const { tenantId, objectId, clientId } = TENANT;
    assert.deepEqual(tokens.judge(tokens.issue(`${AUDIENCE}/`), [AUDIENCE]), {
      ok: true,
      principal: { tenantId, objectId, clientId },
    });
  });

  it("follows the clock, for tokens that it has judged before as well", () => {
    const token = tokens.issue(AUDIENCE);
    assert.equal(judged(token), "ok");
    services.clock.advance(3598);
    assert.equal(judged(token), "ok");
    services.clock.advance(1);
    assert.equal(judged(token), "expired");
    services.clock.advance(-3599 - 301);
    assert.equal(judged(token), "notYetValid");
  });

  it("looks at the audience", () => {
    assert.equal(judged(tokens.issue("https://vault.azure.net")), "audience");
  });

  it("takes no token of another tenant, nor one that another key signed", () => {
    const other = new AccessTokens({ ...TENANT, tenantId: TENANT.clientId }, key, services);
    assert.equal(judged(other.issue(AUDIENCE)), "issuer");
    assert.equal(judged(new AccessTokens(TENANT, newSigningKey(), services).issue(AUDIENCE)), "signature");
  });

  it("takes no token without a signature, nor one signed with the public key as a secret", () => {
    const [, body = ""] = tokens.issue(AUDIENCE).split(".");
    const none = `${encode({ alg: "none", typ: "JWT" })}.${body}.`;
    assert.equal(judged(none), "malformed");
    const head = encode({ alg: "HS256", typ: "JWT" });
    const pem = key.publicKey.export({ type: "spki", format: "pem" });
    const mac = createHmac("sha256", pem).update(`${head}.${body}`).digest("base64url");
    assert.equal(judged(`${head}.${body}.${mac}`), "malformed");
  });

  it("takes no nonsense", () => {
    for (const token of ["", "a", "a.b", "a.b.c", "a.b.c.d", `${encode({ alg: "RS256" })}.${encode({})}.x`]) {
      assert.equal(judged(token), "malformed", token);
    }
  });
});
