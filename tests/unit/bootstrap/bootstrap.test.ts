import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Script } from "node:vm";
import { diskError } from "../../../bootstrap/diskError.cjs";
import { explain, matches, npmScript, outward } from "../../../bootstrap/install.cjs";
import { alive, withLock } from "../../../bootstrap/lock.cjs";
import { progress, seconds } from "../../../bootstrap/progress.cjs";
import { SetupError } from "../../../bootstrap/setupError.cjs";
import { translate } from "../../../bootstrap/typescript.cjs";

const ROOT = join(__dirname, "..", "..", "..");

describe("cli/zero-touch.cjs", () => {
  const source = readFileSync(join(ROOT, "cli", "zero-touch.cjs"), "utf8").replace(/^#!.*/, "");

  /** Runs the file as an old Node would, with everything it touches replaced. */
  function runAs(version: string): {
    readonly text: string;
    readonly code: number | undefined;
    readonly loaded: string[];
  } {
    const seen = { text: "", code: undefined as number | undefined, loaded: [] as string[] };
    const process = {
      versions: { node: version },
      stderr: { write: (text: string) => (seen.text += text) },
      exit: (code: number) => {
        seen.code = code;
        throw new Error("exit");
      },
    };
    const require = (name: string) => {
      seen.loaded.push(name);
      return () => undefined;
    };
    try {
      new Script(source).runInNewContext({ process, require, parseInt });
    } catch (error) {
      assert.equal((error as Error).message, "exit");
    }
    return seen;
  }

  it("stops an old Node with the clear message and loads nothing", () => {
    for (const version of ["0.12.18", "8.17.0", "18.20.4", "19.9.0"]) {
      const { text, code, loaded } = runAs(version);
      assert.equal(code, 1);
      assert.deepEqual(loaded, []);
      assert.ok(text.includes(`Node 20, 22 or 24 is needed; this is Node ${version}.`), text);
      assert.ok(text.includes("To fix:  install Node 20"), text);
    }
  });

  it("continues with 20 and newer", () => {
    for (const version of ["20.0.0", "24.1.0"]) {
      assert.deepEqual(runAs(version), { text: "", code: undefined, loaded: ["./installAndRun.cjs"] });
    }
  });

  it("has no syntax that an old Node cannot parse", () => {
    const code = source.replace(/^\s*\/\/.*$/gm, "").replace(/"(?:[^"\\]|\\.)*"/g, '""');
    // A comma before a closing parenthesis came with Node 8, the rest with 4 to 14.
    assert.doesNotMatch(code, /,\s*\)|=>|`|\b(?:const|let|class|async|await)\b|\?\.|\?\?|\.\.\./);
  });

  it("agrees with package.json on the oldest Node", () => {
    const { engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      engines: { node: string };
    };
    assert.equal(engines.node, `>=${/oldest = (\d+)/.exec(source)?.[1]}`);
  });
});

describe("bootstrap/setupError", () => {
  it("prints what, why and every remedy", () => {
    const error = new SetupError("A_CODE", "It is broken.", "first\nsecond", ["this", "that"]);
    assert.equal(
      error.render(),
      "\nIt is broken.\n  Why:     first\n           second\n  To fix:  this\n       or: that\n  (A_CODE)\n\n",
    );
  });
});

describe("bootstrap/diskError", () => {
  const failed = (code: string, more: object = { path: "/clone/.local", syscall: "mkdir" }) =>
    Object.assign(new Error(`${code}: what the system says`), { code, ...more });

  it("reports an unwritable folder with its remedy", () => {
    const render = (code: string) => {
      const error = diskError(failed(code));
      assert.ok(error instanceof SetupError);
      assert.equal(error.code, "NOT_WRITABLE");
      return error.render();
    };
    assert.match(render("EACCES"), /^\n\/clone\/\.local is not readable or writable .*\n {2}Why: .*EACCES \(mkdir\)/);
    assert.match(render("EACCES"), /To fix: {2}run this as the checkout's owner, or clone/);
    assert.match(render("EROFS"), /read-only disk/);
    assert.match(render("EDQUOT"), /quota/);
    const write = diskError(failed("ENOSPC", { syscall: "write" }));
    assert.ok(write instanceof SetupError, "a failed write names no path");
    assert.match(render("ENOSPC"), /the disk is full[\s\S]*To fix: {2}free some space/);
  });

  it("leaves other errors unchanged", () => {
    const others = [failed("ENOENT"), failed("EPERM", { syscall: "kill" }), new Error("other"), undefined];
    for (const error of [...others, failed("EACCES", { path: "go", syscall: "spawn" })])
      assert.equal(diskError(error), error);
  });
});

describe("bootstrap/install", () => {
  const entry = { version: "1.0.0", integrity: "sha512-a" };

  it("accepts an installation with all packages in their versions", () => {
    const wanted = { packages: { "": {}, "node_modules/a": entry, "node_modules/b": { ...entry, optional: true } } };
    assert.equal(matches(wanted, { packages: { "node_modules/a": entry } }), true);
    assert.equal(matches(wanted, { packages: {} }), false);
    assert.equal(matches(wanted, { packages: { "node_modules/a": { ...entry, version: "1.0.1" } } }), false);
    assert.equal(matches(wanted, { packages: { "node_modules/a": { ...entry, integrity: "sha512-b" } } }), false);
    const optional = { "node_modules/b": { ...entry, version: "2.0.0" } };
    assert.equal(matches(wanted, { packages: { "node_modules/a": entry, ...optional } }), false);
  });

  it("distinguishes a missing network from other npm failures", () => {
    const offline = explain("npm error code ENOTFOUND\nnpm error request to example failed\n");
    assert.equal(offline.code, "NO_NETWORK");
    assert.equal(offline.why, "code ENOTFOUND\nrequest to example failed");
    const other = explain("npm warn deprecated a\nnpm error code EUSAGE\nnpm error lock file out of step\n");
    assert.equal(other.code, "NPM_CI_FAILED");
    assert.equal(other.why, "code EUSAGE\nlock file out of step");
  });

  it("finds npm's own script and ignores other package managers", () => {
    const folder = mkdtempSync(join(tmpdir(), "npm-"));
    try {
      const script = join(folder, "npm-cli.js");
      writeFileSync(script, "");
      writeFileSync(join(folder, "yarn.js"), "");
      const nowhere = join(folder, "bin", "node");
      assert.equal(npmScript({ npm_execpath: script }, nowhere), script);
      assert.equal(npmScript({ npm_execpath: join(folder, "yarn.js") }, nowhere), null);
      assert.equal(npmScript({}, nowhere), null);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("removes the local Azure's proxy and roots for processes that need the real network, never the user's own", () => {
    const own = { HTTPS_PROXY: "http://corporate", SSL_CERT_FILE: "/roots" };
    assert.deepEqual(outward(own), own);
    const local = {
      ...own,
      https_proxy: "x",
      NODE_EXTRA_CA_CERTS: "y",
      mqtt_proxy: "z",
      HOME: "/h",
      ZERO_TOUCH_CLOUD: "local",
    };
    assert.deepEqual(outward(local), { HOME: "/h", ZERO_TOUCH_CLOUD: "local" });
  });
});

describe("bootstrap/lock", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lock-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("knows that itself runs and that an ended process does not", () => {
    assert.ok(alive(process.pid));
    assert.ok(!alive(2 ** 22 + 1));
  });

  it("holds the lock during the work and releases it, also after a failure", async () => {
    const file = join(folder, "deep", "lock");
    const holder = await withLock(file, () => readFileSync(file, "utf8"));
    assert.equal(holder, String(process.pid));
    const failing = withLock(file, () => {
      throw new Error("broken");
    });
    await assert.rejects(failing, /broken/);
    assert.ok(!existsSync(file));
  });

  it("runs two tasks of one process one after the other", async () => {
    const file = join(folder, "lock");
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
    };
    await Promise.all([withLock(file, work("one"), { pause: 0 }), withLock(file, work("two"), { pause: 0 })]);
    assert.deepEqual(order, ["one begins", "one ends", "two begins", "two ends"]);
  });

  it("takes over from a dead holder, waits for a live one", async () => {
    const file = join(folder, "lock");
    writeFileSync(file, "5");
    const waited: number[] = [];
    const options = { isAlive: () => waited.length < 2, waiting: (pid: number) => waited.push(pid), pause: 0 };
    assert.equal(await withLock(file, () => "done", options), "done");
    assert.deepEqual(waited, [5, 5]);
  });
});

describe("bootstrap/progress", () => {
  it("formats durations", () => {
    assert.deepEqual([0, 1234, 9949, 9950, 59499, 59500, 125000, 3600000].map(seconds), [
      "0.0 s",
      "1.2 s",
      "9.9 s",
      "10 s",
      "59 s",
      "1 min 0 s",
      "2 min 5 s",
      "60 min 0 s",
    ]);
  });

  it("ends a quick step with one line, or none", () => {
    let text = "";
    let clock = 0;
    const options = { stream: { write: (more: string) => (text += more) }, now: () => clock };
    const step = progress("Step", options);
    clock = 500;
    step.done("made");
    step.done("twice");
    progress("Other", options).quiet();
    assert.equal(text, "Step: made (0.5 s)\n");
  });
});

it("caches the compiled TypeScript in node_modules", () => {
  const file = join(ROOT, "cli", "checkoutPaths.ts");
  const code = translate(file);
  assert.match(code, /function cacheFolder\(/);
  assert.equal(translate(file), code);
});

// Pulumi prints errors by util.inspect with colours, which takes most of a minute over a library's mapped name.
describe("bootstrap/typescript.cjs", () => {
  it("maps the stack traces of our files and no library's, also after a compilation", () => {
    const folder = mkdtempSync(join(tmpdir(), "typescript-"));
    const file = join(folder, "boom.ts");
    const fails = "\n\nexport const boom = (): never => {\n  throw new Error('boom');\n};\n";
    writeFileSync(file, `type Gone = string;${fails}`);
    const program = `
      const before = Error.prepareStackTrace;
      const { boom } = require(${JSON.stringify(file)});
      try { boom(); } catch (error) {
        console.log(JSON.stringify([Error.prepareStackTrace === before, error.stack.split("\\n")[1]]));
      }`;
    try {
      const hook = join(ROOT, "bootstrap", "typescript.cjs");
      const options = { cwd: ROOT, encoding: "utf8" } as const;
      const [same, frame] = JSON.parse(execFileSync(process.execPath, ["-r", hook, "-e", program], options));
      assert.equal(same, true);
      assert.match(frame, /boom\.ts:4:9\)$/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
      const place = createHash("sha256").update(relative(ROOT, file)).digest("hex").slice(0, 24);
      rmSync(join(ROOT, "node_modules", ".cache", "azure-iot-zero-touch", `${place}.js`));
    }
  });
});
