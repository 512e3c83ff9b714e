import { strict as assert } from "node:assert";
import type { X509Certificate } from "node:crypto";
import { graphService } from "../../../../emulator/graph/graphService";
import { TENANT, tokensOf } from "../../../cast/armHarness";
import { clientIdentity } from "../../../cast/entraHarness";
import { type Served, type ServedResponse, serve } from "../../../cast/served";
import { testDependencies } from "../../../cast/testDependencies";

const OTHER = "99999999-9999-4999-8999-999999999999";

interface Listed {
  readonly value: readonly Readonly<Record<string, unknown>>[];
}

const listed = ({ status, body }: ServedResponse): Listed["value"] => {
  assert.equal(status, 200, JSON.stringify(body));
  return (body as Listed).value;
};

const errorOf = ({ body }: ServedResponse) =>
  (body as { error: { code: string; message: string; innerError: Readonly<Record<string, string>> } }).error;

describe("Microsoft Graph", () => {
  const shared = testDependencies();
  const tokens = tokensOf(shared);
  let certificate: X509Certificate;
  let served: Served;

  const bearer = (audience = "https://graph.microsoft.com/") => ({ authorization: `Bearer ${tokens.issue(audience)}` });
  const get = (path: string, headers: Readonly<Record<string, string>> = bearer()) =>
    served.send("GET", `/v1.0${path}`, undefined, headers);
  const filtered = (collection: string, filter: string) => get(`/${collection}?$filter=${encodeURIComponent(filter)}`);
  const byIds = (body: unknown) => served.send("POST", "/v1.0/directoryObjects/getByIds", body, bearer());
  const ids = (response: ServedResponse) => listed(response).map(({ id }) => id);

  before(async () => {
    ({ certificate } = await clientIdentity());
    served = await serve(
      graphService({
        ...shared,
        tokens,
        tenant: TENANT,
        application: { certificates: [certificate] },
        directory: { principals: () => [] },
      }),
    );
  });

  after(() => served.close());

  describe("validates the token", () => {
    const refusals: readonly (readonly [string, () => Readonly<Record<string, string>>, string])[] = [
      ["none", () => ({}), "Access token is empty."],
      [
        "one that is none",
        () => ({ authorization: "Bearer x" }),
        "CompactToken parsing failed with error code: 80049217",
      ],
      [
        "one for ARM",
        () => bearer("https://management.azure.com"),
        "Access token validation failure. Invalid audience.",
      ],
      ["one that was changed", () => changedToken(), "Access token validation failure."],
    ];
    const changedToken = () => {
      const [head, claims = "", signature] = bearer().authorization.split(".");
      const changed = Buffer.from(claims, "base64url").toString().replace(TENANT.objectId, OTHER);
      return { authorization: [head, Buffer.from(changed).toString("base64url"), signature].join(".") };
    };

    for (const [what, headers, message] of refusals) {
      it(`refuses ${what}, in Graph's form`, async () => {
        const response = await get("/servicePrincipals", { ...headers(), "client-request-id": "mine" });
        assert.equal(response.status, 401);
        const { code, innerError, ...rest } = errorOf(response);
        assert.deepEqual([code, rest.message], ["InvalidAuthenticationToken", message]);
        const { date, "request-id": request, "client-request-id": client } = innerError;
        assert.deepEqual([date, request, client], ["2026-03-01T12:00:00", response.headers["request-id"], "mine"]);
      });
    }

    it("refuses an expired token, and accepts one for Graph's application ID", async () => {
      const headers = bearer();
      shared.clock.advance(3600);
      const response = await get("/servicePrincipals", headers);
      shared.clock.advance(-3600);
      assert.equal(errorOf(response).message, "Lifetime validation failed, the token is expired.");
      assert.equal((await get("/servicePrincipals", bearer("00000003-0000-0000-c000-000000000000"))).status, 200);
    });
  });

  it("lists and gets the one service principal, as az looks for it", async () => {
    const [only, ...others] = listed(await get("/servicePrincipals"));
    assert.deepEqual(others, []);
    assert.deepEqual(
      [only?.id, only?.appId, only?.servicePrincipalNames, only?.appOwnerOrganizationId],
      [TENANT.objectId, TENANT.clientId, [TENANT.clientId], TENANT.tenantId],
    );
    const spn = (name: string) => filtered("servicePrincipals", `servicePrincipalNames/any(c:c eq '${name}')`);
    assert.deepEqual(ids(await spn(TENANT.clientId)), [TENANT.objectId]);
    assert.deepEqual(ids(await spn(TENANT.objectId)), []);
    assert.deepEqual(ids(await filtered("servicePrincipals", "startswith(displayName,'azure-iot')")), [
      TENANT.objectId,
    ]);
    const { status, body } = await get(`/servicePrincipals/${TENANT.objectId.toUpperCase()}`);
    const { "@odata.context": context, ...object } = body as Record<string, unknown>;
    assert.equal(context, "https://graph.microsoft.com/v1.0/$metadata#servicePrincipals/$entity");
    assert.deepEqual([status, object], [200, only]);
  });

  it("lists and gets the application, with its credentials and without its secret", async () => {
    const response = await filtered("applications", `appId eq '${TENANT.clientId}'`);
    const [only] = listed(response);
    assert.ok(only);
    assert.notEqual(only.id, TENANT.objectId);
    const [key] = only.keyCredentials as Readonly<Record<string, unknown>>[];
    assert.equal(key?.customKeyIdentifier, certificate.fingerprint.replaceAll(":", ""));
    const [password] = only.passwordCredentials as Readonly<Record<string, unknown>>[];
    assert.deepEqual([password?.hint, password?.secretText], [TENANT.clientSecret.slice(0, 3), null]);
    assert.ok(!JSON.stringify(response.body).includes(TENANT.clientSecret));
    assert.deepEqual(ids(await get("/applications")), [only.id]);
    assert.equal((await get(`/applications/${only.id}`)).status, 200);
    assert.deepEqual(ids(await filtered("applications", "identifierUris/any(s:s eq 'api://x')")), []);
  });

  it("finds objects of the requested types, and leaves out unknown IDs", async () => {
    const types = ["user", "group", "servicePrincipal", "directoryObjectPartnerReference"];
    const [only, ...others] = listed(await byIds({ ids: [OTHER, TENANT.objectId], types }));
    assert.deepEqual(others, []);
    assert.deepEqual([only?.["@odata.type"], only?.id], ["#microsoft.graph.servicePrincipal", TENANT.objectId]);
    assert.deepEqual(ids(await byIds({ ids: [TENANT.objectId] })), [TENANT.objectId]);
    assert.deepEqual(ids(await byIds({ ids: [TENANT.objectId], types: ["group", "application"] })), []);
  });

  it("refuses lists of IDs that Graph refuses", async () => {
    const many = Array.from({ length: 1001 }, () => OTHER);
    for (const body of [undefined, {}, { ids: [] }, { ids: "x" }, { ids: many }, { ids: [OTHER], types: "user" }]) {
      const response = await byIds(body);
      assert.deepEqual([response.status, errorOf(response).code], [400, "Request_BadRequest"]);
    }
    assert.equal(errorOf(await byIds({ ids: ["x"] })).message, "Invalid GUID specified.");
    assert.equal(errorOf(await byIds("{")).message, "Unable to read JSON request payload.");
  });

  it("has no users, and returns Graph's errors for them", async () => {
    assert.deepEqual(ids(await filtered("users", "userPrincipalName eq 'me@example.com'")), []);
    for (const path of ["/users/me@example.com", `/servicePrincipals/${OTHER}`, `/applications/${OTHER}`]) {
      const response = await get(path);
      assert.deepEqual([response.status, errorOf(response).code], [404, "Request_ResourceNotFound"], path);
    }
    const odd = await get("/servicePrincipals/odd");
    assert.deepEqual([odd.status, errorOf(odd).message], [400, "Invalid object identifier 'odd'."]);
    for (const path of ["/me", "/me/ownedObjects"]) {
      const response = await get(path);
      const { code, message } = errorOf(response);
      const words = "/me request is only valid with delegated authentication flow.";
      assert.deepEqual([response.status, code, message], [400, "BadRequest", words]);
    }
  });

  it("returns NotEmulated for what it does not emulate, options included", async () => {
    for (const [method, path] of [
      ["GET", "/v1.0/groups"],
      ["POST", "/v1.0/applications"],
      ["DELETE", `/v1.0/servicePrincipals/${TENANT.objectId}`],
      ["GET", "/beta/servicePrincipals"],
      ["GET", "/v1.0/servicePrincipals?$top=1"],
      ["GET", `/v1.0/applications/${OTHER}?$select=id`],
      ["GET", "/v1.0/servicePrincipals?$filter=accountEnabled%20eq%20true"],
      ["GET", "/v1.0/servicePrincipals?$filter=tags/any(t:t%20eq%20'x')"],
      ["GET", "/v1.0/applications?$filter=servicePrincipalNames/any(c:c%20eq%20'x')"],
    ] as const) {
      const response = await served.send(method, path, undefined, bearer());
      assert.deepEqual([response.status, errorOf(response).code], [501, "NotEmulated"], `${method} ${path}`);
    }
  });
});
