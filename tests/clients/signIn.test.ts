import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { HOOK } from "../../bench/environment/processes";
import { SIGN_IN_VARIABLES, type SignInWay, signInVariables } from "../../cli/local/signInVariables";
import { newClientCertificate } from "../../emulator/entra/clientCertificate";
import { az, azFolder, pythonIdentity } from "../cast/clientKit";
import { ended } from "../cast/ended";
import { type LaunchedAzure, launchTestAzure } from "../cast/launchedAzure";
import { idToken } from "../cast/signedIn";
import type { Tried } from "../cast/signInTour";

const ROOT = join(__dirname, "..", "..");

type Claims = Readonly<Record<string, unknown>> & { readonly error?: string };

describe("signing in with Azure's own tools, unmodified", function () {
  this.timeout(900_000);
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

  /** The environment of a shell that signs in by one way. */
  function shell(way: SignInWay, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    const env: NodeJS.ProcessEnv = { ...azure.env };
    for (const name of SIGN_IN_VARIABLES) delete env[name];
    return { ...env, ...signInVariables(way, { ...azure.ready, federatedTokenFile }), ...more };
  }

  describe("azure-identity for Python", () => {
    let run: Awaited<ReturnType<typeof pythonIdentity>>;

    before(async () => {
      run = await pythonIdentity();
    });

    async function claims(credential: string, env: NodeJS.ProcessEnv): Promise<Claims> {
      const { code, out, stderr } = await run("identity.py", { ...env, CREDENTIAL: credential });
      assert.equal(code, 0, stderr);
      return JSON.parse(out);
    }

    for (const way of ["secret", "certificate", "oidc", "managed-identity"] as const) {
      it(`lets the default chain in by ${way}`, async () => {
        const { oid, error } = await claims("DefaultAzureCredential", shell(way));
        assert.equal(oid, azure.ready.objectId, error);
      });
    }

    it("is rejected with another certificate, another subject, another identity's header", async () => {
      const certificate = join(folder, "stranger.pem");
      writeFileSync(certificate, await newClientCertificate(), { mode: 0o600 });
      const env = shell("certificate", { AZURE_CLIENT_CERTIFICATE_PATH: certificate });
      assert.match((await claims("EnvironmentCredential", env)).error ?? "", /AADSTS700027/);
      const file = join(folder, "fork");
      writeFileSync(file, await idToken(azure, { subject: "repo:local/fork:pull_request" }), { mode: 0o600 });
      const fork = shell("oidc", { AZURE_FEDERATED_TOKEN_FILE: file });
      assert.match((await claims("WorkloadIdentityCredential", fork)).error ?? "", /AADSTS700213/);
      const header = shell("managed-identity", { IDENTITY_HEADER: "guessed" });
      assert.match((await claims("ManagedIdentityCredential", header)).error ?? "", /X-IDENTITY-HEADER/);
    });

    it("finds a virtual machine's metadata service if enabled", async () => {
      const env = shell("none", { AZURE_POD_IDENTITY_AUTHORITY_HOST: azure.ready.machineUrl });
      assert.notEqual((await claims("ManagedIdentityCredential", env)).error, undefined);
      await azure.control("POST", "/settings", { imds: true });
      const { oid, error } = await claims("ManagedIdentityCredential", env);
      assert.equal(oid, azure.ready.objectId, error);
      await azure.control("POST", "/settings", { imds: false });
    });
  });

  describe("the az command line", () => {
    let run: Awaited<ReturnType<typeof az>>;
    let bin = "";

    before(async () => {
      run = await az();
      bin = await azFolder();
    });

    const home = (name: string): NodeJS.ProcessEnv => ({
      AZURE_CONFIG_DIR: join(folder, name),
      AZURE_CORE_COLLECT_TELEMETRY: "0",
    });
    const login = (name: string, ...how: string[]) => {
      const who = ["--username", azure.ready.clientId, "--tenant", azure.ready.tenantId, "--output", "none"];
      return run(["login", "--service-principal", ...who, ...how], shell("none", home(name)));
    };
    const token = async (name: string): Promise<Claims> => {
      const { code, out, stderr } = await run(["account", "get-access-token"], shell("none", home(name)));
      assert.equal(code, 0, stderr);
      const [, claims = ""] = (JSON.parse(out) as { accessToken: string }).accessToken.split(".");
      return JSON.parse(Buffer.from(claims, "base64url").toString());
    };

    it("signs in with a certificate, and with a federated token", async () => {
      for (const [name, ...how] of [
        ["by-certificate", "--password", azure.ready.clientCertificateFile],
        ["by-token", "--federated-token", readFileSync(federatedTokenFile, "utf8")],
      ] as const) {
        const { code, stderr } = await login(name, ...how);
        assert.equal(code, 0, stderr);
        const { oid, appidacr } = await token(name);
        assert.deepEqual([oid, appidacr], [azure.ready.objectId, "2"]);
      }
    });

    it("serves the libraries that call it: AzureCliCredential for Python and for Node", async () => {
      assert.equal((await login("library", "--password", azure.ready.clientCertificateFile)).code, 0);
      const found = { PATH: [bin, process.env.PATH ?? ""].join(delimiter) };
      const env = shell("none", { ...home("library"), ...found });
      const python = await pythonIdentity();
      const { out, stderr } = await python("identity.py", { ...env, CREDENTIAL: "AzureCliCredential" });
      assert.equal((JSON.parse(out) as Claims).oid, azure.ready.objectId, stderr);
      const program = ["-r", HOOK, join(ROOT, "tests", "cast", "signInTour.ts")];
      const tries = JSON.stringify([{ credential: "handlers", env: {} }]);
      const node = await ended(process.execPath, [...program, tries], env);
      const [tried] = JSON.parse(node.out) as Tried[];
      assert.equal(tried?.claims?.oid, azure.ready.objectId, tried?.error);
    });

    it("fails with Entra's errors for a wrong secret, another subject's token and a user sign-in", async () => {
      const secret = await login("rejected", "--password", "wrong");
      assert.notEqual(secret.code, 0);
      assert.match(secret.stderr, /AADSTS7000215/);
      const stranger = await login(
        "rejected",
        "--federated-token",
        await idToken(azure, { subject: "repo:local/fork" }),
      );
      assert.notEqual(stranger.code, 0);
      assert.match(stranger.stderr, /AADSTS700213/);
      const device = await run(
        ["login", "--use-device-code", "--tenant", azure.ready.tenantId],
        shell("none", home("user")),
      );
      assert.notEqual(device.code, 0);
      assert.match(device.stderr, /NotEmulated: The local Azure has no users/);
    });
  });
});
