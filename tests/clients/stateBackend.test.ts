import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Azurite, startAzurite } from "../cast/azurite";
import { curl } from "../cast/curl";
import { type LaunchedAzure, launchTestAzure } from "../cast/launchedAzure";
import { PulumiProject } from "../cast/pulumiProject";
import { signedIn } from "../cast/signedIn";

const HOST = "https://teamstate.blob.core.windows.net";
const BACKEND = "azblob://state?storage_account=teamstate";

/** The unmodified CLI keeps state in a storage account, served by Microsoft's own emulator. */
describe("Pulumi's state in azblob://, on Azurite behind the local Azure", function () {
  this.timeout(300_000);
  let azure: LaunchedAzure;
  let azurite: Azurite;
  let project: PulumiProject;
  let plain: Azurite | undefined;

  before(async () => {
    [azure, azurite] = await Promise.all([launchTestAzure(), startAzurite({ tokens: true })]);
    await behind(azurite.url);
    project = await PulumiProject.create(await signedIn(azure, "oidc"));
    await makeContainer();
  });

  after(async () => {
    project?.remove();
    await Promise.all([azure?.close(), azurite?.close(), plain?.close()]);
  });

  const behind = async (url: string | null) => {
    const { status, body } = await azure.control("POST", "/storage", { azurite: url });
    assert.equal(status, 200, JSON.stringify(body));
  };

  async function makeContainer(): Promise<void> {
    const { tenantId, clientId, clientSecret } = azure.ready;
    const options = { env: azure.env, cwd: azure.directory };
    const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
    const fields = Object.entries({ ...form, scope: "https://storage.azure.com/.default" });
    const data = fields.flatMap(([name, value]) => ["--data-urlencode", `${name}=${value}`]);
    const login = `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`;
    const { body } = await curl(["-i", ...data, login], options);
    const headers = [`Authorization: Bearer ${body.access_token}`, "x-ms-version: 2024-11-04", "Content-Length: 0"];
    const put = ["-i", "-X", "PUT", ...headers.flatMap((header) => ["-H", header])];
    const made = await curl([...put, `${HOST}/state?restype=container`], options);
    assert.equal(made.status, 201, made.text);
  }

  const run = (env: Record<string, string>, ...args: string[]) =>
    project.runWith({ PULUMI_BACKEND_URL: BACKEND, ...env }, ...args);
  const good = async (...args: string[]): Promise<string> => {
    const { code, output } = await run({}, ...args);
    assert.equal(code, 0, output);
    return output;
  };
  const withKey = (key: string) => ({
    AZURE_STORAGE_ACCOUNT: "teamstate",
    AZURE_STORAGE_KEY: key,
    AZURE_FEDERATED_TOKEN_FILE: "",
  });

  it("creates, updates, exports and renames a stack, signed in by a federated token", async () => {
    project.program('exports.greeting = "hello";');
    await good("stack", "init", "one");
    await good("up", "--yes", "--skip-preview", "--stack", "one");
    assert.match(await good("stack", "export", "--stack", "one"), /"greeting": "hello"/);
    assert.match(await good("stack", "history", "--stack", "one"), /Status: succeeded/);
    await good("stack", "rename", "two", "--stack", "one");
    assert.match(await good("stack", "ls"), /^two/m);
  });

  it("locks a stack for one update at a time, and names the holder", async () => {
    const started = join(project.folder, "started");
    const finish = join(project.folder, "finish");
    project.program(`
      const { existsSync, writeFileSync } = require("node:fs");
      writeFileSync(${JSON.stringify(started)}, "");
      const timer = setInterval(() => existsSync(${JSON.stringify(finish)}) && clearInterval(timer), 50);
    `);
    const first = run({}, "up", "--yes", "--skip-preview", "--stack", "two");
    let over = false;
    void first.finally(() => {
      over = true;
    });
    while (!existsSync(started) && !over) await pause(50);
    const second = await run({}, "up", "--yes", "--skip-preview", "--stack", "two");
    project.program(`require("node:fs").writeFileSync(${JSON.stringify(finish)}, "");`);
    await good("preview", "--stack", "two");
    const { code, output } = await first;
    assert.equal(code, 0, output);
    assert.notEqual(second.code, 0);
    assert.match(second.output, /the stack is currently locked by 1 lock/);
    assert.match(second.output, /azblob:\/\/state\/\.pulumi\/locks\/.*created by/);
  });

  it("works with the account's key, and fails with another", async () => {
    const { code, output } = await run(withKey(azurite.key), "stack", "ls");
    assert.equal(code, 0, output);
    assert.match(output, /^two/m);
    const failed = await run(withKey(Buffer.alloc(64).toString("base64")), "stack", "ls");
    assert.notEqual(failed.code, 0);
    assert.match(failed.output, /ERROR CODE: (AuthenticationFailed|AuthorizationFailure|InvalidAuthenticationInfo)/);
  });

  it("leaves nothing of a destroyed and removed stack", async () => {
    await good("destroy", "--yes", "--skip-preview", "--stack", "two");
    await good("stack", "rm", "--yes", "two");
    assert.doesNotMatch(await good("stack", "ls"), /^two/m);
  });

  it("needs no TLS for Azurite with the account's key, and says what tokens need", async () => {
    plain = await startAzurite({ tokens: false });
    await behind(plain.url);
    const keyed = await run(withKey(plain.key), "stack", "ls");
    assert.match(keyed.output, /ContainerNotFound/);
    const tokens = await run({}, "stack", "ls");
    assert.match(tokens.output, /--oauth basic/);
  });

  it("fails clearly without a configured Azurite", async () => {
    await behind(null);
    const { code, output } = await run({}, "stack", "ls");
    assert.notEqual(code, 0);
    assert.match(output, /NotEmulated/);
    assert.match(output, /npm run local -- start --azurite/);
  });
});
