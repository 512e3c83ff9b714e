import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { addLaunchers, BUILT_LANGUAGE_HOST } from "../../../cli/pulumi/pulumiCli";

const ROOT = resolve(__dirname, "../../..");

// On Windows the scripts of @pulumi/pulumi serve.
const onPosix = process.platform === "win32" ? describe.skip : describe;
onPosix("cli/pulumi/launchers", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "launchers-"));
    write("bin/pulumi", "#!/bin/sh\n");
    // In place of the host: prints its arguments, one a line.
    write(`bin/${BUILT_LANGUAGE_HOST}`, '#!/bin/sh\nfor argument; do echo "$argument"; done\n');
    addLaunchers({ folder: join(folder, "bin") }, ROOT);
    mkdirSync(join(folder, "program/node_modules/@pulumi"), { recursive: true });
    symlinkSync(join(ROOT, "node_modules/@pulumi/pulumi"), join(folder, "program/node_modules/@pulumi/pulumi"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(file: string, text: string): void {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  }

  function hostArguments(project: string | undefined, cwd = "program"): readonly string[] {
    if (project !== undefined) write("program/Pulumi.yaml", project);
    mkdirSync(join(folder, cwd), { recursive: true });
    const launcher = join(folder, "bin/pulumi-language-nodejs");
    const printed = execFileSync(launcher, ["127.0.0.1:1"], { cwd: join(folder, cwd), encoding: "utf8" });
    return printed.trimEnd().split("\n");
  }

  const BOTH = ["-nodeargs=--require ./a.cjs --max-old-space-size=99", "-typescript=false", "127.0.0.1:1"];
  const projects: readonly (readonly [string, string, readonly string[]])[] = [
    [
      "block style with comments",
      `name: p
runtime:
  name: nodejs # typescript: true
  options: # of the host
    typescript: false   # start.cjs loads it
    nodeargs: --require ./a.cjs --max-old-space-size=99 # and no more
`,
      BOTH,
    ],
    [
      "flow style",
      "{name: p, runtime: {name: nodejs, options: {typescript: false, nodeargs: --require ./a.cjs --max-old-space-size=99}}}",
      BOTH,
    ],
    [
      "quoted keys and values",
      `"name": p
"runtime":
  "name": nodejs
  'options': { "typescript": false, 'nodeargs': "--require ./a.cjs --max-old-space-size=99" }
`,
      BOTH,
    ],
    [
      "a folded scalar; what is no boolean is left out",
      `name: p
runtime:
  name: nodejs
  options:
    nodeargs: >-
      --require ./a.cjs
      --max-old-space-size=99
    typescript: no
`,
      ["-nodeargs=--require ./a.cjs --max-old-space-size=99", "127.0.0.1:1"],
    ],
    ["a runtime without options", "name: p\nruntime: nodejs\n", ["127.0.0.1:1"]],
    [
      "like keys elsewhere",
      `name: p
runtime: nodejs
config:
  typescript: false
  nodeargs: --require ./b.cjs
`,
      ["127.0.0.1:1"],
    ],
    ["a file that is no YAML", "name: [p\n", ["127.0.0.1:1"]],
  ];
  for (const [what, project, expected] of projects) {
    it(`passes the runtime's options of Pulumi.yaml: ${what}`, () => {
      assert.deepEqual(hostArguments(project), expected);
      assert.deepEqual(hostArguments(undefined), expected, "the second time, as kept");
    });
  }

  it("finds Pulumi.yaml above the folder that `main` names", () => {
    const project = "name: p\nmain: infra/index.ts\nruntime: { name: nodejs, options: { typescript: false } }\n";
    assert.deepEqual(hostArguments(project, "program/infra"), ["-typescript=false", "127.0.0.1:1"]);
  });

  it("reads a changed file again, and accepts a missing one", () => {
    assert.deepEqual(hostArguments("runtime: {name: nodejs, options: {typescript: false}}"), [
      "-typescript=false",
      "127.0.0.1:1",
    ]);
    assert.deepEqual(hostArguments("runtime: {name: nodejs, options: {typescript: true}}"), [
      "-typescript=true",
      "127.0.0.1:1",
    ]);
    assert.equal(readdirSync(join(folder, "options-1")).length, 2);
    rmSync(join(folder, "program/Pulumi.yaml"));
    assert.ok(!existsSync(join(folder, "program/Pulumi.yaml")));
    assert.deepEqual(hostArguments(undefined), ["127.0.0.1:1"]);
  });

  it("finds the SDK for the language host without Node, and starts Node for all else", () => {
    write(`bin/${BUILT_LANGUAGE_HOST}`, '#!/bin/sh\necho "$PATH"\n');
    const [path = ""] = hostArguments("name: p\nruntime: nodejs\n");
    assert.equal(path.split(delimiter)[0], join(folder, "bin/host"));
    const node = (cwd: string, ...args: string[]): string =>
      execFileSync(join(folder, "bin/host/node"), args, {
        cwd: join(folder, cwd),
        env: { ...process.env, PATH: path },
        encoding: "utf8",
        stdio: "pipe",
      });
    const find = "console.log(require.resolve('@pulumi/pulumi/cmd/run'));";
    const found = `${require.resolve("@pulumi/pulumi/cmd/run")}\n`;
    assert.equal(node("program", "-e", find), found);
    mkdirSync(join(folder, "program/infra"), { recursive: true });
    assert.equal(node("program/infra", "-e", find), found, "by Node, in a folder below");
    assert.throws(() => node("bin", "-e", find), /Cannot find module '@pulumi\/pulumi\/cmd\/run'/);
    assert.equal(
      node("program", "-p", "[process.argv[1], process.env.PATH].join()", "a b"),
      `a b,${process.env.PATH}\n`,
    );
  });

  it("starts the host of dynamic resources with the program's nodeargs, where `main` names a folder, too", () => {
    write("program/main.cjs", "");
    write("program/node_modules/.keep", "");
    write(
      "program/show.cjs",
      "console.log(process.execArgv.join(' '), require('node:path').basename(process.argv[1])); process.exit()",
    );
    write(
      "program/Pulumi.yaml",
      `runtime: {name: nodejs, options: {nodeargs: "--require ${folder}/program/show.cjs --no-warnings"}}`,
    );
    for (const cwd of ["program", "program/infra"]) {
      mkdirSync(join(folder, cwd), { recursive: true });
      const launcher = join(folder, "bin/pulumi-resource-pulumi-nodejs");
      const printed = execFileSync(launcher, ["127.0.0.1:1"], { cwd: join(folder, cwd), encoding: "utf8" });
      assert.match(printed, /--require \S+show\.cjs --no-warnings index\.js/);
    }
  });
});
