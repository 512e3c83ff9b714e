import assert from "node:assert/strict";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { Application } from "../../../../emulator/entra/application";
import { entraService } from "../../../../emulator/entra/entraService";
import { OidcIssuer } from "../../../../emulator/entra/oidcIssuer";
import { TENANT, tokensOf } from "../../../cast/armHarness";
import { type Served, type ServedResponse, serve } from "../../../cast/served";
import { type TestDependencies, testDependencies } from "../../../cast/testDependencies";

const HOST = { host: "login.microsoftonline.com" };
const FORM = {
  grant_type: "client_credentials",
  client_id: TENANT.clientId,
  client_secret: TENANT.clientSecret,
  scope: "https://management.azure.com/.default",
};

interface Refusal {
  readonly error: string;
  readonly error_description: string;
  readonly error_codes: readonly number[];
}

describe("signing in at Entra ID", () => {
  let shared: TestDependencies;
  let served: Served;

  beforeEach(async () => {
    shared = testDependencies();
    const tokens = tokensOf(shared);
    const deps = { tokens, application: new Application(), issuer: new OidcIssuer(() => tokens.key, shared) };
    served = await serve(entraService({ ...shared, ...deps }));
  });

  afterEach(() => served.close());

  const post = (
    form: Record<string, string>,
    path = `/${TENANT.tenantId}/oauth2/v2.0/token`,
  ): Promise<ServedResponse> =>
    served.send("POST", path, `${new URLSearchParams(form)}`, {
      ...HOST,
      "content-type": "application/x-www-form-urlencoded",
    });
  const get = async (path: string, host = HOST.host) => {
    const { status, body } = await served.send("GET", path, undefined, { host });
    assert.equal(status, 200);
    return body as Record<string, unknown>;
  };
  const tokenIn = ({ body }: ServedResponse): string => (body as { access_token: string }).access_token;

  it("issues a token that another implementation verifies with the published keys", async () => {
    const response = await post(FORM);
    assert.equal(response.status, 200);
    const { token_type, expires_in, ext_expires_in } = response.body as Record<string, unknown>;
    assert.deepEqual([token_type, expires_in, ext_expires_in], ["Bearer", 3599, 3599]);
    const keys = await get(`/${TENANT.tenantId}/discovery/v2.0/keys`);
    const { payload, protectedHeader } = await jwtVerify(
      tokenIn(response),
      createLocalJWKSet(keys as unknown as JSONWebKeySet),
      {
        issuer: `https://sts.windows.net/${TENANT.tenantId}/`,
        audience: "https://management.azure.com",
        currentDate: shared.clock.now(),
      },
    );
    assert.equal(protectedHeader.alg, "RS256");
    assert.deepEqual(
      [payload.oid, payload.appid, payload.tid, (payload.exp ?? 0) - (payload.iat ?? 0)],
      [TENANT.objectId, TENANT.clientId, TENANT.tenantId, 3599],
    );
  });

  for (const [scope, audience] of [
    ["https://management.azure.com/.default", "https://management.azure.com"],
    ["https://management.core.windows.net//.default", "https://management.core.windows.net/"],
    [
      "https://management.core.windows.net//.default openid offline_access profile",
      "https://management.core.windows.net/",
    ],
    ["https://azure-devices-provisioning.net/.default", "https://azure-devices-provisioning.net"],
    ["https://iothubs.azure.net/.default", "https://iothubs.azure.net"],
    ["https://vault.azure.net/.default", "https://vault.azure.net"],
  ] as const) {
    it(`makes the audience of ${scope}`, async () => {
      const [, body = ""] = tokenIn(await post({ ...FORM, scope })).split(".");
      assert.equal(JSON.parse(Buffer.from(body, "base64url").toString()).aud, audience);
    });
  }

  it("puts the client's capabilities into the token", async () => {
    const claims = JSON.stringify({ access_token: { xms_cc: { values: ["CP1", 5, null] } } });
    const [, body = ""] = tokenIn(await post({ ...FORM, claims })).split(".");
    assert.deepEqual(JSON.parse(Buffer.from(body, "base64url").toString()).xms_cc, ["CP1"]);
  });

  it("accepts the resource parameter at the v1 endpoint", async () => {
    const { scope: _scope, ...rest } = FORM;
    const form = { ...rest, resource: "https://management.azure.com/" };
    const [, body = ""] = tokenIn(await post(form, `/${TENANT.tenantId}/oauth2/token`)).split(".");
    assert.equal(JSON.parse(Buffer.from(body, "base64url").toString()).aud, "https://management.azure.com/");
  });

  for (const [what, change, status, error, code] of [
    ["a wrong secret", { client_secret: "wrong" }, 401, "invalid_client", 7000215],
    ["no secret", { client_secret: "" }, 401, "invalid_client", 7000216],
    ["an unknown client", { client_id: TENANT.tenantId }, 400, "unauthorized_client", 700016],
    ["another grant", { grant_type: "password" }, 400, "unsupported_grant_type", 70003],
    ["no scope", { scope: "" }, 400, "invalid_request", 90014],
    [
      "a resource below /.default",
      { scope: "https://management.azure.com/.default/x/.default" },
      400,
      "invalid_resource",
      500011,
    ],
    ["a scope without /.default", { scope: "https://management.azure.com/user" }, 400, "invalid_scope", 1002012],
    ["an unknown resource", { scope: "https://example.com/.default" }, 400, "invalid_resource", 500011],
    ["an assertion of no type", { client_assertion: "x" }, 400, "invalid_request", 900144],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const response = await post({ ...FORM, ...change });
      const body = response.body as Refusal;
      assert.deepEqual([response.status, body.error, body.error_codes], [status, error, [code]]);
      assert.match(body.error_description, new RegExp(`^AADSTS${code}: `));
      assert.ok(!JSON.stringify(body).includes(TENANT.clientSecret));
    });
  }

  it("refuses a token request without a grant", async () => {
    const response = await post({});
    assert.deepEqual([response.status, (response.body as Refusal).error], [400, "invalid_request"]);
  });

  it("has one tenant, and refuses sign-in at common", async () => {
    for (const tenant of [TENANT.clientId, "common"]) {
      const response = await post(FORM, `/${tenant}/oauth2/v2.0/token`);
      assert.deepEqual([response.status, (response.body as Refusal).error_codes], [400, [90002]]);
    }
  });

  it("serves discovery documents to every client library", async () => {
    const v2 = await get(`/${TENANT.tenantId}/v2.0/.well-known/openid-configuration?`);
    assert.equal(v2.issuer, `https://login.microsoftonline.com/${TENANT.tenantId}/v2.0`);
    assert.equal(v2.token_endpoint, `https://login.microsoftonline.com/${TENANT.tenantId}/oauth2/v2.0/token`);
    const v1 = await get(`/${TENANT.tenantId}/.well-known/openid-configuration`);
    const keys = `https://login.microsoftonline.com/${TENANT.tenantId}/discovery`;
    assert.deepEqual([v2.jwks_uri, v1.jwks_uri], [`${keys}/v2.0/keys`, `${keys}/keys`]);
    assert.equal(v1.issuer, `https://sts.windows.net/${TENANT.tenantId}/`);
    const common = await get("/common/v2.0/.well-known/openid-configuration");
    assert.equal(common.token_endpoint, "https://login.microsoftonline.com/common/oauth2/v2.0/token");
    const instance = await get("/common/discovery/instance?api-version=1.1&authorization_endpoint=x");
    assert.equal((instance.metadata as { preferred_network: string }[])[0]?.preferred_network, HOST.host);
  });

  it("describes the cloud at the address that the client used", async () => {
    const [list] = (await get("/metadata/endpoints?api-version=2019-05-01", "management.azure.com")) as unknown as {
      resourceManager: string;
    }[];
    assert.equal(list?.resourceManager, "https://management.azure.com/");
    const own = await get("/metadata/endpoints?api-version=2022-09-01", "127.0.0.1:4711");
    assert.equal(own.resourceManager, "https://127.0.0.1:4711/");
    assert.deepEqual((own.authentication as { loginEndpoint: string }).loginEndpoint, "https://127.0.0.1:4711/");
    assert.equal((own.authentication as { tenant: string }).tenant, TENANT.tenantId);
    const named = await get("/metadata/endpoints?api-version=2022-09-01", "localhost:4711");
    assert.equal(named.resourceManager, "https://localhost:4711/");
    for (const host of ["127.0.0.1.example", "localhost.example", "my.localhost", "login.microsoftonline.com"]) {
      const { resourceManager, authentication } = await get("/metadata/endpoints?api-version=2022-09-01", host);
      const { loginEndpoint, tenant } = authentication as { loginEndpoint: string; tenant: string };
      assert.deepEqual(
        [resourceManager, loginEndpoint, tenant],
        ["https://management.azure.com/", "https://login.microsoftonline.com/", "common"],
      );
    }
  });

  it("describes its own tenant only, by its ID in any letter case or a name for any tenant", async () => {
    for (const path of [
      "v2.0/.well-known/openid-configuration",
      ".well-known/openid-configuration",
      "discovery/keys",
    ]) {
      for (const tenant of [TENANT.tenantId, "Common", "organizations"]) await get(`/${tenant}/${path}`);
      const { status, body } = await served.send("GET", `/${TENANT.clientId}/${path}`, undefined, HOST);
      assert.deepEqual([status, (body as Refusal).error_codes], [400, [90002]]);
    }
  });

  it("returns NotEmulated for what it does not emulate", async () => {
    const response = await served.send("GET", `/${TENANT.tenantId}/oauth2/v2.0/authorize`, undefined, HOST);
    assert.deepEqual([response.status, (response.body as Refusal).error], [501, "not_emulated"]);
    assert.match((response.body as Refusal).error_description, /has no users: sign in as its application/);
    const other = await served.send("GET", "/elsewhere", undefined, HOST);
    assert.match((other.body as Refusal).error_description, /has no GET \/elsewhere of Entra ID\./);
  });
});
