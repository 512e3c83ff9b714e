import { strict as assert } from "node:assert";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureStack, hasSelectedStack } from "../../../cli/pulumi/selectedStack";
import { readState, stateFile } from "../../../cli/pulumi/stackState";

describe("cli/pulumi/selectedStack", () => {
  it("knows whether a stack is selected in a PULUMI_HOME for the checkout's path", () => {
    const home = mkdtempSync(join(tmpdir(), "home-"));
    try {
      assert.equal(hasSelectedStack(home, "/tmp/ps"), false);
      // As Pulumi 3.256 writes it: the name is the SHA-1 of the path of Pulumi.yaml.
      const name = "azure-iot-zero-touch-bc7bdadad008db1c06479796dcee32e5391a6a38-workspace.json";
      mkdirSync(join(home, "workspaces"));
      const write = (content: unknown) => writeFileSync(join(home, "workspaces", name), JSON.stringify(content));
      write({ stacks: { "file:///tmp/ps/state": "organization/azure-iot-zero-touch/other" } });
      assert.equal(hasSelectedStack(home, "/tmp/ps"), true);
      assert.equal(hasSelectedStack(home, "/tmp/moved"), false);
      write({ stacks: {} });
      assert.equal(hasSelectedStack(home, "/tmp/ps"), false);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  describe("of a checkout", () => {
    let root = "";
    const paths = () => ({ root, pulumiHome: join(root, "pulumi"), state: join(root, "state") });
    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), "selected-"));
    });
    afterEach(() => rmSync(root, { recursive: true, force: true }));

    it("creates and selects the stack as `pulumi stack init` does, for its owner only", () => {
      ensureStack(paths());
      assert.deepEqual(readState(paths()), { outputs: {}, resources: 0, pending: [], urns: new Set() });
      assert.equal(hasSelectedStack(paths().pulumiHome, root), true);
      const folder = join(paths().pulumiHome, "workspaces");
      const [file = ""] = readdirSync(folder);
      const backend = `${pathToFileURL(paths().state).href}?metadata=skip`;
      assert.deepEqual(JSON.parse(readFileSync(join(folder, file), "utf8")), {
        stacks: { [backend]: "organization/azure-iot-zero-touch/dev" },
      });
      assert.equal(statSync(stateFile(paths())).mode & 0o077, 0);
      assert.ok(existsSync(join(paths().state, ".pulumi", "meta.yaml")));
    });

    it("leaves a stack that exists as it is, and what is selected", () => {
      mkdirSync(dirname(stateFile(paths())), { recursive: true });
      writeFileSync(stateFile(paths()), "the state");
      ensureStack(paths());
      assert.equal(readFileSync(stateFile(paths()), "utf8"), "the state");
      assert.equal(hasSelectedStack(paths().pulumiHome, root), false);
    });
  });
});
