import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";
import type { SetupError } from "../../../bootstrap/setupError.cjs";
import { Arguments, readArguments } from "../../../cli/commandLine";
import { COMMAND_RULES } from "../../../cli/commandRules";
import { commandFile } from "../../../cli/commands/check";
import { withoutAdvice } from "../../../cli/commands/down";
import { helpText } from "../../../cli/commandUsage";
import { runCommand } from "../../../cli/runCommand";
import { exitCode, output, run } from "../../../cli/runProgram";

const ROOT = join(__dirname, "..", "..", "..");

describe("cli/runProgram", () => {
  it("returns exit codes like a shell", () => {
    assert.equal(exitCode(0, null), 0);
    assert.equal(exitCode(7, null), 7);
    assert.equal(exitCode(null, "SIGINT"), 130);
    assert.equal(exitCode(null, "SIGKILL"), 137);
  });

  it("returns the exit code and shows stderr through the filter", async () => {
    const lines: string[] = [];
    const stderr = (line: string) => {
      lines.push(line);
      return undefined;
    };
    const code = await run(process.execPath, ["-e", "console.error('one\\ntwo'); process.exitCode = 3"], { stderr });
    assert.equal(code, 3);
    assert.deepEqual(lines, ["one", "two"]);
  });

  it("interrupts the program when its own parent has ended, as npm's shell does at SIGTERM", async function () {
    if (process.platform === "win32") return this.skip();
    const program = `process.on("SIGINT", () => { console.log("interrupted"); process.exit(); }); setInterval(() => undefined, 1000); console.log("runs");`;
    const typescript = join(ROOT, "bootstrap", "typescript.cjs");
    const script = `require(${JSON.stringify(typescript)}); require(${JSON.stringify(join(ROOT, "cli", "runProgram.ts"))})
      .run(process.execPath, ["-e", ${JSON.stringify(program)}], { endsWithParent: true });`;
    const shell = spawn("sh", ["-c", '"$0" -e "$1"; true', process.execPath, script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    // Ends when all processes have closed it.
    for await (const text of shell.stdout.setEncoding("utf8")) {
      printed += text;
      if (printed === "runs\n") shell.kill("SIGTERM");
    }
    assert.equal(printed, "runs\ninterrupted\n");
  });

  it("lets a program give way to others", async () => {
    const own = getPriority();
    const isNicer = `process.exit(require("node:os").getPriority() === ${Math.min(own + 3, 19)} ? 0 : 1)`;
    assert.equal(await run(process.execPath, ["-e", isNicer], { niceness: 3 }), 0);
    assert.equal(getPriority(), own);
  });

  it("shows stdout through the filter, the unfinished last line too", async () => {
    const lines: string[] = [];
    const stdout = (line: string) => {
      lines.push(line);
      return undefined;
    };
    assert.equal(await run(process.execPath, ["-e", "process.stdout.write('one\\ntwo')"], { stdout }), 0);
    assert.deepEqual(lines, ["one", "two"]);
  });

  it("does not pass on Pulumi's advice to remove the stack, whose file is committed", () => {
    const advice = [
      "The resources in the stack have been deleted, but the history and configuration associated with the stack are still maintained. ",
      "If you want to remove the stack completely, run `pulumi stack rm dev`.",
    ];
    for (const line of advice) assert.equal(withoutAdvice(line), undefined);
    for (const line of ["", "    - 22 deleted", "Duration: 2s"]) assert.equal(withoutAdvice(line), line);
  });

  it("returns a program's output, and its last lines if it fails", async () => {
    assert.equal(await output(process.execPath, ["-e", "process.stdout.write('hello')"]), "hello");
    await assert.rejects(output(process.execPath, ["-e", "console.error('why'); process.exit(2)"]), {
      code: "PROGRAM_FAILED",
      why: "why",
      message: `${process.execPath} -e failed (code 2).`,
    });
    await assert.rejects(output(join(ROOT, "no-such-program"), []), { code: "ENOENT" });
  });

  // Windows has no signals to pass on: Ctrl-C reaches every process of the console directly.
  const onPosix = process.platform === "win32" ? () => undefined : it;
  onPosix("sends one interrupt on, and kills at the second", async () => {
    const hook = join(ROOT, "bootstrap", "typescript.cjs");
    const stubborn =
      "let n = 0; process.on('SIGINT', () => console.log('got ' + ++n)); setInterval(() => {}, 9); console.log('up')";
    const source = `require(${JSON.stringify(join(ROOT, "cli", "runProgram.ts"))}).run(process.execPath, ["-e", ${JSON.stringify(stubborn)}])
      .then((code) => console.log("code " + code))`;
    const child = spawn(process.execPath, ["-r", hook, "-e", source], { stdio: ["ignore", "pipe", "inherit"] });
    const seen: string[] = [];
    let rest = "";
    for await (const chunk of child.stdout.setEncoding("utf8")) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        seen.push(line);
        if (line === "up" || line === "got 1") child.kill("SIGINT");
      }
    }
    if (child.exitCode === null) await once(child, "exit");
    assert.deepEqual(seen, ["up", "got 1", "code 137"]);
  });
});

describe("cli/commands", () => {
  it("passes on unknown options, in order, and keeps its own", () => {
    const rule = COMMAND_RULES["preview:report"] ?? assert.fail();
    const words = ["--diff", "-s", "prod", "x", "--target=urn:a", "--expect-no-changes", "--stack-x", "y", "--", "-z"];
    const { args, errors } = readArguments(rule, words);
    assert.deepEqual(errors, []);
    assert.deepEqual(args.rest, ["--diff", "x", "--target=urn:a", "--stack-x", "y", "--", "-z"]);
    assert.deepEqual([args.text("stack"), args.has("expect-no-changes"), args.has("full")], ["prod", true, false]);
    assert.equal(readArguments(rule, ["--of=drift"]).args.text("of"), "drift");
    assert.match(
      readArguments(rule, ["--of", "--out"]).errors.join("\n"),
      /^--of is without a value.*\n--out is without/,
    );
    assert.deepEqual(new Arguments([], ["a"]).rest, ["a"]);
  });

  it("finds the file behind a package's command", () => {
    assert.equal(commandFile(ROOT, "typescript", "tsc"), join(ROOT, "node_modules", "typescript", "bin", "tsc"));
    assert.throws(() => commandFile(ROOT, "typescript", "none"), {
      message: "The package typescript has no command none.",
    });
  });

  it("prints each command's usage, and does nothing else", async () => {
    const printed: string[] = [];
    const write = process.stdout.write;
    process.stdout.write = (text: string | Uint8Array) => printed.push(String(text)) > 0;
    try {
      for (const name of [
        "up",
        "preview",
        "down",
        "setup",
        "check",
        "test",
        "test:clients",
        "test:fuzz",
        "test:kills",
        "test:package",
        "doctor",
        "build",
        "bench",
        "env",
      ]) {
        assert.equal(await runCommand([name, "--help"]), 0);
      }
      for (const action of ["start", "stop", "reset", "logs"])
        assert.equal(await runCommand(["local", action, "-h"]), 0);
    } finally {
      process.stdout.write = write;
    }
    assert.equal(printed.length, 18);
    assert.match(
      printed[2] ?? "",
      /^Usage: npm run down \[-- OPTIONS\]\n\nDestroys the dev stack.*\n\n {2}--force .*\n {2}--genuine-plugin .*\n {2}anything else .*npm run pulumi -- destroy --help lists it\n$/,
    );
    assert.match(printed[15] ?? "", /^Usage: npm run local -- start .*exec COMMAND/);
  });

  it("has a usage of its own for each action that npx runs", () => {
    for (const [name, { usage, operands }] of Object.entries(COMMAND_RULES)) {
      if (!usage.startsWith("npx zero-touch")) continue;
      assert.ok(usage.startsWith(`npx zero-touch ${name} `), usage);
      assert.ok(operands === undefined || usage.includes(operands), usage);
    }
  });

  it("has a usage for every script except pulumi, which passes its arguments on", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const ours = Object.values(scripts).flatMap((script) => /^node cli\/zero-touch\.cjs (.+)$/.exec(script)?.[1] ?? []);
    assert.ok(ours.length > 10);
    assert.deepEqual(
      ours.filter((name) => !Object.hasOwn(COMMAND_RULES, name)),
      ["pulumi"],
    );
    for (const rule of Object.values(COMMAND_RULES)) assert.match(helpText(rule), /^Usage: .+\n\n.+\n/);
  });

  it("rejects arguments that a command would ignore", async () => {
    const cases: readonly (readonly string[])[] = [
      ["local", "stop", "now"],
      ["local", "reset", "--yes"],
      ["local", "start", "--azurit", "1"],
      ["local", "logs", "-f"],
      ["setup", "x"],
      ["check", "--fix"],
      ["test", "--grep", "x"],
      ["test:clients", "az"],
      ["test:fuzz", "--seed", "x"],
      ["test:kills", "--kills", "0"],
      ["bench", "--jsn"],
    ];
    for (const args of cases) await assert.rejects(runCommand(args), { code: "UNKNOWN_ARGUMENT" }, args.join(" "));
    await assert.rejects(runCommand(["env", "--shel", "fish", "--sign-in", "x", "s3cret"]), (error: SetupError) => {
      assert.equal(error.code, "UNKNOWN_ARGUMENT");
      assert.match(error.why, /^unknown option --shel; --shell is probably meant\n--sign-in is 'x': one of secret, /);
      assert.deepEqual(error.remedies, ["npm run env -- --help"]);
      return !`${error.message}${error.why}`.includes("s3cret");
    });
  });

  it("prints the usage of local where its action is missing, and a word on each command where the command is", async () => {
    const printed: string[] = [];
    const { stdout, stderr } = process;
    const [out, err] = [stdout.write, stderr.write];
    stdout.write = (text: string | Uint8Array) => printed.push(String(text)) > 0;
    stderr.write = stdout.write;
    try {
      assert.equal(await runCommand(["local"]), 2);
      assert.equal(await runCommand(["--help"]), 0);
    } finally {
      stdout.write = out;
      stderr.write = err;
    }
    assert.match(printed[0] ?? "", /^Usage: npm run local -- start/);
    for (const name of ["up", "down", "local", "pulumi", "test:fuzz"]) {
      assert.match(printed[1] ?? "", new RegExp(`^ {2}${name} +[A-Z].+\\.?$`, "m"));
    }
  });

  it("rejects unknown commands and actions, and names the known ones", async () => {
    await assert.rejects(runCommand(["constructor"]), {
      code: "UNKNOWN_COMMAND",
      message: 'There is no command "constructor".',
    });
    await assert.rejects(runCommand(["local", "dance"]), {
      code: "UNKNOWN_ACTION",
      why: "Actions: start, stop, status, reset, logs, exec.",
    });
    await assert.rejects(runCommand(["operator", "dance"]), {
      code: "UNKNOWN_ACTION",
      message: 'The operator endpoint has no action "dance".',
    });
    await assert.rejects(runCommand(["env", "--shell", "tcsh"]), {
      code: "UNKNOWN_ARGUMENT",
      why: /^--shell is 'tcsh': one of posix, fish/,
    });
    await assert.rejects(runCommand(["up", "--stack", "prod"]), { code: "STACK_OF_ANOTHER_CLOUD" });
  });
});
