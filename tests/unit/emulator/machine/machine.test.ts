import assert from "node:assert/strict";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { GITHUB_ISSUER, GITHUB_SUBJECT } from "../../../../emulator/entra/application";
import { OidcIssuer } from "../../../../emulator/entra/oidcIssuer";
import { machineService } from "../../../../emulator/machine/machineService";
import { TENANT, tokensOf } from "../../../cast/armHarness";
import { type Served, type ServedResponse, serve } from "../../../cast/served";
import { type TestDependencies, testDependencies } from "../../../cast/testDependencies";

const SECRET = "the-headers-secret";
const ARM = "resource=https%3A%2F%2Fmanagement.azure.com%2F";

describe("a machine's identity endpoints", () => {
  let shared: TestDependencies;
  let served: Served;

  beforeEach(async () => {
    shared = testDependencies();
    const tokens = tokensOf(shared);
    const issuer = new OidcIssuer(() => tokens.key, shared);
    served = await serve(
      machineService({ ...shared, tokens, issuer, identitySecret: SECRET, directory: { principals: () => [] } }),
    );
  });

  afterEach(() => served.close());

  const get = (path: string, headers: Record<string, string> = {}) => served.send("GET", path, undefined, headers);
  const fields = ({ body }: ServedResponse) => body as Readonly<Record<string, string>>;
  const audience = (token = "") => {
    const [, claims = ""] = token.split(".");
    return JSON.parse(Buffer.from(claims, "base64url").toString()).aud;
  };
  const now = () => Math.floor(shared.clock.now().getTime() / 1000);

  describe("App Service", () => {
    const ask = (query: string, header = SECRET) => get(`/msi/token?${query}`, { "x-identity-header": header });

    it("issues the application's token by default, by client ID and by object ID", async () => {
      for (const name of ["", `&client_id=${TENANT.clientId}`, `&principal_id=${TENANT.objectId.toUpperCase()}`]) {
        const response = await ask(`api-version=2019-08-01&${ARM}${name}`);
        assert.equal(response.status, 200);
        const { access_token, expires_on, token_type, resource, client_id } = fields(response);
        const [, claims = ""] = (access_token ?? "").split(".");
        assert.equal(JSON.parse(Buffer.from(claims, "base64url").toString()).appidacr, "2", "no secret was shown");
        assert.equal(audience(access_token), "https://management.azure.com/");
        assert.deepEqual([expires_on, token_type, client_id], [`${now() + 3599}`, "Bearer", TENANT.clientId]);
        assert.equal(resource, "https://management.azure.com/");
      }
    });

    for (const [what, query, header, status, message] of [
      ["another header", `api-version=2019-08-01&${ARM}`, "guessed", 401, /X-IDENTITY-HEADER/],
      ["no api-version", ARM, SECRET, 400, /api-version/],
      ["no resource", "api-version=2019-08-01", SECRET, 400, /'resource' is missing/],
      ["an unknown resource", "api-version=2019-08-01&resource=https://x", SECRET, 400, /AADSTS500011/],
      [
        "another identity",
        `api-version=2019-08-01&${ARM}&client_id=${TENANT.tenantId}`,
        SECRET,
        400,
        /Identity not found/,
      ],
      ["an unknown resource ID", `api-version=2019-08-01&${ARM}&mi_res_id=/x`, SECRET, 400, /Identity not found/],
      ["one by its older name", `api-version=2019-08-01&${ARM}&msi_res_id=/x`, SECRET, 400, /Identity not found/],
    ] as const) {
      it(`refuses ${what}`, async () => {
        const response = await ask(query, header);
        assert.equal(response.status, status);
        assert.deepEqual(fields(response).statusCode, status);
        assert.match(fields(response).message ?? "", message);
        assert.ok(!JSON.stringify(response.body).includes(SECRET));
      });
    }
  });

  describe("a virtual machine's metadata service", () => {
    const PATH = `/metadata/identity/oauth2/token?api-version=2018-02-01&${ARM}`;
    const requested = { host: "169.254.169.254", metadata: "true" };

    it("is off until it is switched on", async () => {
      const off = await get(PATH, requested);
      assert.deepEqual([off.status, fields(off).error], [403, "imds_off"]);
      shared.switches.imds = true;
      const on = await get(PATH, requested);
      assert.equal(on.status, 200);
      const { access_token, expires_in, expires_on, not_before } = fields(on);
      assert.equal(audience(access_token), "https://management.azure.com/");
      assert.deepEqual([expires_in, expires_on, not_before], ["3599", `${now() + 3599}`, `${now()}`]);
    });

    it("refuses requests that may be forged: without its header, or forwarded", async () => {
      shared.switches.imds = true;
      for (const headers of [{}, { metadata: "false" }, { metadata: "true", "x-forwarded-for": "10.0.0.1" }]) {
        const response = await get(PATH, headers as Record<string, string>);
        assert.deepEqual([response.status, fields(response).error], [400, "invalid_request"]);
      }
    });

    it("requires an api-version, and its header in any letter case", async () => {
      shared.switches.imds = true;
      const unversioned = await get(PATH.replace("api-version=2018-02-01&", ""), requested);
      assert.deepEqual([unversioned.status, fields(unversioned).error], [400, "invalid_request"]);
      assert.match(
        fields(unversioned).error_description ?? JSON.stringify(unversioned.body),
        /'api-version' is missing/,
      );
      assert.equal((await get(PATH, { ...requested, metadata: "True" })).status, 200);
      assert.equal((await get(PATH, { ...requested, host: "localhost" })).status, 200);
    });
  });

  describe("GitHub's identity tokens", () => {
    const bearer = { authorization: `Bearer ${SECRET}` };

    it("are signed with the key that the issuer publishes", async () => {
      const keys = await get("/github/.well-known/jwks");
      const verify = async (query: string) => {
        const { status, body } = await get(`/github/id-token?api-version=2.0${query}`, bearer);
        assert.equal(status, 200);
        const { value } = body as { value: string };
        const set = createLocalJWKSet(keys.body as JSONWebKeySet);
        return (await jwtVerify(value, set, { issuer: GITHUB_ISSUER, currentDate: shared.clock.now() })).payload;
      };
      const { sub, aud } = await verify("");
      assert.deepEqual([sub, aud], [GITHUB_SUBJECT, "api://AzureADTokenExchange"]);
      const other = await verify("&audience=sts.amazonaws.com&subject=repo:a/b:pull_request");
      assert.deepEqual([other.sub, other.aud], ["repo:a/b:pull_request", "sts.amazonaws.com"]);
    });

    it("are refused without the workflow's token", async () => {
      for (const headers of [{}, { authorization: "Bearer guessed" }] as Record<string, string>[]) {
        const response = await get("/github/id-token", headers);
        assert.deepEqual([response.status, fields(response).error], [401, "unauthorized"]);
      }
    });

    it("have a discovery document", async () => {
      const { issuer, jwks_uri } = fields(
        await get("/github/.well-known/openid-configuration", { host: "127.0.0.1:1" }),
      );
      assert.deepEqual([issuer, jwks_uri], [GITHUB_ISSUER, "http://127.0.0.1:1/github/.well-known/jwks"]);
    });
  });

  it("are available at the loopback and IMDS addresses only, not at rebound DNS names", async () => {
    for (const host of ["evil.example", "127.0.0.1.evil.example", "management.azure.com"]) {
      const response = await get("/github/.well-known/jwks", { host });
      assert.deepEqual([response.status, fields(response).error], [403, "host_refused"]);
    }
    assert.equal((await get("/metadata/instance")).status, 404);
  });
});
