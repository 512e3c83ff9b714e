import { strict as assert } from "node:assert";
import { cpSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { placeLibrary } from "../cast/library";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import type { Ended } from "../cast/pulumiProject";
import { StackFile } from "../cast/stackFile";
import { StackProject } from "../cast/stackProject";

const ROOT = resolve(__dirname, "..", "..");

const ok = ({ code, output }: Ended): string => {
  assert.equal(code, 0, output);
  return output;
};

/** examples/program as docs/library.md has it, with the packed library in its node_modules. */
describe("a program of a user's own", function () {
  this.timeout(300_000);
  let azure: TestAzure;
  let project: StackProject;
  let folder: string;
  const pulumi = (...args: string[]) => project.run(...args, "--cwd", folder);

  before(async () => {
    azure = await startTestAzure();
    project = await StackProject.create(azure.env);
    folder = join(dirname(project.folder), "plants");
    cpSync(join(ROOT, "examples", "program"), folder, { recursive: true });
    const modules = join(folder, "node_modules");
    await placeLibrary(modules);
    ok(await pulumi("stack", "init", "trial"));
  });

  after(async () => {
    project?.remove();
    await azure?.close();
  });

  it("creates two plants in one stack, shows no change, and leaves nothing behind", async () => {
    const up = ok(await pulumi("up", "--yes", "--skip-preview"));
    assert.match(up, /\+ 33 created/);
    const backend = fileURLToPath(project.variables.PULUMI_BACKEND_URL ?? "");
    const outputs = new StackFile(backend, "plants", "trial").outputs() as Record<"north" | "west", { hub: string }>;
    assert.match(outputs.north.hub, /^north-hub[0-9a-f]{8}\.azure-devices\.net$/);
    assert.match(outputs.west.hub, /^west-hub[0-9a-f]{8}\.azure-devices\.net$/);
    ok(await pulumi("preview", "--refresh", "--expect-no-changes"));
    assert.match(ok(await pulumi("destroy", "--yes", "--skip-preview")), /- 33 deleted/);
  });
});
