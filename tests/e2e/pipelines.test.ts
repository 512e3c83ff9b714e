import { strict as assert } from "node:assert";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parse, stringify } from "yaml";
import { PROJECT } from "../../cli/checkoutPaths";
import { type AzureClient, azureClient } from "../cast/azureClient";
import { Checkout, type CommandEnd, UNCHECKED } from "../cast/checkout";
import { type ForgeServer, PretendGitHub, startForge } from "../cast/forgeServer";
import { scriptOf } from "../cast/pipelines";
import { SecretsVault } from "../cast/secretsVault";
import { StackFile } from "../cast/stackFile";

const WORKFLOW = (name: string): string => `.github/workflows/${name}.yml`;

/** `npm run` as package.json's scripts make it, without npm, the start of which takes as long as the command. */
const NPM_RUN = `#!/bin/sh
shift
[ "$1" != -s ] || shift
script=$1
shift
[ "$1" != -- ] || shift
exec node cli/zero-touch.cjs "$script" "$@"
`;

/**
 * The steps of the pipelines, word by word as their files have them, in one checkout: the stack `prod` lives on the local
 * Azure instead of a subscription, and a small server acts as GitHub. Not tried: what GitHub's own machinery does.
 */
describe("the pipelines' steps", function () {
  this.timeout(300_000);
  const hub = new PretendGitHub();
  let checkout: Checkout;
  let forge: ForgeServer;
  let shell: string;
  let client: AzureClient;
  let secrets: SecretsVault;

  const file = (name: string): string => join(checkout.folder, name);
  /** Puts a program before all others on the steps' PATH. */
  const place = (name: string, text: string): void => {
    writeFileSync(file(`.local/bin/${name}`), text);
    chmodSync(file(`.local/bin/${name}`), 0o755);
  };
  const read = (name: string): string => readFileSync(file(name), "utf8");
  /** A step as its runner runs it, with the variables of the job. */
  const step = (definition: string, name: string, more: Readonly<Record<string, string>> = {}): Promise<CommandEnd> => {
    const variables = { STACK: "prod", ...more };
    const exports = Object.entries(variables).map(([key, value]) => `export ${key}='${value}'`);
    return checkout.shell(`set -e\n${scriptOf(definition, name)}`, [shell, ...exports].join("\n"));
  };
  const done = async (
    definition: string,
    name: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<string> => {
    const { code, stdout, stderr } = await step(definition, name, more);
    assert.equal(code, 0, `${definition} ${name}: ${stdout}${stderr}`);
    return stdout;
  };
  const state = (): StackFile => new StackFile(checkout.paths.state, PROJECT, "prod");
  /** Changes keys of the stack's configuration in its file; undefined takes one out. */
  const configure = (values: Readonly<Record<string, unknown>>): void => {
    const stack: { config?: Record<string, unknown> } = parse(read("Pulumi.prod.yaml"));
    const named = Object.entries(values).map(([key, value]) => [key.includes(":") ? key : `${PROJECT}:${key}`, value]);
    const config = { ...stack.config, ...Object.fromEntries(named) };
    writeFileSync(file("Pulumi.prod.yaml"), stringify({ ...stack, config }));
  };
  /** Returns and clears the step's outputs for the next steps. */
  const stepOutput = (): string => {
    const text = read(".local/output");
    writeFileSync(file(".local/output"), "");
    return text.trim();
  };

  before(async () => {
    checkout = new Checkout();
    await checkout.placeKeys();
    forge = await startForge(hub.handle);
    secrets = await SecretsVault.start();
    shell = await checkout.env();
    client = azureClient(checkout.ready);
    writeFileSync(file(".local/event.json"), '{"pull_request":{"number":7}}');
    const bin = file(".local/bin");
    mkdirSync(bin);
    // Azure Pipelines' task signs in for `az`, which only has to name the subscription.
    place("az", `#!/bin/sh\necho ${checkout.ready.subscriptionId}\n`);
    checkout.environment = {
      ...UNCHECKED,
      ...secrets.variables,
      ...{ GITHUB_ACTIONS: "true", GITHUB_API_URL: forge.url, GITHUB_REPOSITORY: "contoso/line", GITHUB_TOKEN: "t" },
      GITHUB_EVENT_PATH: file(".local/event.json"),
      GITHUB_OUTPUT: file(".local/output"),
      GITHUB_STEP_SUMMARY: file(".local/summary.md"),
      PATH: [bin, process.env.PATH ?? ""].join(delimiter),
    };
    // `env` put its own PATH into the lines; the stand-in for `az` goes before it.
    shell += `\nexport PATH="${bin}${delimiter}$PATH"`;
    await checkout.attachProviders(shell);
  });

  after(async () => {
    secrets?.close();
    await client?.close();
    await forge?.close();
    await checkout?.remove();
  });

  it("report what a pull request changes in the base's stack on the local Azure, without any cloud", async () => {
    const settings = file("Pulumi.dev.yaml");
    writeFileSync(settings, `${readFileSync(settings, "utf8")}  azure-iot-zero-touch:hubSku: S2\n`);
    const git = "git -c user.name=test -c user.email=test@example.com";
    assert.equal((await checkout.shell(`${git} commit --quiet --all --message "a pull request"`, "")).code, 0);
    await done(WORKFLOW("check"), "Stand up the base");
    await done(WORKFLOW("check"), "Preview");
    assert.match(read("preview.md"), /## Preview of `dev`: 1 to update\n[\s\S]*1 unit of S1 → 1 unit of S2/);
    await done(WORKFLOW("check"), "Show");
    assert.equal(read(".local/summary.md"), read("preview.md"));
    assert.match(await done(WORKFLOW("check"), "Comment"), /GitHub: the comment was created/);
  });

  it("comment a pull request's preview, and edit that comment at the next push, with an invalid configuration too", async () => {
    state().create();
    writeFileSync(file("Pulumi.prod.yaml"), stringify(secrets.settings));
    place("npm", NPM_RUN);
    configure({ cloud: "local", "azure-native:location": "westeurope", hubSku: "S3" });
    await done(WORKFLOW("preview"), "Preview");
    assert.match(await done(WORKFLOW("preview"), "Comment"), /created/);
    assert.match(hub.comments[1]?.body ?? "", /^<!-- azure-iot-zero-touch preview of prod -->[\s\S]*1 unit of S3/);
    configure({ hubUnits: 900 });
    assert.equal((await step(WORKFLOW("preview"), "Preview")).code, 1);
    assert.match(await done(WORKFLOW("preview"), "Comment"), /edited/);
    assert.equal(hub.comments.length, 2, "one of the stack dev, one of prod");
    assert.match(
      hub.comments[1]?.body ?? "",
      /^<!-- azure-iot-zero-touch preview of prod -->[\s\S]*## Preview of `prod`: failed[\s\S]*hubUnits = "900"/,
    );
    configure({ hubUnits: undefined });
  });

  it("report violated policies, which Pulumi's JSON lacks", async () => {
    const line = "npm run -s preview:report -- --stack prod --policy-pack policy/launch --out policy.md";
    configure({ deviceLifetimeDays: 700 });
    assert.equal((await checkout.shell(line, shell)).code, 1);
    assert.match(
      read("policy.md"),
      /\*\*Mandatory\*\* `azure-iot-zero-touch\/certificate-lifetimes` at `group-device-01-certificate`/,
    );
    configure({ deviceLifetimeDays: undefined });
  });

  it("deploy what was approved, and prove that no change is left", async () => {
    await done(WORKFLOW("up"), "Preview");
    assert.equal(stepOutput(), "code=4");
    await done(WORKFLOW("up"), "Up");
    await done(WORKFLOW("up"), "Nothing is left to do");
  });

  it("open an issue if Azure drifted, fail, and close the issue afterwards", async () => {
    const url = `https://${String(state().outputs().serviceEndpoint)}/enrollmentGroups/sample-group?api-version=2021-10-01`;
    const bearer = await client.token("https://azure-devices-provisioning.net/.default");
    const { body } = await client.send("GET", url, { bearer });
    const headers = { "if-match": "*" };
    await client.send("PUT", url, { bearer, headers, body: { ...(body as object), provisioningStatus: "disabled" } });

    await done(WORKFLOW("drift"), "Look for drift");
    assert.equal(stepOutput(), "code=4");
    await done(WORKFLOW("drift"), "Open or edit the issue");
    assert.equal((await step(WORKFLOW("drift"), "Fail where there is drift", { CODE: "4" })).code, 4);
    const [issue] = hub.issues;
    assert.equal(issue?.title, "Drift of the stack prod");
    assert.match(issue?.body ?? "", /Enrollment group `sample-group` is enabled: it assigns devices again/);

    const { body: drifted } = await client.send("GET", url, { bearer });
    await client.send("PUT", url, { bearer, headers, body: { ...(drifted as object), provisioningStatus: "enabled" } });
    // The second look is Azure Pipelines' own step.
    const federated = {
      idToken: "a.b.c",
      servicePrincipalId: checkout.ready.clientId,
      tenantId: checkout.ready.tenantId,
    };
    await done("examples/ci/azure-pipelines.yml", "Look for drift", federated);
    assert.match(read("drift.md"), /^<!-- azure-iot-zero-touch drift of prod -->\n\n## Drift of `prod`: no change/);
    assert.match(await done("examples/ci/azure-pipelines.yml", "Show"), /uploadsummary\].*drift\.md/);
    await done(WORKFLOW("drift"), "Close the issue");
    await done(WORKFLOW("drift"), "Fail where there is drift", { CODE: "0" });
    assert.equal(issue?.state, "closed");
  });

  it("pass GitLab's token to both kinds of sign-in, in a file for its user only, and remove it", async () => {
    const gitlab = "examples/ci/gitlab-ci.yml";
    const token = file(".local/oidc-token");
    const variables = { CI_PROJECT_DIR: checkout.folder, AZURE_FEDERATED_TOKEN_FILE: token, ARM_OIDC_TOKEN: "a.b.c" };
    await done(gitlab, ".azure: before_script", variables);
    assert.deepEqual([readFileSync(token, "utf8"), statSync(token).mode & 0o777], ["a.b.c", 0o600]);
    await done(gitlab, ".azure: after_script", variables);
    assert.equal(existsSync(token), false);
  });

  it("destroy only the stack with the typed name", async () => {
    for (const definition of [WORKFLOW("destroy"), "examples/ci/azure-pipelines.yml"]) {
      for (const CONFIRM of ["production", ""]) {
        const { code, stdout } = await step(definition, "Compare the names", { CONFIRM });
        assert.deepEqual([code, /nothing was destroyed/.test(stdout)], [1, true]);
      }
      assert.equal((await step(definition, "Compare the names", { CONFIRM: "", STACK: "" })).code, 1);
      await done(definition, "Compare the names", { CONFIRM: "prod" });
    }
    assert.equal((await step("examples/ci/gitlab-ci.yml", "destroy", { CONFIRM: "production" })).code, 1);
    rmSync(file(".local/summary.md"));
    await done(WORKFLOW("destroy"), "Say what goes");
    assert.match(
      read(".local/summary.md"),
      /## Preview of the destruction of `prod`: 16 to delete, \*\*destructive\*\*/,
    );
    await done(WORKFLOW("destroy"), "Destroy");
    assert.deepEqual(state().resources(), []);
  });
});
