import { strict as assert } from "node:assert";
import { join, resolve } from "node:path";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import { inNamespace, namespacesPermitted } from "../cast/namespace";

const ROOT = resolve(__dirname, "../..");

describe("a command in its own network namespace", function () {
  this.timeout(300_000);
  let azure: TestAzure;

  before(async () => {
    azure = await startTestAzure();
  });

  after(() => azure?.close());

  const exec = (command: string[], env: NodeJS.ProcessEnv = azure.env) => inNamespace(azure.ready, command, env);

  if (!namespacesPermitted()) {
    it("is rejected if the system permits none", async () => {
      const { code, stderr } = await exec(["true"]);
      assert.deepEqual([code, stderr], [1, process.platform === "linux" ? "NO_NAMESPACE" : "LINUX_ONLY"]);
    });
    return;
  }

  it("reaches Azure's names with no proxy, and no other name", async () => {
    const url = "https://management.azure.com/subscriptions?api-version=2022-12-01";
    const response = await exec(["curl", "-sS", "-w", " %{http_code} %{remote_ip} %{proxy_used}", url]);
    assert.match(response.out, /AuthenticationFailed.* 401 127\.0\.0\.1/, response.stderr);
    const other = await exec(["curl", "-sS", "https://example.com/"]);
    assert.deepEqual([other.code, other.out], [6, ""], "curl's code for a name that does not resolve");
    const variables = await exec(["env"]);
    assert.doesNotMatch(variables.out, /^\w*_proxy=/im);
  });

  it("reaches the control listener at its own port", async () => {
    const { out } = await exec(["curl", "-sS", `${azure.ready.controlUrl}/health`]);
    assert.equal(JSON.parse(out).status, "ok");
  });

  it("ends with the command's exit code, 127 for a missing one, and prints its output", async () => {
    const { code, out, stderr } = await exec(["sh", "-c", "echo out; echo in >&2; exit 7"]);
    assert.deepEqual([code, out, stderr], [7, "out\n", "in\n"]);
    const killed = await exec(["sh", "-c", "kill -TERM $$"]);
    assert.equal(killed.code, 143);
    const missing = await exec([join(ROOT, "no-such-command")]);
    assert.equal(missing.code, 127);
    assert.match(missing.stderr, /no-such-command could not be started/);
  });

  it("is rejected with a reason if unshare is missing", async () => {
    const { code, stderr } = await exec(["true"], { ...azure.env, PATH: ROOT });
    assert.deepEqual([code, stderr], [1, "NO_NAMESPACE"]);
  });
});
