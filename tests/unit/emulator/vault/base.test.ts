import assert from "node:assert/strict";
import { type VaultHarness, vaultHarness } from "../../../cast/vaultHarness";

interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly innererror?: { readonly code: string } };
}
const refusal = (body: unknown) => (body as ErrorBody).error;

describe("the data plane of Key Vault", () => {
  let harness: VaultHarness;
  beforeEach(async () => {
    harness = await vaultHarness();
  });
  afterEach(() => harness.close());
  const host = "vault-1.vault.azure.net";

  it("challenges a call without a token before any other check", async () => {
    const { status, headers, body } = await harness.send("PUT", "/secrets/not_a_name", undefined, { host });
    assert.equal(status, 401);
    assert.equal(
      headers["www-authenticate"],
      'Bearer authorization="https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111", resource="https://vault.azure.net"',
    );
    assert.deepEqual(body, {
      error: { code: "Unauthorized", message: "AKV10000: Request is missing a Bearer or PoP token." },
    });
  });

  it("challenges at unknown paths, too", async () => {
    assert.equal((await harness.send("GET", "/nothing", undefined, { host })).status, 401);
  });

  for (const [what, code, bearer] of [
    ["a wrong audience", "AKV10022", () => harness.token("https://management.azure.com")],
    ["no JSON Web Token", "AKV10001", () => "nonsense"],
    ["a strange signature", "AKV10046", () => `${harness.token().split(".").slice(0, 2).join(".")}.c2lnbmF0dXJl`],
  ] as const) {
    it(`refuses a token of ${what}`, async () => {
      const { status, headers, body } = await harness.vault("GET", "/secrets", undefined, {
        authorization: `Bearer ${bearer()}`,
      });
      assert.equal(status, 401);
      assert.ok(refusal(body).message.startsWith(`${code}: `), refusal(body).message);
      assert.match(String(headers["www-authenticate"]), /^Bearer authorization=/);
    });
  }

  it("refuses an expired token, and one for a vault of another tenant", async () => {
    const authorization = `Bearer ${harness.token()}`;
    harness.services.clock.advance(3600);
    const late = await harness.vault("GET", "/secrets", undefined, { authorization });
    assert.match(refusal(late.body).message, /^AKV10016: The access token has expired/);
    harness.vaults.change({ tenantId: "99999999-9999-4999-8999-999999999999" });
    const strange = await harness.vault("GET", "/secrets");
    assert.equal(strange.status, 401);
    assert.match(refusal(strange.body).message, /^AKV10032: .*99999999-/);
    assert.match(String(strange.headers["www-authenticate"]), /99999999-/);
  });

  it("returns 421 for an unknown vault, and names the error that clients get from Azure", async () => {
    const { status, body } = await harness.vault("GET", "/secrets", undefined, { host: "nobody.vault.azure.net" });
    assert.equal(status, 421);
    assert.equal(refusal(body).code, "VaultNotFound");
    assert.match(refusal(body).message, /'nobody'.*ENOTFOUND/);
  });

  it("requires a known api-version, its name percent-encoded or not", async () => {
    const headers = { host, authorization: `Bearer ${harness.token()}` };
    const missing = await harness.send("GET", "/secrets", undefined, headers);
    assert.equal(missing.status, 400);
    assert.deepEqual(refusal(missing.body), { code: "BadParameter", message: "api-version must be specified" });
    const strange = await harness.send("GET", "/secrets?api-version=1.0", undefined, headers);
    assert.match(refusal(strange.body).message, /^The specified version \(1\.0\) is not recognized/);
    for (const version of ["2016-10-01", "7.0", "7.6", "7.5-preview.1", "2025-07-01", "2026-04-01"]) {
      assert.equal((await harness.send("GET", `/secrets?api%2Dversion=${version}`, undefined, headers)).status, 200);
    }
  });

  it("reads the verb of a POST from X-HTTP-METHOD or X-HTTP-REQUEST, of no other method", async () => {
    await harness.vault("PUT", "/secrets/a", { value: "1" });
    const read = await harness.vault("POST", "/secrets/a", undefined, { "x-http-method": "get" });
    assert.equal((read.body as { value: string }).value, "1");
    const patched = await harness.vault("POST", "/secrets/a", { tags: { a: "b" } }, { "X-HTTP-REQUEST": "PATCH" });
    assert.deepEqual((patched.body as { tags: unknown }).tags, { a: "b" });
    const stays = await harness.vault("GET", "/secrets/a", undefined, { "x-http-method": "DELETE" });
    assert.equal(stays.status, 200);
    assert.equal((await harness.vault("GET", "/secrets/a")).status, 200);
    const wrong = await harness.vault("POST", "/secrets/a", undefined, { "x-http-method": "TRACE" });
    assert.equal(wrong.status, 400);
    assert.match(refusal(wrong.body).message, /unknown verb: TRACE/);
    const removed = await harness.vault("POST", "/secrets/a", undefined, { "x-http-method": "DELETE" });
    assert.equal(removed.status, 200);
    assert.equal((await harness.vault("GET", "/secrets/a")).status, 404);
  });

  it("returns 405 for a known path with another verb, and 501 for other paths", async () => {
    const wrong = await harness.vault("PUT", "/secrets");
    assert.deepEqual([wrong.status, refusal(wrong.body).code], [405, "MethodNotAllowed"]);
    const absent = await harness.vault("GET", "/storage/accounts");
    assert.deepEqual([absent.status, refusal(absent.body).code], [501, "NotEmulated"]);
  });

  it("sends Key Vault's headers", async () => {
    const { headers } = await harness.vault("GET", "/secrets");
    assert.equal(headers["content-type"], "application/json; charset=utf-8");
    assert.equal(headers["x-ms-keyvault-network-info"], "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;");
    assert.match(String(headers["x-ms-request-id"]), /^[0-9a-f-]{36}$/);
  });

  it("grants access by access policy, and names the caller and the missing permission", async () => {
    const policy = (secrets: readonly string[]) => ({
      accessPolicies: [
        {
          tenantId: "11111111-1111-4111-8111-111111111111",
          objectId: "44444444-4444-4444-8444-444444444444",
          permissions: { keys: [], secrets, certificates: [] },
        },
      ],
    });
    harness.vaults.change(policy(["set", "list"]));
    assert.equal((await harness.vault("PUT", "/secrets/a", { value: "1" })).status, 200);
    const { status, body } = await harness.vault("GET", "/secrets/a");
    assert.equal(status, 403);
    assert.deepEqual(refusal(body), {
      code: "Forbidden",
      message:
        "The user, group or application 'appid=33333333-3333-4333-8333-333333333333;oid=44444444-4444-4444-8444-444444444444;iss=https://sts.windows.net/11111111-1111-4111-8111-111111111111/' does not have secrets get permission on key vault 'vault-1;location=westeurope'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
      innererror: { code: "ForbiddenByPolicy" },
    });
    harness.vaults.change(policy(["all"]));
    assert.equal((await harness.vault("DELETE", "/secrets/a")).status, 200);
    const purge = await harness.vault("DELETE", "/deletedsecrets/a");
    assert.equal(purge.status, 403, "all is without purge");
    harness.vaults.change({ accessPolicies: [] });
    assert.equal((await harness.vault("GET", "/secrets")).status, 403);
  });

  it("grants access by role in a vault with RBAC, regardless of its access policies", async () => {
    harness.vaults.change({ enableRbacAuthorization: true });
    const refused = await harness.vault("PUT", "/secrets/a", { value: "1" });
    assert.equal(refused.status, 403);
    assert.equal(refusal(refused.body).innererror?.code, "ForbiddenByRbac");
    assert.match(
      refusal(refused.body).message,
      /Action: 'Microsoft\.KeyVault\/vaults\/secrets\/setSecret\/action'\r\nResource: '\/subscriptions\/.*\/vaults\/vault-1\/secrets\/a'/,
    );
    harness.vaults.granted = ["Microsoft.KeyVault/vaults/secrets/setSecret/action"];
    assert.equal((await harness.vault("PUT", "/secrets/a", { value: "1" })).status, 200);
    assert.equal((await harness.vault("GET", "/secrets/a")).status, 403);
  });

  it("refuses the public network if the vault does", async () => {
    for (const [closedBy, inner] of [
      ["connection", "ForbiddenByConnection"],
      ["firewall", "ForbiddenByFirewall"],
    ] as const) {
      harness.vaults.change({ closedBy });
      const { status, body } = await harness.vault("GET", "/secrets");
      assert.equal(status, 403);
      assert.equal(refusal(body).innererror?.code, inner);
    }
  });
});
