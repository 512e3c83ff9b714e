import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

const ROOT = resolve(__dirname, "..", "..", "..");

/** Runs a script in a Node with the lazy modules; returns what it prints as JSON. */
function run(script: string): unknown {
  const args = ["--require", "./bootstrap/lazyModules.cjs", "--eval", `(async () => {${script}})()`];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" }));
}

describe("the modules that the Pulumi SDK loads at their first use", () => {
  it("are not loaded with the SDK, and neither is the Automation API", () => {
    const loaded = run(`
      require("@pulumi/pulumi");
      require("@pulumi/pulumi/cmd/run/tracing.js");
      const files = Object.keys(require.cache).map((file) => file.replaceAll("\\\\", "/"));
      console.log(JSON.stringify(files.filter((file) =>
        /\\/(typescript|arborist|normalize-package-data|js-yaml|semver|sdk-trace-node|instrumentation-grpc)\\/|pulumi\\/automation\\/index/.test(file))));
    `);
    assert.deepEqual(loaded, []);
  });

  it("include the web's interfaces of undici, which work when they are used", () => {
    const [loaded, ...used] = run(`
      const undici = require("undici");
      new undici.ProxyAgent("http://127.0.0.1:9");
      const loaded = () => Object.keys(require.cache).filter((file) => /undici.lib.web.(?!cache.symbols)/.test(file)).length;
      const before = loaded();
      const headers = new undici.Headers({ "x-name": "value" });
      const caches = await undici.caches.open("one");
      const response = await undici.fetch("data:text/plain,text");
      console.log(JSON.stringify([
        before,
        loaded() > 0,
        headers.get("x-name"),
        headers instanceof undici.Headers,
        typeof caches.put,
        await undici.caches.has("one"),
        await response.text(),
        response instanceof undici.Response,
        undici.parseMIMEType("text/plain").subtype,
      ]));
    `) as unknown[];
    assert.equal(loaded, 0);
    assert.deepEqual(used, [true, "value", true, "function", true, "text", true, "plain"]);
  });

  it("include the debugger's session and its flag, with which V8 takes no script from the cache", () => {
    const unchanged = run(`
      const { cachedDataVersionTag } = require("node:v8");
      const before = cachedDataVersionTag();
      process.argv.push("run", "--monitor=127.0.0.1:9", "--engine=127.0.0.1:9", ".");
      require("@pulumi/pulumi/cmd/run/index.js");
      console.log(JSON.stringify(cachedDataVersionTag() === before));
      process.exit(0);
    `);
    assert.equal(unchanged, true);
  });

  it("leave promises without a stack trace, and other errors with theirs", () => {
    const [trace, lines] = run(`
      require("@pulumi/pulumi");
      const { debuggablePromise } = require("@pulumi/pulumi/runtime/debuggable");
      console.log(JSON.stringify([debuggablePromise(Promise.resolve(1), "one")._debugStackTrace, new Error("x").stack.split("\\n").length]));
    `) as [string | null, number];
    assert.equal(trace, null);
    assert.ok(lines > 1);
  });

  it("send the engine debug messages together, before an error, and all other messages alone", () => {
    const sent = run(`
      const settings = require("@pulumi/pulumi/runtime/settings");
      const sent = [];
      const send = (request, done) => done(sent.push([request.getSeverity(), request.getMessage(), request.getUrn()]));
      settings.getEngine = () => ({ log: send });
      const { log } = require("@pulumi/pulumi");
      log.debug("a");
      log.info("b");
      log.debug("c", { urn: { promise: async () => "urn" } });
      await log.debug("d");
      log.debug("e");
      log.debug("f");
      log.error("g");
      log.debug("h");
      await settings.waitForRPCs();
      console.log(JSON.stringify(sent));
    `);
    const [debug, info, error] = [0, 1, 3];
    assert.deepEqual(sent, [
      [info, "b", ""],
      [debug, "c", "urn"],
      [debug, "a\ndebug: d", ""],
      [debug, "e\ndebug: f", ""],
      [error, "g", ""],
      [debug, "h", ""],
    ]);
  });

  it("work when they are used: the Automation API, the compiler, and traces", () => {
    const used = run(`
      const { automation } = require("@pulumi/pulumi");
      const tracing = require("@pulumi/pulumi/cmd/run/tracing.js");
      tracing.start("http://127.0.0.1:9/api/v2/spans");
      const span = tracing.newSpan("step");
      console.log(JSON.stringify([
        typeof automation.LocalWorkspace.createStack,
        "LocalWorkspace" in automation,
        /^\\d+\\.\\d+/.test(require("typescript").version),
        span.isRecording(),
        span.spanContext().traceId.length,
      ]));
      process.exit(0);
    `);
    assert.deepEqual(used, ["function", true, true, true, 32]);
  });
});
