import assert from "node:assert/strict";
import { type ArmHarness, armHarness, errorOf, TENANT } from "../../../cast/armHarness";

const SUBSCRIPTION = `/subscriptions/${TENANT.subscriptionId}`;
const VERSION = "api-version=2024-03-01";

describe("ARM's front end", () => {
  let harness: ArmHarness;
  let authorization: string;

  beforeEach(async () => {
    harness = await armHarness();
    authorization = `Bearer ${harness.tokens.issue("https://management.azure.com")}`;
  });

  afterEach(() => harness.close());

  it("refuses a request without a token, with a challenge that names the tenant", async () => {
    const response = await harness.send("GET", `${SUBSCRIPTION}?${VERSION}`);
    assert.deepEqual([response.status, errorOf(response).code], [401, "AuthenticationFailed"]);
    assert.match(
      String(response.headers["www-authenticate"]),
      new RegExp(`^Bearer authorization_uri=".*${TENANT.tenantId}"`),
    );
  });

  for (const [what, bearer, code] of [
    ["nonsense", () => "nonsense", "InvalidAuthenticationToken"],
    ["another audience", () => harness.tokens.issue("https://vault.azure.net"), "InvalidAuthenticationTokenAudience"],
    [
      "a token with a changed claim",
      () => {
        const [head, body = "", signature] = harness.tokens.issue("https://management.azure.com").split(".");
        const claims = JSON.parse(Buffer.from(body, "base64url").toString());
        const changed = Buffer.from(JSON.stringify({ ...claims, oid: "root" })).toString("base64url");
        return `${head}.${changed}.${signature}`;
      },
      "InvalidAuthenticationToken",
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const response = await harness.send("GET", `${SUBSCRIPTION}?${VERSION}`, undefined, {
        authorization: `Bearer ${bearer()}`,
      });
      assert.deepEqual([response.status, errorOf(response).code], [401, code]);
    });
  }

  it("refuses an expired token", async () => {
    assert.equal((await harness.send("GET", `${SUBSCRIPTION}?${VERSION}`, undefined, { authorization })).status, 200);
    harness.shared.clock.advance(3599);
    const response = await harness.send("GET", `${SUBSCRIPTION}?${VERSION}`, undefined, { authorization });
    assert.deepEqual([response.status, errorOf(response).code], [401, "ExpiredAuthenticationToken"]);
  });

  it("accepts both of ARM's audiences, with and without a trailing slash", async () => {
    for (const audience of ["https://management.azure.com/", "https://management.core.windows.net/"]) {
      const headers = { authorization: `Bearer ${harness.tokens.issue(audience)}` };
      assert.equal((await harness.send("GET", `${SUBSCRIPTION}?${VERSION}`, undefined, headers)).status, 200, audience);
    }
  });

  it("requires an api-version of any value, with its name in any spelling", async () => {
    const none = await harness.send("GET", SUBSCRIPTION, undefined, { authorization });
    assert.deepEqual([none.status, errorOf(none).code], [400, "MissingApiVersionParameter"]);
    for (const query of ["api%2Dversion=2999-01-01", "API-Version=2016-06-01"]) {
      assert.equal((await harness.send("GET", `${SUBSCRIPTION}?${query}`, undefined, { authorization })).status, 200);
    }
  });

  it("has one subscription, in any letter case", async () => {
    const upper = `/SUBSCRIPTIONS/${TENANT.subscriptionId.toUpperCase()}/resourceGroups?${VERSION}`;
    assert.equal((await harness.send("GET", upper, undefined, { authorization })).status, 200);
    const other = `/subscriptions/${TENANT.tenantId}/resourceGroups?${VERSION}`;
    const response = await harness.send("GET", other, undefined, { authorization });
    assert.deepEqual([response.status, errorOf(response).code], [404, "SubscriptionNotFound"]);
  });

  it("returns NotEmulated with the type for what it does not emulate", async () => {
    const response = await harness.arm("PUT", "/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/s", {});
    assert.equal(response.status, 501);
    assert.equal(errorOf(response).code, "NotEmulated");
    assert.match(errorOf(response).message, /PUT of the resource type Microsoft\.Network\/virtualNetworks\./);
    assert.equal((await harness.arm("GET", "/providers/constructor")).status, 501);
    const provider = await harness.arm("GET", "/providers/Microsoft.Web");
    assert.deepEqual([provider.status, errorOf(provider).code], [501, "NotEmulated"]);
    const filter = await harness.arm("GET", "/resources?$filter=tagName%20eq%20'x'");
    assert.deepEqual([filter.status, errorOf(filter).code], [501, "NotEmulated"]);
  });

  it("refuses a body that is not a JSON object", async () => {
    for (const body of ["{", "[]", '"text"']) {
      const response = await harness.arm("PUT", "/resourceGroups/rg", body, { "content-type": "application/json" });
      assert.deepEqual([response.status, errorOf(response).code], [400, "InvalidRequestContent"], body);
    }
  });

  it("sends ARM's headers with every response, errors included", async () => {
    for (const response of [await harness.arm("GET", ""), await harness.send("GET", "/nowhere")]) {
      for (const name of ["x-ms-request-id", "x-ms-correlation-request-id", "x-ms-routing-request-id"]) {
        assert.ok(response.headers[name], name);
      }
      assert.equal(response.headers["cache-control"], "no-cache");
    }
  });

  it("lists subscription, tenant, locations and providers", async () => {
    const headers = { authorization };
    const subscriptions = await harness.send("GET", `/subscriptions?${VERSION}`, undefined, headers);
    const { value } = subscriptions.body as { value: { subscriptionId: string; state: string }[] };
    assert.deepEqual([value[0]?.subscriptionId, value[0]?.state], [TENANT.subscriptionId, "Enabled"]);
    const tenants = await harness.send("GET", `/tenants?${VERSION}`, undefined, headers);
    assert.equal((tenants.body as { value: { tenantId: string }[] }).value[0]?.tenantId, TENANT.tenantId);
    const locations = (await harness.arm("GET", "/locations")).body as {
      value: { name: string; displayName: string }[];
    };
    assert.ok(locations.value.some(({ name, displayName }) => name === "westeurope" && displayName === "West Europe"));
    const providers = (await harness.arm("GET", "/providers")).body as { value: { registrationState: string }[] };
    assert.ok(providers.value.every(({ registrationState }) => registrationState === "Registered"));
  });
});
