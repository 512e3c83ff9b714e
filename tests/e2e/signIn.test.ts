import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HOOK } from "../../bench/environment/processes";
import { SIGN_IN_VARIABLES, type SignInWay, signInVariables } from "../../cli/local/signInVariables";
import { GITHUB_SUBJECT } from "../../emulator/entra/application";
import { ended } from "../cast/ended";
import { type LaunchedAzure, launchTestAzure } from "../cast/launchedAzure";
import { idToken } from "../cast/signedIn";
import type { Tried, Try } from "../cast/signInTour";

const ROOT = join(__dirname, "..", "..");

describe("signing in with the official library, unmodified", function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), "sign-in-"));
  const federatedTokenFile = join(folder, "federated-token");
  let azure: LaunchedAzure;

  before(async () => {
    azure = await launchTestAzure();
    writeFileSync(federatedTokenFile, await idToken(azure), { mode: 0o600 });
  });

  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await azure?.close();
  });

  const variables = (way: SignInWay) => signInVariables(way, { ...azure.ready, federatedTokenFile });

  /** Runs the library in an environment that says nothing of sign-in but what each try adds. */
  async function tour(tries: readonly Try[]): Promise<readonly Tried[]> {
    const env: NodeJS.ProcessEnv = { ...azure.env };
    for (const name of SIGN_IN_VARIABLES) delete env[name];
    const program = ["-r", HOOK, join(ROOT, "tests", "cast", "signInTour.ts"), JSON.stringify(tries)];
    const { code, out, stderr } = await ended(process.execPath, program, env);
    assert.equal(code, 0, stderr);
    return JSON.parse(out);
  }

  it("signs in the default chain and this project's handlers by every way", async () => {
    const ways = ["secret", "certificate", "oidc", "managed-identity"] as const;
    const tries = ways.flatMap((way): Try[] => {
      const env = variables(way);
      return [
        { credential: "DefaultAzureCredential", env },
        { credential: "handlers", env },
      ];
    });
    const results = await tour(tries);
    assert.equal(results.length, ways.length * 2);
    for (const [index, { claims, error }] of results.entries()) {
      const way = ways[Math.floor(index / 2)];
      const { objectId, clientId } = azure.ready;
      const method = way === "secret" ? "1" : "2";
      assert.deepEqual(
        [claims?.oid, claims?.appid, claims?.appidacr],
        [objectId, clientId, method],
        `${way}: ${error}`,
      );
    }
  });

  it("opens an encrypted key with its password, and reveals nothing of it if the password is wrong", async () => {
    const pem = readFileSync(azure.ready.clientCertificateFile, "utf8");
    const cipher = { format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "hunter2-hunter2" } as const;
    const file = join(folder, "encrypted.pem");
    const encrypted = createPrivateKey(pem).export(cipher);
    writeFileSync(file, `${encrypted}${pem.slice(pem.indexOf("-----BEGIN CERTIFICATE"))}`, { mode: 0o600 });
    const env = { ...variables("certificate"), ARM_CLIENT_CERTIFICATE_PATH: file };
    const tries = ["hunter2-hunter2", "wrong-password"].map(
      (password): Try => ({ credential: "handlers", env: { ...env, ARM_CLIENT_CERTIFICATE_PASSWORD: password } }),
    );
    const [right, wrong] = await tour(tries);
    assert.equal(right?.claims?.oid, azure.ready.objectId, right?.error);
    assert.equal(wrong?.claims, undefined);
    assert.doesNotMatch(wrong?.error ?? "", /wrong-password|PRIVATE/);
  });

  it("rejects a workload with a token of another subject, audience or issuer, or an expired one", async () => {
    const refusals = [
      [{ subject: "repo:local/fork:ref:refs/heads/main" }, /AADSTS700213: /],
      [{ audience: "sts.amazonaws.com" }, /AADSTS700212: /],
      [{ issuer: "https://gitlab.example" }, /AADSTS700211: /],
      [{ lifetimeSeconds: -600 }, /AADSTS700024: /],
    ] as const;
    const tries: Try[] = [];
    for (const [index, [request]] of refusals.entries()) {
      const file = join(folder, `refused-${index}`);
      writeFileSync(file, await idToken(azure, request), { mode: 0o600 });
      const env = { ...variables("oidc"), AZURE_FEDERATED_TOKEN_FILE: file };
      tries.push({ credential: "WorkloadIdentityCredential", env });
    }
    const results = await tour(tries);
    for (const [index, [, message]] of refusals.entries()) {
      const { claims, error = "" } = results[index] ?? {};
      assert.equal(claims, undefined);
      assert.match(error, message);
    }
  });

  it("rejects a workflow of another repository, with a token from GitHub", async () => {
    const env = variables("oidc");
    const subject = encodeURIComponent(GITHUB_SUBJECT.replace("zero-touch", "fork"));
    const url = `${env.ACTIONS_ID_TOKEN_REQUEST_URL}&subject=${subject}`;
    const [fork, stranger] = await tour([
      { credential: "handlers", env: { ...env, ACTIONS_ID_TOKEN_REQUEST_URL: url } },
      { credential: "handlers", env: { ...env, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "stolen" } },
    ]);
    assert.match(fork?.error ?? "", /AADSTS700213: .*azure-iot-fork/);
    assert.match(stranger?.error ?? "", /returned 401 and no token/);
  });

  it("rejects another managed identity, and a caller without the header's secret", async () => {
    const env = variables("managed-identity");
    // A process each: the library keeps a managed identity's token, and its header, for the whole of one.
    const results = await Promise.all([
      tour([{ credential: "ManagedIdentityCredential", env: { ...env, IDENTITY_HEADER: "guessed" } }]),
      tour([{ credential: "ManagedIdentityCredential", env, options: { clientId: azure.ready.tenantId } }]),
      tour([{ credential: "ManagedIdentityCredential", env, options: { clientId: azure.ready.clientId } }]),
    ]);
    const [stranger, other, own] = results.flat();
    assert.match(stranger?.error ?? "", /X-IDENTITY-HEADER/);
    assert.match(other?.error ?? "", /Identity not found/);
    assert.equal(own?.claims?.appid, azure.ready.clientId);
  });

  it("serves a virtual machine's metadata service if enabled, through the proxy and at its own address", async () => {
    const proxied = { HTTP_PROXY: azure.ready.proxyUrl, http_proxy: azure.ready.proxyUrl };
    const direct = { AZURE_POD_IDENTITY_AUTHORITY_HOST: azure.ready.machineUrl };
    const tries: Try[] = [proxied, direct].map((env) => ({ credential: "ManagedIdentityCredential", env }));
    for (const { claims, error } of await tour(tries)) {
      assert.equal(claims, undefined);
      assert.notEqual(error, undefined);
    }
    await azure.control("POST", "/settings", { imds: true });
    for (const { claims, error } of await tour(tries)) assert.equal(claims?.oid, azure.ready.objectId, error);
    await azure.control("POST", "/settings", { imds: false });
  });

  it("trusts what the control listener registers until it is removed, also after a restart", async () => {
    const { body } = await azure.control("GET", "/sign-in");
    const before = body as { certificates: { sha256: string }[]; federatedCredentials: object[] };
    assert.deepEqual([before.certificates.length, before.federatedCredentials.length], [1, 1]);
    const cluster = { name: "aks", issuer: "https://cluster.example/", subject: "system:serviceaccount:iot:up" };
    const federatedCredentials = [{ ...cluster, audience: "api://AzureADTokenExchange" }];
    await azure.control("POST", "/sign-in", { federatedCredentials, certificates: [] });
    await azure.kill();
    await azure.restart();
    const file = join(folder, "cluster-token");
    writeFileSync(file, await idToken(azure, { issuer: cluster.issuer, subject: cluster.subject }), { mode: 0o600 });
    const [aks, github] = await tour([
      { credential: "WorkloadIdentityCredential", env: { ...variables("oidc"), AZURE_FEDERATED_TOKEN_FILE: file } },
      { credential: "DefaultAzureCredential", env: variables("oidc") },
    ]);
    assert.equal(aks?.claims?.oid, azure.ready.objectId, aks?.error);
    assert.match(github?.error ?? "", /AADSTS700211: /);
  });

  it("keeps keys readable for their owner only, and no secret in the log", () => {
    for (const name of [
      "client-certificate.pem",
      "issuer-key.pem",
      "identity-secret",
      "application.json",
      "ready.json",
    ]) {
      assert.equal(statSync(join(azure.directory, name)).mode & 0o777, 0o600, name);
    }
    for (const secret of [azure.ready.identitySecret, azure.ready.clientSecret, "eyJ"]) {
      assert.ok(!azure.log().includes(secret));
    }
  });
});
