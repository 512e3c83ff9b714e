import { strict as assert } from "node:assert";
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import { translate } from "../../bootstrap/typescript.cjs";
import { AttachedProviders } from "../cast/attachedProviders";
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
  let state: StackFile;
  let standIn: AttachedProviders | undefined;
  const pulumi = (...args: string[]) => project.run(...args, "--stack", "trial", "--cwd", folder);

  before(async () => {
    azure = await startTestAzure();
    project = await StackProject.create(azure.env);
    folder = join(dirname(project.folder), "plants");
    cpSync(join(ROOT, "examples", "typescript"), folder, { recursive: true });
    const modules = join(folder, "node_modules");
    await placeLibrary(modules);
    const { config: _, ...secrets } = parse(readFileSync(join(project.folder, "Pulumi.dev.yaml"), "utf8"));
    writeFileSync(join(folder, "Pulumi.trial.yaml"), stringify(secrets));
    state = new StackFile(fileURLToPath(project.variables.PULUMI_BACKEND_URL ?? ""), "plants", "trial");
    state.create();
    standIn = await AttachedProviders.start(
      ROOT,
      { ...process.env, ...project.variables },
      join(folder, "providers.log"),
    );
    // The host of dynamic resources is the program's own.
    const [address = ""] = standIn.addresses.split(",");
    project.environment = { ...project.environment, PULUMI_DEBUG_PROVIDERS: address };
  });

  after(async () => {
    await standIn?.end();
    project?.remove();
    await azure?.close();
  });

  it("creates two plants in one stack, moves them to the plugin without a change, and leaves nothing behind", async () => {
    const up = ok(await pulumi("up", "--yes", "--skip-preview"));
    assert.match(up, /\+ 33 created/);
    const outputs = state.outputs() as Record<"north" | "west", { hub: string }>;
    assert.match(outputs.north.hub, /^north-hub[0-9a-f]{8}\.azure-devices\.net$/);
    assert.match(outputs.west.hub, /^west-hub[0-9a-f]{8}\.azure-devices\.net$/);
    // The resources of the plugin have another type, and the state moves to it without a change.
    const settings = {
      ...parse(readFileSync(join(folder, "Pulumi.yaml"), "utf8")),
      plugins: { providers: [{ name: "zero-touch", path: "node_modules/.bin" }] },
      config: { "zero-touch:plugin": { value: true } },
      // As JavaScript: the first run has compiled the program, which takes 1.5 s of the processor.
      ...{ runtime: { name: "nodejs", options: { typescript: false } }, main: "plants.js" },
    };
    writeFileSync(join(folder, "plants.js"), translate(join(ROOT, "examples/typescript/plants.ts")));
    writeFileSync(join(folder, "Pulumi.yaml"), stringify(settings));
    const bin = join(folder, "node_modules", ".bin");
    mkdirSync(bin);
    const main = "../azure-iot-zero-touch/dist/zero-touch-plugin/main.js";
    chmodSync(join(bin, main), 0o755);
    symlinkSync(main, join(bin, "pulumi-resource-zero-touch"));
    ok(await pulumi("up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes"));
    const types = state.resources().map(({ type }) => type);
    assert.ok(types.includes("zero-touch:index:EnrollmentGroup"), types.join());
    assert.ok(!types.includes("pulumi-nodejs:dynamic/iot:EnrollmentGroup"));
    assert.match(ok(await pulumi("destroy", "--yes", "--skip-preview")), /- 33 deleted/);
  });
});
