import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { azureCliToken } from "../../../azure/clients/azureCli";
import { cachedCredential, SignInError, tokenUrl } from "../../../azure/clients/entraToken";
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
      assert.deepEqual(environmentSignIn(rest, false), { way: "cli" }, `without ${name} and SDK`);
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

describe("the ways to sign in without @azure/identity", () => {
  const who = { AZURE_TENANT_ID: "t", AZURE_CLIENT_ID: "c" };

  it("are certificate, federated token and managed identity of AZURE_ variables, and az", () => {
    const certificate = { ...who, AZURE_CLIENT_CERTIFICATE_PATH: "c.pem", AZURE_CLIENT_CERTIFICATE_PASSWORD: "p" };
    const expected = { way: "certificate", tenantId: "t", clientId: "c", path: "c.pem", password: "p" };
    assert.deepEqual(environmentSignIn(certificate, false), expected);
    const federated = { ...who, AZURE_FEDERATED_TOKEN_FILE: "token" };
    const oidc = { way: "oidc", tenantId: "t", clientId: "c", token: { file: "token" } };
    assert.deepEqual(environmentSignIn(federated, false), oidc);
    const machine = { AZURE_CLIENT_ID: "c", IDENTITY_ENDPOINT: "http://127.0.0.1/msi/token" };
    assert.deepEqual(environmentSignIn(machine, false), { way: "msi", clientId: "c" });
    assert.deepEqual(environmentSignIn({}, false), { way: "cli" });
  });

  it("keep a token until five minutes before its end, and send one request for callers that ask together", async () => {
    const lifetimes = [3600_000, 200_000, 3600_000];
    let requests = 0;
    const credential = cachedCredential(async (scope) => {
      const expiresOnTimestamp = Date.now() + (lifetimes[requests] ?? 0);
      requests += 1;
      return { token: `${scope} ${requests}`, expiresOnTimestamp };
    });
    const both = await Promise.all([credential.getToken("a"), credential.getToken(["a"])]);
    assert.deepEqual([both.map((each) => each?.token), requests], [["a 1", "a 1"], 1]);
    assert.equal((await credential.getToken("b"))?.token, "b 2");
    assert.equal((await credential.getToken("b"))?.token, "b 3");
    assert.equal((await credential.getToken("a", { claims: "{}" }))?.token, "a 4");
  });

  it("try again after a refusal", async () => {
    let requests = 0;
    const credential = cachedCredential(async () => {
      requests += 1;
      if (requests === 1) throw new SignInError("AADSTS7000215: Invalid client secret");
      return { token: "t", expiresOnTimestamp: Date.now() + 3600_000 };
    });
    await assert.rejects(credential.getToken("a"), { name: "AuthenticationError" });
    assert.equal((await credential.getToken("a"))?.token, "t");
  });

  it("refuse a tenant that is no name, before a request or az sees it", async () => {
    assert.throws(() => tokenUrl("x/../y"), { name: "AuthenticationError", message: /To fix: correct ARM_TENANT_ID/ });
    assert.equal(tokenUrl("t", {}), "https://login.microsoftonline.com/t/oauth2/v2.0/token");
    const other = { AZURE_AUTHORITY_HOST: "https://login.microsoftonline.us/" };
    assert.equal(tokenUrl("t", other), "https://login.microsoftonline.us/t/oauth2/v2.0/token");
    await assert.rejects(azureCliToken("https://x/.default", "t & rm"), { name: "AuthenticationError" });
  });

  // az is a shell script here and a .cmd on Windows.
  const onPosix = process.platform === "win32" ? () => undefined : it;
  onPosix("ask az for the resource of the scope, and repeat its reason to sign in again", async () => {
    const folder = mkdtempSync(join(tmpdir(), "az-"));
    const { PATH } = process.env;
    const script = (text: string) => writeFileSync(join(folder, "az"), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    try {
      process.env.PATH = folder;
      await assert.rejects(azureCliToken("https://x/.default", undefined), /Azure CLI is not installed/);
      process.env.PATH = `${folder}:${PATH}`;
      script('echo "{\\"accessToken\\": \\"$*\\", \\"expires_on\\": 1000}"');
      const words = "account get-access-token --output json --resource https://x --tenant t";
      assert.deepEqual(await azureCliToken("https://x/.default", "t"), { token: words, expiresOnTimestamp: 1_000_000 });
      script("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1");
      const expected = /Please run 'az login' to setup account\.\n {2}To fix: az login/;
      await assert.rejects(azureCliToken("https://x/.default", undefined), expected);
    } finally {
      process.env.PATH = PATH;
      rmSync(folder, { recursive: true });
    }
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
