import assert from "node:assert/strict";
import { type VaultDesk, vaultDesk } from "../../../cast/vaultDesk";

interface Fault {
  readonly error: { readonly code: string; readonly message: string; readonly innererror?: { readonly code: string } };
}
const fault = (body: unknown) => (body as Fault).error;

describe("the face of Key Vault", () => {
  let desk: VaultDesk;
  beforeEach(async () => {
    desk = await vaultDesk();
  });
  afterEach(() => desk.close());
  const host = "vault-1.vault.azure.net";

  it("challenges a call without a token before it looks at anything else", async () => {
    const { status, headers, body } = await desk.send("PUT", "/secrets/not_a_name", undefined, { host });
    assert.equal(status, 401);
    assert.equal(
      headers["www-authenticate"],
      'Bearer authorization="https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111", resource="https://vault.azure.net"',
    );
    assert.deepEqual(body, {
      error: { code: "Unauthorized", message: "AKV10000: Request is missing a Bearer or PoP token." },
    });
  });

  it("challenges at paths that it does not have, too", async () => {
    assert.equal((await desk.send("GET", "/nothing", undefined, { host })).status, 401);
  });

  for (const [what, code, bearer] of [
    ["a wrong audience", "AKV10022", () => desk.token("https://management.azure.com")],
    ["no JSON Web Token", "AKV10001", () => "nonsense"],
    ["a strange signature", "AKV10046", () => `${desk.token().split(".").slice(0, 2).join(".")}.c2lnbmF0dXJl`],
  ] as const) {
    it(`refuses a token of ${what}`, async () => {
      const { status, headers, body } = await desk.vault("GET", "/secrets", undefined, {
        authorization: `Bearer ${bearer()}`,
      });
      assert.equal(status, 401);
      assert.ok(fault(body).message.startsWith(`${code}: `), fault(body).message);
      assert.match(String(headers["www-authenticate"]), /^Bearer authorization=/);
    });
  }

  it("refuses an expired token, and one for a vault of another tenant", async () => {
    const authorization = `Bearer ${desk.token()}`;
    desk.services.clock.advance(3600);
    const late = await desk.vault("GET", "/secrets", undefined, { authorization });
    assert.match(fault(late.body).message, /^AKV10016: The access token has expired/);
    desk.vaults.change({ tenantId: "99999999-9999-4999-8999-999999999999" });
    const strange = await desk.vault("GET", "/secrets");
    assert.equal(strange.status, 401);
    assert.match(fault(strange.body).message, /^AKV10032: .*99999999-/);
    assert.match(String(strange.headers["www-authenticate"]), /99999999-/);
  });

  it("answers 421 for a vault that does not stand, and says what Azure's clients would see", async () => {
    const { status, body } = await desk.vault("GET", "/secrets", undefined, { host: "nobody.vault.azure.net" });
    assert.equal(status, 421);
    assert.equal(fault(body).code, "VaultNotFound");
    assert.match(fault(body).message, /'nobody'.*ENOTFOUND/);
  });

  it("needs an api-version that it knows, its name percent-encoded or not", async () => {
    const headers = { host, authorization: `Bearer ${desk.token()}` };
    const missing = await desk.send("GET", "/secrets", undefined, headers);
    assert.equal(missing.status, 400);
    assert.deepEqual(fault(missing.body), { code: "BadParameter", message: "api-version must be specified" });
    const strange = await desk.send("GET", "/secrets?api-version=1.0", undefined, headers);
    assert.match(fault(strange.body).message, /^The specified version \(1\.0\) is not recognized/);
    for (const version of ["2016-10-01", "7.0", "7.6", "7.5-preview.1", "2025-07-01", "2026-04-01"]) {
      assert.equal((await desk.send("GET", `/secrets?api%2Dversion=${version}`, undefined, headers)).status, 200);
    }
  });

  it("takes the verb of a POST from X-HTTP-METHOD or X-HTTP-REQUEST, and of nothing else", async () => {
    await desk.vault("PUT", "/secrets/a", { value: "1" });
    const read = await desk.vault("POST", "/secrets/a", undefined, { "x-http-method": "get" });
    assert.equal((read.body as { value: string }).value, "1");
    const patched = await desk.vault("POST", "/secrets/a", { tags: { a: "b" } }, { "X-HTTP-REQUEST": "PATCH" });
    assert.deepEqual((patched.body as { tags: unknown }).tags, { a: "b" });
    const stays = await desk.vault("GET", "/secrets/a", undefined, { "x-http-method": "DELETE" });
    assert.equal(stays.status, 200);
    assert.equal((await desk.vault("GET", "/secrets/a")).status, 200);
    const wrong = await desk.vault("POST", "/secrets/a", undefined, { "x-http-method": "TRACE" });
    assert.equal(wrong.status, 400);
    assert.match(fault(wrong.body).message, /X-HTTP-METHOD names no verb: TRACE/);
    const removed = await desk.vault("POST", "/secrets/a", undefined, { "x-http-method": "DELETE" });
    assert.equal(removed.status, 200);
    assert.equal((await desk.vault("GET", "/secrets/a")).status, 404);
  });

  it("answers 405 for a known path under another verb, and a loud 501 for what it has not", async () => {
    const wrong = await desk.vault("PUT", "/secrets");
    assert.deepEqual([wrong.status, fault(wrong.body).code], [405, "MethodNotAllowed"]);
    const absent = await desk.vault("GET", "/storage/accounts");
    assert.deepEqual([absent.status, fault(absent.body).code], [501, "NotEmulated"]);
  });

  it("sends Key Vault's headers", async () => {
    const { headers } = await desk.vault("GET", "/secrets");
    assert.equal(headers["content-type"], "application/json; charset=utf-8");
    assert.equal(headers["x-ms-keyvault-network-info"], "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;");
    assert.match(String(headers["x-ms-request-id"]), /^[0-9a-f-]{36}$/);
  });

  it("lets in by access policy who has the permission, and says who lacks which", async () => {
    const policy = (secrets: readonly string[]) => ({
      accessPolicies: [
        {
          tenantId: "11111111-1111-4111-8111-111111111111",
          objectId: "44444444-4444-4444-8444-444444444444",
          permissions: { keys: [], secrets, certificates: [] },
        },
      ],
    });
    desk.vaults.change(policy(["set", "list"]));
    assert.equal((await desk.vault("PUT", "/secrets/a", { value: "1" })).status, 200);
    const { status, body } = await desk.vault("GET", "/secrets/a");
    assert.equal(status, 403);
    assert.deepEqual(fault(body), {
      code: "Forbidden",
      message:
        "The user, group or application 'appid=33333333-3333-4333-8333-333333333333;oid=44444444-4444-4444-8444-444444444444;iss=https://sts.windows.net/11111111-1111-4111-8111-111111111111/' does not have secrets get permission on key vault 'vault-1;location=westeurope'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
      innererror: { code: "ForbiddenByPolicy" },
    });
    desk.vaults.change(policy(["all"]));
    assert.equal((await desk.vault("DELETE", "/secrets/a")).status, 200);
    const purge = await desk.vault("DELETE", "/deletedsecrets/a");
    assert.equal(purge.status, 403, "all is without purge");
    desk.vaults.change({ accessPolicies: [] });
    assert.equal((await desk.vault("GET", "/secrets")).status, 403);
  });

  it("lets in by role where the vault says so, whatever its policies", async () => {
    desk.vaults.change({ enableRbacAuthorization: true });
    const refused = await desk.vault("PUT", "/secrets/a", { value: "1" });
    assert.equal(refused.status, 403);
    assert.equal(fault(refused.body).innererror?.code, "ForbiddenByRbac");
    assert.match(
      fault(refused.body).message,
      /Action: 'Microsoft\.KeyVault\/vaults\/secrets\/setSecret\/action'\r\nResource: '\/subscriptions\/.*\/vaults\/vault-1\/secrets\/a'/,
    );
    desk.vaults.granted = ["Microsoft.KeyVault/vaults/secrets/setSecret/action"];
    assert.equal((await desk.vault("PUT", "/secrets/a", { value: "1" })).status, 200);
    assert.equal((await desk.vault("GET", "/secrets/a")).status, 403);
  });

  it("keeps the public network out where the vault says so", async () => {
    for (const [closedBy, inner] of [
      ["connection", "ForbiddenByConnection"],
      ["firewall", "ForbiddenByFirewall"],
    ] as const) {
      desk.vaults.change({ closedBy });
      const { status, body } = await desk.vault("GET", "/secrets");
      assert.equal(status, 403);
      assert.equal(fault(body).innererror?.code, inner);
    }
  });
});
