import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { environmentSignIn } from "../../../azure/clients/credential";
import { idToken, type SignInSettings, signInOf, signInSettings } from "../../../azure/clients/signIn";

const WHO = { tenantId: "t", clientId: "c" };

describe("the ways to sign in", () => {
  it("are looked for in azure-native's order: default chain, certificate, secret, OIDC, managed identity, az", () => {
    const ways: readonly (readonly [string, SignInSettings])[] = [
      ["default", { useDefaultAzureCredential: "true" }],
      ["certificate", { clientCertificatePath: "c.pem" }],
      ["secret", { clientSecret: "s" }],
      ["oidc", { useOidc: "true", oidcToken: "x" }],
      ["msi", { useMsi: "TRUE" }],
      ["cli", {}],
    ];
    for (const [index, [way]] of ways.entries()) {
      const settings = Object.assign({}, WHO, ...ways.slice(index).map(([, each]) => each));
      assert.equal(signInOf(settings).way, way);
    }
  });

  it("say what is missing when one is set by half", () => {
    for (const half of [{ clientSecret: "s" }, { clientCertificatePath: "c" }, { useOidc: "true", oidcToken: "x" }]) {
      assert.throws(() => signInOf({ ...half, clientId: "c" }), {
        message: 'ARM_TENANT_ID not set; run: eval "$(npm run -s env)"',
      });
      assert.throws(() => signInOf(half), /^Error: ARM_TENANT_ID, ARM_CLIENT_ID not set/);
    }
    const noToken = /ARM_USE_OIDC is set, and no token: .*id-token: write/;
    assert.throws(() => signInOf({ ...WHO, useOidc: "true" }), noToken);
    assert.throws(() => signInOf({ ...WHO, useOidc: "true", oidcRequestUrl: "https://x" }), noToken);
  });

  it("take OIDC's token as it is, from a file, or from GitHub, in this order", () => {
    const github = { oidcRequestUrl: "https://gh", oidcRequestToken: "r" };
    const token = (settings: SignInSettings) => {
      const signIn = signInOf({ ...WHO, useOidc: "true", ...settings });
      return signIn.way === "oidc" ? signIn.token : undefined;
    };
    assert.deepEqual(token({ oidcToken: "x", oidcTokenFilePath: "f", ...github }), { token: "x" });
    assert.deepEqual(token({ oidcTokenFilePath: "f", ...github }), { file: "f" });
    const request = { requestUrl: "https://gh", requestToken: "r" };
    assert.deepEqual(token(github), { ...request, audience: "api://AzureADTokenExchange" });
    assert.deepEqual(token({ ...github, oidcAudience: "a" }), { ...request, audience: "a" });
  });

  it("are read from ARM_ variables, and from GitHub's own", () => {
    const env = { ARM_CLIENT_ID: "c", ARM_CLIENT_SECRET: "", ACTIONS_ID_TOKEN_REQUEST_URL: "u", AZURE_TENANT_ID: "no" };
    const { clientId, clientSecret, oidcRequestUrl, tenantId } = signInSettings(env);
    assert.deepEqual([clientId, clientSecret, oidcRequestUrl, tenantId], ["c", undefined, "u", undefined]);
    assert.equal(signInSettings({ ...env, ARM_OIDC_REQUEST_URL: "v" }).oidcRequestUrl, "v");
  });

  it("end for handlers in the SDK's chain, and begin with a secret under either name", () => {
    assert.deepEqual(environmentSignIn({}), { way: "default" });
    const secret = { way: "secret", tenantId: "t", clientId: "c", secret: "s" };
    for (const prefix of ["ARM", "AZURE"]) {
      const env = { [`${prefix}_TENANT_ID`]: "t", [`${prefix}_CLIENT_ID`]: "c", [`${prefix}_CLIENT_SECRET`]: "s" };
      assert.deepEqual(environmentSignIn(env), secret);
    }
    assert.deepEqual(environmentSignIn({ ARM_USE_MSI: "true" }), { way: "msi" });
  });
});

describe("the token of an identity provider", () => {
  let answer = "";
  const asked: string[] = [];
  let server: Server;
  let requestUrl: string;

  before(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      response.setHeader("content-type", "application/json").end(answer);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    requestUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/token?run=1`;
  });
  after(() => server.close());

  it("is asked for as GitHub has it, for Entra", async () => {
    answer = '{"value":"the token"}';
    assert.equal(await idToken({ requestUrl, requestToken: "r", audience: "api://aud" }), "the token");
    assert.deepEqual(asked, ["/token?run=1&audience=api%3A%2F%2Faud Bearer r"]);
  });

  it("is not quoted by the error where the answer is of another form", async () => {
    for (const text of ["eyJhbGciOi.raw.token", '"eyJhbGciOi.raw.token"', "{}", "null", ""]) {
      answer = text;
      await assert.rejects(idToken({ requestUrl, requestToken: "r", audience: "a" }), (error: unknown) => {
        assert.match(String(error), /127\.0\.0\.1:\d+ answered 200 and no token to the request/);
        assert.doesNotMatch(String(error), /eyJ/);
        return true;
      });
    }
  });
});
