import { strict as assert } from "node:assert";
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { TSCONFIG } from "../../bench/rivals/rivalPrograms";
import { buildPackage } from "../../cli/commands/build";
import { type LaunchedAzure, launchTestAzure } from "../cast/launchedAzure";
import { StackProject } from "../cast/stackProject";
import { readmeProgram, runIn, runPackage, writeFiles } from "../cast/userProgram";

const ROOT = resolve(__dirname, "..", "..");
const TEMPLATE = join(ROOT, "templates", "azure-iot-zero-touch-typescript");

const PULUMI = { "@pulumi/azure-native": "^3.0.0", "@pulumi/pulumi": "^3.113.0" };
const QUIET = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
const COMPILER = { "@types/node": "^20", typescript: "^5.0.0" };

/** A test of a program with Pulumi's mocks, for mocha and for Jest. */
const MOCKED_TEST = `
const assert = require("node:assert/strict");
const pulumi = require("@pulumi/pulumi");
const recorded = [];
pulumi.runtime.setMocks({
  newResource: ({ type, name, inputs }) => {
    recorded.push(type);
    return { id: name + "-id", state: inputs };
  },
  call: ({ inputs }) => ({ ...inputs, value: [], primaryKey: "key" }),
});
describe("the program", () => {
  it("creates its resources", async () => {
    const { DeviceCertificate, CertificateAuthority } = require("azure-iot-zero-touch");
    const ca = new CertificateAuthority("plants", { rootName: "Plants root", intermediateName: "Plants line 1" });
    new DeviceCertificate("press", { registrationId: "press", issuer: ca.intermediate, revokedThumbprints: [] });
    await new Promise((done) => setTimeout(done, 200));
    assert.ok(recorded.includes("pulumi-nodejs:dynamic/iot:CertificateAuthority"), recorded.join());
    assert.ok(recorded.includes("pulumi-nodejs:dynamic/iot:DeviceCertificate"), recorded.join());
  });
});
`;

/** A program in TypeScript without types, with `require`. */
const asCommonJs = (program: string): string =>
  program
    .replace(/^import \{([^}]*)\} from ("[^"]+");$/gm, "const {$1} = require($2);")
    .replace(/^export const /gm, "const ");

/** The same program by the Automation API, in a folder of its own, in the process that calls it. */
const inlineProgram = (program: string) => `
const auto = require("@pulumi/pulumi/automation");
const program = async () => {
  ${asCommonJs(program)}
  return { idScope };
};
(async () => {
  const settings = { name: "inline", runtime: "nodejs" };
  const stack = await auto.LocalWorkspace.createOrSelectStack(
    { stackName: "trial", projectName: "inline", program },
    { workDir: __dirname, projectSettings: settings },
  );
  const { summary, outputs } = await stack.up();
  const destroyed = await stack.destroy();
  console.log(JSON.stringify({ up: summary.result, idScope: outputs.idScope.value, down: destroyed.summary.result }));
})().catch((error) => { console.error(error); process.exit(1); });
`;

/** Megabytes of the files below a folder. */
function megabytes(folder: string): number {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0) / 1e6;
}

/** The folders of the copies of `@pulumi/pulumi` below a folder. */
const copiesOfSdk = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap(({ parentPath, name }) =>
    name === "pulumi" && basename(parentPath) === "@pulumi" ? [parentPath] : [],
  );

describe("the package in a program", function () {
  this.timeout(900_000);
  const folder = mkdtempSync(join(tmpdir(), "layouts-"));
  let tarball: string;
  let azure: LaunchedAzure;
  let project: StackProject;

  before(async () => {
    const built = await buildPackage(ROOT, join(ROOT, "packages", "azure-iot-zero-touch"));
    // Yarn keeps a tarball in its cache by the path alone: at an old path it installs the old content.
    tarball = join(folder, basename(built));
    copyFileSync(built, tarball);
    azure = await launchTestAzure();
    project = await StackProject.create(azure.env);
  });

  after(async () => {
    project?.remove();
    await azure?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const pulumi = async (inside: string, ...args: string[]): Promise<string> => {
    const { code, output } = await project.run(...args, "--cwd", inside);
    assert.equal(code, 0, output);
    return output;
  };

  describe("as pulumi new azure-typescript makes it, with npm", () => {
    const typescript = join(folder, "typescript");

    before(async () => {
      writeFiles(typescript, {
        "Pulumi.yaml": "name: typescript\nruntime:\n  name: nodejs\n  options:\n    packagemanager: npm\n",
        "package.json": { name: "typescript", main: "index.ts", devDependencies: COMPILER, dependencies: PULUMI },
        "tsconfig.json": TSCONFIG,
        "index.ts": readmeProgram(),
      });
      await runIn(typescript, "npm", "install", ...QUIET);
      const before = megabytes(join(typescript, "node_modules"));
      await runIn(typescript, "npm", "install", ...QUIET, tarball);
      grown = megabytes(join(typescript, "node_modules")) - before;
    });
    let grown = 0;

    it("takes at most 15 MB beside Pulumi's own packages, and brings no second SDK", () => {
      assert.ok(grown < 15, `${grown.toFixed(1)} MB`);
      assert.equal(copiesOfSdk(join(typescript, "node_modules")).length, 1);
    });

    it("compiles, and deploys to the local Azure", async () => {
      await runIn(typescript, "npx", "tsc", "--noEmit");
      await pulumi(typescript, "stack", "init", "trial");
      assert.match(await pulumi(typescript, "up", "--yes", "--skip-preview"), /\+ 15 created/);
      await pulumi(typescript, "preview", "--refresh", "--expect-no-changes");
      assert.match(await pulumi(typescript, "destroy", "--yes", "--skip-preview"), /- 15 deleted/);
    });

    it("runs as an inline program of the Automation API", async () => {
      const inline = join(typescript, "automation");
      writeFiles(inline, { "deploy.cjs": inlineProgram(readmeProgram()) });
      const { code, output } = await project.node(join(inline, "deploy.cjs"));
      assert.equal(code, 0, output);
      assert.match(output, /"up":"succeeded","idScope":"0ne[0-9A-F]{8}","down":"succeeded"/);
    });

    it("runs in mocha and in Jest with Pulumi's mocks", async () => {
      await runIn(typescript, "npm", "install", ...QUIET, "--save-dev", "mocha@11", "jest@30");
      writeFiles(typescript, { "program.test.js": MOCKED_TEST });
      await runIn(typescript, "npx", "mocha", "--exit", "program.test.js");
      await runIn(typescript, "npx", "jest", "--forceExit", "program.test.js");
    });
  });

  it("previews with the lowest versions of Pulumi that it permits", async () => {
    const manifest = readFileSync(join(ROOT, "packages", "azure-iot-zero-touch", "package.json"), "utf8");
    const { peerDependencies } = JSON.parse(manifest) as { peerDependencies: Readonly<Record<string, string>> };
    const lowest = Object.entries(peerDependencies).map(([name, range]) => [name, range.replace("^", "")]);
    const oldest = join(folder, "oldest");
    writeFiles(oldest, {
      "Pulumi.yaml": "name: oldest\nruntime: nodejs\n",
      "package.json": {
        name: "oldest",
        main: "index.js",
        dependencies: { ...Object.fromEntries(lowest), "azure-iot-zero-touch": `file:${tarball}` },
      },
      "index.js": `${asCommonJs(readmeProgram())}\nrequire("azure-iot-zero-touch/policy");\n`,
    });
    await runIn(oldest, "npm", "install", ...QUIET);
    const installed = lowest.map(([name = ""]) => {
      const text = readFileSync(join(oldest, "node_modules", name, "package.json"), "utf8");
      // @pulumi/policy writes a v before its version.
      return [name, (JSON.parse(text) as { version: string }).version.replace(/^v/, "")];
    });
    assert.deepEqual(installed, lowest);
    await pulumi(oldest, "stack", "init", "trial");
    assert.match(await pulumi(oldest, "preview"), /\+ 15 to create/);
  });

  describe("as pulumi new makes it from the template", () => {
    const plants = join(folder, "plants");

    before(async () => {
      // The tarball in place of the registry, where the package is not published yet.
      const template = join(folder, "template");
      cpSync(TEMPLATE, template, { recursive: true });
      const manifest = join(template, "package.json");
      writeFileSync(
        manifest,
        readFileSync(manifest, "utf8").replace(/(?<="azure-iot-zero-touch": ")[^"]+/, `file:${tarball}`),
      );
      // npm needs the network, not the local Azure.
      project.environment = {};
      await pulumi(
        folder,
        "new",
        template,
        "--dir",
        plants,
        "--name",
        "plants",
        "--stack",
        "trial",
        "--yes",
        "--force",
      );
      project.environment = azure.env;
    });

    it("passes its own test and the compiler", async () => {
      assert.match(await runIn(plants, "npm", "test"), /3 passing/);
      await runIn(plants, "npm", "run", "check");
    });

    it("deploys to the local Azure", async () => {
      assert.match(await pulumi(plants, "up", "--yes", "--skip-preview"), /\+ 15 created/);
      await pulumi(plants, "preview", "--refresh", "--expect-no-changes");
      assert.match(await pulumi(plants, "destroy", "--yes", "--skip-preview"), /- 15 deleted/);
    });
  });

  it("compiles and previews as an ES module with moduleResolution nodenext, with pnpm", async () => {
    const esm = join(folder, "esm");
    const compilerOptions = { ...TSCONFIG.compilerOptions, module: "nodenext", moduleResolution: "nodenext" };
    writeFiles(esm, {
      "Pulumi.yaml": "name: esm\nruntime: nodejs\nmain: bin/index.js\n",
      "package.json": {
        name: "esm",
        type: "module",
        devDependencies: COMPILER,
        dependencies: { ...PULUMI, "azure-iot-zero-touch": `file:${tarball}` },
      },
      "tsconfig.json": { compilerOptions, files: ["index.ts"] },
      "index.ts": readmeProgram().replace("azure-native/resources", "azure-native/resources/index.js"),
    });
    await runPackage(esm, "pnpm@10.34.8", "pnpm", "install");
    await runIn(esm, "npx", "tsc");
    await pulumi(esm, "stack", "init", "trial");
    assert.match(await pulumi(esm, "preview"), /\+ 15 to create/);
  });

  it("previews in a monorepo whose packages share components, with yarn", async () => {
    const monorepo = join(folder, "monorepo");
    const dependencies = { ...PULUMI, "azure-iot-zero-touch": `file:${tarball}` };
    const plant = join(monorepo, "packages", "plant");
    writeFiles(monorepo, {
      "package.json": { name: "monorepo", private: true, workspaces: ["packages/*"] },
      "packages/line/package.json": { name: "line", version: "1.0.0", main: "line.js", dependencies },
      "packages/line/line.js":
        'const { IotHub } = require("azure-iot-zero-touch");\n' +
        'exports.hub = (name, args) => new IotHub(name, { ...args, minimumTls: "1.2", localAuth: "enabled" });\n',
      "packages/plant/package.json": {
        name: "plant",
        version: "1.0.0",
        main: "index.js",
        dependencies: { ...dependencies, line: "1.0.0" },
      },
      "packages/plant/Pulumi.yaml": "name: plant\nruntime: nodejs\n",
      "packages/plant/index.js":
        'const { CertificateAuthority, ProvisioningService, VerifiedCertificate } = require("azure-iot-zero-touch");\n' +
        'const place = { resourceGroupName: "plant", location: "northeurope" };\n' +
        'const hub = require("line").hub("plant", place);\n' +
        'const service = new ProvisioningService("plant", { ...place, hubs: [hub] });\n' +
        'const ca = new CertificateAuthority("plant", { rootName: "Root", intermediateName: "Line" });\n' +
        'new VerifiedCertificate("plant", { service, name: "root", authority: ca.root });\n',
    });
    await runPackage(monorepo, "yarn@1.22.22", "yarn", "install", "--ignore-engines", "--non-interactive");
    await pulumi(plant, "stack", "init", "trial");
    assert.match(await pulumi(plant, "preview"), /\+ 12 to create/);
  });
});
