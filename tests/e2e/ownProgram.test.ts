import { strict as assert } from "node:assert";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { startTestAzure, type TestAzure } from "../cast/localAzure";
import type { Ended } from "../cast/pulumiProject";
import { StackProject } from "../cast/stackProject";

const ROOT = resolve(__dirname, "..", "..");

const ok = ({ code, output }: Ended): string => {
  assert.equal(code, 0, output);
  return output;
};

/** examples/program as docs/library.md has it: copied beside the checkout, with the packages that `npm install` would link. */
describe("a user's own program beside the checkout", function () {
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
    mkdirSync(join(modules, "@pulumi"), { recursive: true });
    symlinkSync(project.folder, join(modules, "azure-iot-zero-touch"), "junction");
    for (const name of ["@pulumi/pulumi", "@pulumi/azure-native"]) {
      symlinkSync(join(ROOT, "node_modules", name), join(modules, name), "junction");
    }
    ok(await pulumi("stack", "init", "trial"));
  });

  after(async () => {
    project?.remove();
    await azure?.close();
  });

  it("creates two plants in one stack, shows no change, and leaves nothing behind", async () => {
    const up = ok(await pulumi("up", "--yes", "--skip-preview"));
    assert.match(up, /\+ 27 created/);
    const outputs = JSON.parse(ok(await pulumi("stack", "output", "--json"))) as Record<
      "north" | "west",
      { hub: string }
    >;
    assert.match(outputs.north.hub, /^north-hub[0-9a-f]{8}\.azure-devices\.net$/);
    assert.match(outputs.west.hub, /^west-hub[0-9a-f]{8}\.azure-devices\.net$/);
    ok(await pulumi("preview", "--refresh", "--expect-no-changes"));
    assert.match(ok(await pulumi("destroy", "--yes", "--skip-preview")), /- 27 deleted/);
  });

  it("requires the versions of Pulumi that the checkout has", () => {
    const dependencies = (file: string) =>
      (JSON.parse(readFileSync(join(ROOT, file), "utf8")) as { dependencies: Readonly<Record<string, string>> })
        .dependencies;
    const [ours, theirs] = [dependencies("package.json"), dependencies("examples/program/package.json")];
    for (const name of ["@pulumi/pulumi", "@pulumi/azure-native"]) assert.equal(theirs[name], ours[name], name);
  });
});
