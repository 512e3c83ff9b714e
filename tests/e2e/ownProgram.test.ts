import { strict as assert } from "node:assert";
import { appendFileSync, chmodSync, cpSync, mkdirSync, symlinkSync } from "node:fs";
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

/** examples/typescript as docs/library.md has it, with the packed library in its node_modules. */
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
    cpSync(join(ROOT, "examples", "typescript"), folder, { recursive: true });
    const modules = join(folder, "node_modules");
    await placeLibrary(modules);
    ok(await pulumi("stack", "init", "trial"));
  });

  after(async () => {
    project?.remove();
    await azure?.close();
  });

  it("creates two plants in one stack, moves them to the plugin without a change, and leaves nothing behind", async () => {
    const up = ok(await pulumi("up", "--yes", "--skip-preview"));
    assert.match(up, /\+ 33 created/);
    const backend = fileURLToPath(project.variables.PULUMI_BACKEND_URL ?? "");
    const outputs = new StackFile(backend, "plants", "trial").outputs() as Record<"north" | "west", { hub: string }>;
    assert.match(outputs.north.hub, /^north-hub[0-9a-f]{8}\.azure-devices\.net$/);
    assert.match(outputs.west.hub, /^west-hub[0-9a-f]{8}\.azure-devices\.net$/);
    // The resources of the plugin have another type, and the state moves to it without a change.
    const plugin = "plugins:\n  providers:\n    - name: zero-touch\n      path: node_modules/.bin\n";
    appendFileSync(join(folder, "Pulumi.yaml"), `${plugin}config:\n  zero-touch:plugin:\n    value: true\n`);
    const bin = join(folder, "node_modules", ".bin");
    mkdirSync(bin);
    const main = "../azure-iot-zero-touch/dist/zero-touch-plugin/main.js";
    chmodSync(join(bin, main), 0o755);
    symlinkSync(main, join(bin, "pulumi-resource-zero-touch"));
    ok(await pulumi("up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes"));
    const types = new StackFile(backend, "plants", "trial").resources().map(({ type }) => type);
    assert.ok(types.includes("zero-touch:index:EnrollmentGroup"), types.join());
    assert.ok(!types.includes("pulumi-nodejs:dynamic/iot:EnrollmentGroup"));
    assert.match(ok(await pulumi("destroy", "--yes", "--skip-preview")), /- 33 deleted/);
  });
});
