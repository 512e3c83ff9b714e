import assert from "node:assert/strict";
import { storageOperations } from "../../../../emulator/control/settingOperations";
import { signInOperations } from "../../../../emulator/control/signInOperations";
import { Application, GITHUB_SUBJECT } from "../../../../emulator/entra/application";
import { OidcIssuer } from "../../../../emulator/entra/oidcIssuer";
import { azuriteOrigin } from "../../../../emulator/front/azurite";
import { WireError } from "../../../../emulator/kernel/operation";
import { errorOf } from "../../../cast/armHarness";
import { clientIdentity } from "../../../cast/entraHarness";
import { entraKey } from "../../../cast/rsaKeys";
import { type Served, serve } from "../../../cast/served";
import { testDependencies } from "../../../cast/testDependencies";

describe("sign-in and storage at the control listener", () => {
  let served: Served;
  let application: Application;
  let azurite: string | undefined;

  before(async () => {
    application = new Application();
    const storage = {
      get azurite() {
        return azurite;
      },
      set(given: string | undefined) {
        azurite = given === undefined ? undefined : azuriteOrigin(given);
      },
    };
    const issuer = new OidcIssuer(entraKey, testDependencies());
    const deps = { application, issuer, storage };
    const refusal = (status: number) => () => new WireError(status, {});
    served = await serve({
      name: "control",
      operations: [...signInOperations(deps), ...storageOperations(deps)],
      headers: () => ({}),
      notFound: refusal(404),
      badBody: refusal(400),
      internal: refusal(500),
    });
  });

  after(() => served.close());

  it("sets and returns certificates and federated credentials", async () => {
    const { certificate } = await clientIdentity();
    const credential = { issuer: "https://oidc.example", subject: "s", audience: "api://AzureADTokenExchange" };
    const requested = { certificates: [String(certificate)], federatedCredentials: [credential] };
    const { status, body } = await served.send("POST", "/sign-in", requested);
    assert.equal(status, 200);
    const credentials = body as { certificates: Record<string, string>[]; federatedCredentials: unknown };
    assert.equal(credentials.certificates[0]?.sha256, certificate.fingerprint256.replaceAll(":", ""));
    assert.deepEqual(credentials.federatedCredentials, [{ name: "credential-1", ...credential }]);
    assert.deepEqual((await served.send("GET", "/sign-in")).body, body);
    assert.ok(!JSON.stringify(body).includes("PRIVATE"));
  });

  it("refuses invalid credentials, and changes nothing", async () => {
    const before = (await served.send("GET", "/sign-in")).body;
    for (const [requested, message] of [
      [{ federatedCredentials: [{ issuer: "x", subject: "" }] }, /needs the texts/],
      [{ federatedCredentials: "x" }, /is a list/],
      [{ certificates: ["no PEM"] }, /cannot be read/],
      [{ certificates: "x" }, /list of certificates/],
      [{ secrets: [] }, /There is no 'secrets'/],
      [[], /needs a JSON object/],
    ] as const) {
      const response = await served.send("POST", "/sign-in", requested);
      assert.equal(response.status, 400);
      assert.match(errorOf(response).message, message);
    }
    assert.deepEqual((await served.send("GET", "/sign-in")).body, before);
  });

  it("issues tokens of the identity provider", async () => {
    const claimsOf = async (requested: object) => {
      const { body } = await served.send("POST", "/id-token", requested);
      const [, claims = ""] = (body as { token: string }).token.split(".");
      return JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<string, unknown>;
    };
    const first = await claimsOf({});
    assert.deepEqual(
      [first.iss, first.sub, first.aud, Number(first.exp) - Number(first.iat)],
      ["https://token.actions.githubusercontent.com", GITHUB_SUBJECT, "api://AzureADTokenExchange", 3600],
    );
    const other = { issuer: "https://a", subject: "b", audience: "c", lifetimeSeconds: 60 };
    const { iss, sub, aud, iat, exp } = await claimsOf(other);
    assert.deepEqual([iss, sub, aud, Number(exp) - Number(iat)], ["https://a", "b", "c", 60]);
    for (const requested of [
      { subject: "" },
      { subject: 1 },
      { lifetimeSeconds: 86_401 },
      { lifetimeSeconds: "1" },
      { aud: "" },
    ]) {
      assert.equal((await served.send("POST", "/id-token", requested)).status, 400, JSON.stringify(requested));
    }
  });

  it("sets and removes the address of Azurite, on this machine only", async () => {
    const set = async (value: unknown) => served.send("POST", "/storage", { azurite: value });
    assert.deepEqual((await set("http://127.0.0.1:10000")).body, { azurite: "http://127.0.0.1:10000" });
    const refused = await set("http://10.0.0.1:10000");
    assert.equal(refused.status, 400);
    assert.match(errorOf(refused).message, /not an address of Azurite/);
    assert.equal((await set(1)).status, 400);
    assert.deepEqual((await served.send("GET", "/storage")).body, { azurite: "http://127.0.0.1:10000" });
    assert.deepEqual((await set(null)).body, { azurite: null });
  });
});
