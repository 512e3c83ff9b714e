import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentSignIn } from "../../../azure/clients/environmentCredential";
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
        message: /^ARM_TENANT_ID not set; run: .*npm run -s env/,
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

  it("know every variable of azure-native's, and who a managed identity is to be", () => {
    const variables = {
      tenantId: "ARM_TENANT_ID",
      clientId: "ARM_CLIENT_ID",
      clientSecret: "ARM_CLIENT_SECRET",
      clientCertificatePath: "ARM_CLIENT_CERTIFICATE_PATH",
      clientCertificatePassword: "ARM_CLIENT_CERTIFICATE_PASSWORD",
      useOidc: "ARM_USE_OIDC",
      oidcToken: "ARM_OIDC_TOKEN",
      oidcTokenFilePath: "ARM_OIDC_TOKEN_FILE_PATH",
      oidcRequestUrl: "ARM_OIDC_REQUEST_URL",
      oidcRequestToken: "ARM_OIDC_REQUEST_TOKEN",
      oidcAudience: "ARM_OIDC_AUDIENCE",
      useMsi: "ARM_USE_MSI",
      useDefaultAzureCredential: "ARM_USE_DEFAULT_AZURE_CREDENTIAL",
    };
    const env = Object.fromEntries(Object.entries(variables).map(([name, variable]) => [variable, name]));
    assert.deepEqual(
      signInSettings(env),
      Object.fromEntries(Object.keys(variables).map((name) => [name, name])),
      "each setting has its own",
    );
    assert.deepEqual(signInOf({ useMsi: "true", clientId: "c" }), { way: "msi", clientId: "c" });
    assert.deepEqual(signInOf({ useMsi: "true" }), { way: "msi" });
    const noToken = { ...WHO, useOidc: "true", oidcRequestToken: "r" };
    assert.throws(() => signInOf(noToken), /ARM_USE_OIDC is set, and no token/);
  });

  it("take a secret only whole, from AZURE_ before ARM_, mixed or not", () => {
    const whole = { AZURE_TENANT_ID: "t", AZURE_CLIENT_ID: "c", AZURE_CLIENT_SECRET: "s" };
    for (const name of Object.keys(whole)) {
      const { [name as keyof typeof whole]: _, ...rest } = whole;
      assert.deepEqual(environmentSignIn(rest), { way: "default" }, `without ${name}`);
      const mixed = environmentSignIn({ ...rest, [name.replace("AZURE", "ARM")]: "arm" });
      assert.equal(mixed.way, "secret", name);
    }
    const both = { ...whole, ARM_TENANT_ID: "x", ARM_CLIENT_ID: "x", ARM_CLIENT_SECRET: "x" };
    assert.deepEqual(environmentSignIn(both), { way: "secret", tenantId: "t", clientId: "c", secret: "s" });
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
  let responseText = "";
  const asked: string[] = [];
  let server: Server;
  let requestUrl: string;

  before(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      response.setHeader("content-type", "application/json").end(responseText);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    requestUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/token?run=1`;
  });
  after(() => server.close());

  it("is taken as it is given, or out of a file without what surrounds it", async () => {
    assert.equal(await idToken({ token: "as given" }), "as given");
    const folder = mkdtempSync(join(tmpdir(), "token-"));
    writeFileSync(join(folder, "token"), " in a file \n");
    assert.equal(await idToken({ file: join(folder, "token") }), "in a file");
    rmSync(folder, { recursive: true });
    assert.deepEqual(asked, []);
  });

  it("is asked for as GitHub has it, for Entra", async () => {
    responseText = '{"value":"the token"}';
    assert.equal(await idToken({ requestUrl, requestToken: "r", audience: "api://aud" }), "the token");
    assert.deepEqual(asked, ["/token?run=1&audience=api%3A%2F%2Faud Bearer r"]);
  });

  it("is not quoted by the error if the response has another form", async () => {
    for (const text of ["eyJhbGciOi.raw.token", '"eyJhbGciOi.raw.token"', "{}", "null", ""]) {
      responseText = text;
      await assert.rejects(idToken({ requestUrl, requestToken: "r", audience: "a" }), (error: unknown) => {
        assert.match(String(error), /127\.0\.0\.1:\d+ returned 200 and no token/);
        assert.doesNotMatch(String(error), /eyJ/);
        return true;
      });
    }
  });
});
