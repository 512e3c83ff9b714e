import assert from "node:assert/strict";
import { createHash, createSecretKey } from "node:crypto";
import { SignJWT } from "jose";
import { GITHUB_ISSUER, GITHUB_SUBJECT } from "../../../../emulator/entra/application";
import { newSigningKey } from "../../../../emulator/entra/signingKey";
import { TENANT } from "../../../cast/armHarness";
import {
  type ClientIdentity,
  clientAssertion,
  clientIdentity,
  type EntraHarness,
  entraHarness,
} from "../../../cast/entraHarness";
import { rsaKey } from "../../../cast/rsaKeys";

const LOGIN = `https://login.microsoftonline.com/${TENANT.tenantId}`;

describe("signing in with an assertion", () => {
  let harness: EntraHarness;

  beforeEach(async () => {
    harness = await entraHarness();
  });

  afterEach(() => harness.close());

  /** Checks the error's status, OAuth name, number and message. */
  async function refused(assertion: string, code: number, message: RegExp, status = 401, error = "invalid_client") {
    const response = await harness.signIn(assertion);
    assert.ok("code" in response, "it was accepted");
    assert.deepEqual([response.status, response.error, response.code], [status, error, code]);
    assert.match(response.message, new RegExp(`^AADSTS${code}: `));
    assert.match(response.message, message);
    assert.ok(!response.message.includes(assertion));
  }

  it("requires the JWT bearer assertion type", async () => {
    const response = await harness.signIn(harness.issuer.mint(), { client_assertion_type: "saml" });
    assert.ok("code" in response);
    assert.deepEqual([response.status, response.code], [400, 900144]);
  });

  describe("by a registered certificate", () => {
    let identity: ClientIdentity;
    let thumbprints: Record<"x5t#S256" | "x5t" | "kid", string>;

    before(async () => {
      identity = await clientIdentity();
      const digest = (hash: string, encoding: "base64url" | "hex") =>
        createHash(hash).update(identity.certificate.raw).digest(encoding);
      thumbprints = {
        "x5t#S256": digest("sha256", "base64url"),
        x5t: digest("sha1", "base64url"),
        kid: digest("sha1", "hex").toUpperCase(),
      };
    });

    // A certificate has its own validity: the clock is set to the present.
    beforeEach(() => {
      harness.shared.clock.advance((Date.now() - harness.shared.clock.now().getTime()) / 1000);
      harness.application.register(String(identity.certificate));
    });

    const claims = (change: object = {}) => ({
      aud: `${LOGIN}/v2.0`,
      iss: TENANT.clientId,
      sub: TENANT.clientId,
      jti: "1",
      nbf: harness.now(),
      exp: harness.now() + 600,
      ...change,
    });
    const s256 = () => ({ "x5t#S256": thumbprints["x5t#S256"] });

    for (const name of ["x5t#S256", "x5t", "kid"] as const) {
      for (const alg of ["PS256", "RS256"] as const) {
        it(`accepts ${alg} with the thumbprint in ${name}`, async () => {
          const response = await harness.signIn(
            await clientAssertion(identity.key, { [name]: thumbprints[name] }, claims(), alg),
          );
          assert.ok("token" in response, JSON.stringify(response));
          assert.deepEqual([response.token.appid, response.token.appidacr], [TENANT.clientId, "2"]);
        });
      }
    }

    for (const aud of [
      `${LOGIN}/oauth2/v2.0/token`,
      `${LOGIN}/oauth2/token`,
      `https://login.windows.net/${TENANT.tenantId}/v2.0`,
    ]) {
      it(`accepts the audience ${aud.replace(TENANT.tenantId, "TENANT")}`, async () => {
        assert.ok("token" in (await harness.signIn(await clientAssertion(identity.key, s256(), claims({ aud })))));
      });
    }

    it("accepts the thumbprint in plain base64, as MSAL for Go writes it", async () => {
      const x5t = Buffer.from(thumbprints.x5t, "base64url").toString("base64");
      assert.match(x5t, /=$/);
      assert.ok("token" in (await harness.signIn(await clientAssertion(identity.key, { x5t }, claims()))));
    });

    it("refuses an audience of another tenant or host", async () => {
      for (const aud of [
        `https://login.microsoftonline.com/${TENANT.clientId}/v2.0`,
        `https://example.com/${TENANT.tenantId}/v2.0`,
        "",
      ]) {
        const assertion = await clientAssertion(identity.key, s256(), claims({ aud }));
        await refused(assertion, 700023, /audience claim does not match Realm issuer/);
      }
    });

    it("refuses another application's assertion", async () => {
      for (const change of [{ iss: TENANT.tenantId }, { sub: TENANT.tenantId }]) {
        const assertion = await clientAssertion(identity.key, s256(), claims(change));
        await refused(assertion, 700021, /application identifier doesn't match 'client_id'/);
      }
    });

    it("refuses a header that names no certificate", async () => {
      await refused(await clientAssertion(identity.key, {}, claims()), 5002730, /No certificate SHA-1 thumbprint/);
    });

    it("refuses a certificate that is not registered, naming its thumbprint", async () => {
      harness.application.set({ certificates: [] });
      const assertion = await clientAssertion(identity.key, s256(), claims());
      const hex = identity.certificate.fingerprint256.replaceAll(":", "");
      await refused(assertion, 700027, new RegExp(`not registered on application.*key was not found.*'${hex}'`));
    });

    it("refuses a signature of another key under a registered thumbprint", async () => {
      const assertion = await clientAssertion(rsaKey(), s256(), claims());
      await refused(assertion, 700027, /invalid signature/);
    });

    it("refuses an assertion signed with the public certificate as a secret", async () => {
      const secret = createSecretKey(Buffer.from(String(identity.certificate)));
      const assertion = await new SignJWT(claims()).setProtectedHeader({ alg: "HS256", ...s256() }).sign(secret);
      await refused(assertion, 700027, /invalid signature/);
    });

    it("refuses an assertion before and after its time", async () => {
      for (const change of [
        { exp: harness.now() - 301 },
        { nbf: harness.now() + 600, exp: harness.now() + 900 },
        { exp: "soon" },
      ]) {
        const assertion = await clientAssertion(identity.key, s256(), claims(change));
        await refused(assertion, 700024, /not within its valid time range\. Current time: /);
      }
    });

    it("tolerates a clock skew of five minutes, and reports the times that it compared", async () => {
      const at = (seconds: number) => new Date(seconds * 1000).toISOString().replace(/[.]/g, "\\.");
      for (const change of [{ exp: harness.now() - 299 }, { nbf: harness.now() + 300, exp: harness.now() + 900 }])
        assert.ok("token" in (await harness.signIn(await clientAssertion(identity.key, s256(), claims(change)))));
      const exp = harness.now() - 300;
      const late = await clientAssertion(identity.key, s256(), claims({ exp }));
      await refused(late, 700024, new RegExp(`Current time: ${at(harness.now())}.*${at(exp)}`));
      const early = await clientAssertion(identity.key, s256(), claims({ nbf: harness.now() + 301 }));
      await refused(early, 700024, /not within its valid time range/);
      for (const odd of [String(harness.now() + 600), -1e15, undefined])
        await refused(await clientAssertion(identity.key, s256(), claims({ exp: odd })), 700024, /\(none\)/);
    });

    it("accepts the thumbprint in kid in lower case", async () => {
      const assertion = await clientAssertion(identity.key, { kid: thumbprints.kid.toLowerCase() }, claims());
      assert.ok("token" in (await harness.signIn(assertion)));
    });

    it("accepts the audience in any letter case", async () => {
      const aud = `${LOGIN}/v2.0`.toUpperCase().replace("HTTPS", "https");
      assert.ok("token" in (await harness.signIn(await clientAssertion(identity.key, s256(), claims({ aud })))));
    });

    it("accepts the certificate from the first second of its validity to the last", async () => {
      const { validFrom, validTo } = identity.certificate;
      for (const [moment, ok] of [
        [Date.parse(validFrom), true],
        [Date.parse(validTo), true],
        [Date.parse(validFrom) - 1000, false],
        [Date.parse(validTo) + 1000, false],
      ] as const) {
        harness.shared.clock.advance((moment - harness.shared.clock.now().getTime()) / 1000);
        const assertion = await clientAssertion(identity.key, s256(), claims());
        if (ok) assert.ok("token" in (await harness.signIn(assertion)), String(moment));
        else await refused(assertion, 1000502, /not within its specified validity window/);
      }
    });

    it("treats an issuer as the application only where all of it is a GUID", async () => {
      for (const iss of [`x${TENANT.clientId}`, `${TENANT.clientId}x`])
        await refused(await clientAssertion(identity.key, s256(), claims({ iss })), 700211, /assertion issuer/);
    });

    it("refuses a certificate that has expired", async () => {
      harness.shared.clock.advance(11 * 365 * 86_400);
      const assertion = await clientAssertion(identity.key, s256(), claims());
      await refused(assertion, 1000502, /not within its specified validity window/);
    });
  });

  describe("by a token of another identity provider", () => {
    it("accepts a workflow with a trusted issuer, subject and audience", async () => {
      const response = await harness.signIn(harness.issuer.mint());
      assert.ok("token" in response, JSON.stringify(response));
      assert.deepEqual([response.token.oid, response.token.appidacr], [TENANT.objectId, "2"]);
    });

    it("accepts a token for several audiences when one matches", async () => {
      const key = harness.issuer.key();
      const claims = {
        iss: GITHUB_ISSUER,
        sub: GITHUB_SUBJECT,
        aud: ["x", "api://AzureADTokenExchange"],
        exp: harness.now() + 60,
      };
      const token = await clientAssertion(key.privateKey, { kid: key.kid }, claims, "RS256");
      assert.ok("token" in (await harness.signIn(token)));
    });

    for (const [what, request, code, message] of [
      ["issuer", { issuer: "https://evil.example" }, 700211, /presented assertion issuer 'https:\/\/evil\.example'/],
      ["issuer with a slash more", { issuer: `${GITHUB_ISSUER}/` }, 700211, /presented assertion issuer/],
      ["subject", { subject: "repo:local/other:ref:refs/heads/main" }, 700213, /subject 'repo:local\/other:ref/],
      ["letter case of the subject", { subject: GITHUB_SUBJECT.toUpperCase() }, 7002138, /not with case-sensitive/],
      ["audience", { audience: "https://github.com/local" }, 700212, /presented assertion audience 'https:\/\/github/],
    ] as const) {
      it(`refuses another ${what}`, () => refused(harness.issuer.mint(request), code, message));
    }

    it("refuses a key that is not the identity provider's", async () => {
      const claims = {
        iss: GITHUB_ISSUER,
        sub: GITHUB_SUBJECT,
        aud: "api://AzureADTokenExchange",
        exp: harness.now() + 60,
      };
      const other = newSigningKey();
      const token = await clientAssertion(other.privateKey, { kid: other.kid }, claims, "RS256");
      await refused(token, 7000272, new RegExp(`identifier ${other.kid} used to sign the federated credential`));
    });

    it("reports a token that names no key", async () => {
      const claims = {
        ...{ iss: GITHUB_ISSUER, sub: GITHUB_SUBJECT, aud: "api://AzureADTokenExchange", exp: harness.now() + 60 },
      };
      const token = await clientAssertion(rsaKey(), {}, claims, "RS256");
      await refused(token, 7000272, /identifier \(none\) used to sign/);
    });

    it("compares a subject's letter case both ways", async () => {
      const trusted = { name: "n", issuer: "https://i", subject: "Repo:A", audience: "x" };
      harness.application.set({ federatedCredentials: [trusted] });
      await refused(harness.issuer.mint({ ...trusted, subject: "repo:a" }), 7002138, /not with case-sensitive/);
    });

    it("refuses an expired token", async () => {
      const token = harness.issuer.mint({ lifetimeSeconds: 60 });
      harness.shared.clock.advance(361);
      await refused(token, 700024, /expiry time of assertion/);
    });

    it("refuses malformed tokens", async () => {
      for (const text of ["x", "a.b.c", `${"e30"}.${"e30"}.x`]) {
        await refused(text, 50027, /JWT token is invalid or malformed/, 400, "invalid_request");
      }
    });

    it("trusts the credentials that are set, and the previous ones no longer", async () => {
      const cluster = {
        name: "aks",
        issuer: "https://oidc.example/",
        subject: "system:serviceaccount:a:b",
        audience: "x",
      };
      harness.application.set({ federatedCredentials: [cluster] });
      assert.ok("token" in (await harness.signIn(harness.issuer.mint(cluster))));
      await refused(harness.issuer.mint(), 700211, /presented assertion issuer/);
    });
  });
});
