import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SetupError } from "../../../bootstrap/setupError.cjs";
import { pathsOf } from "../../../cli/checkoutPaths";
import { COMMAND_RULES } from "../../../cli/commandRules";
import { previewComment } from "../../../cli/commands/previewComment";
import { fullName, previewReport, wantedOf } from "../../../cli/commands/previewReport";
import { violationsOf } from "../../../cli/pulumi/recordedPreview";
import { argumentsOf } from "../../../cli/runCommand";
import { previewFile } from "../../cast/previews";

const rejects = (work: () => unknown, code: string, message: RegExp): Promise<void> =>
  assert.rejects(
    async () => work(),
    (error: unknown) =>
      error instanceof SetupError && error.code === code && message.test(`${error.message} ${error.why}`),
  );

const read = (words: readonly string[], name = "preview:report") =>
  argumentsOf(name, COMMAND_RULES[name] ?? assert.fail(name), words);
const wanted = (words: readonly string[]) => wantedOf(read(words));

describe("cli/commands/previewReport", () => {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  const out = join(folder, "new", "preview.md");
  const printed: string[] = [];
  const report = (...args: string[]) => previewReport(pathsOf(), read(args), (text) => printed.push(text));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("reads its options, and leaves the others to Pulumi", () => {
    assert.deepEqual(
      wanted(["--stack", "prod", "--of=drift", "--expect-no-changes", "--policy-pack", "policy/launch"]),
      {
        ...{ kind: "drift", stack: "prod", from: undefined, out: undefined, full: undefined, limit: 65_536 },
        ...{ failOnDestructive: false, expectNoChanges: true, others: ["--policy-pack", "policy/launch"] },
      },
    );
    assert.deepEqual(wanted(["-s", "dev", "--limit", "2000"]).stack, "dev");
  });

  it("rejects invalid options", async () => {
    await rejects(() => wanted(["--of", "dreams"]), "UNKNOWN_ARGUMENT", /--of is 'dreams'.*preview, drift, destroy/);
    await rejects(() => wanted(["--limit", "10"]), "UNKNOWN_ARGUMENT", /--limit is '10'.*from 1000/);
    await rejects(() => wanted(["--out"]), "UNKNOWN_ARGUMENT", /--out is without a value/);
    await rejects(() => wanted(["--from", "x", "--diff"]), "UNKNOWN_ARGUMENT", /--diff/);
    await rejects(() => wanted(["--full", "x"]), "UNKNOWN_ARGUMENT", /--full needs --out/);
  });

  it("writes the comment and the whole report beside it", async () => {
    assert.equal(
      await report("--from", previewFile("destroyed"), "--of", "destroy", "--out", out, "--limit", "1500"),
      0,
    );
    const [comment, full] = [readFileSync(out, "utf8"), readFileSync(fullName(out), "utf8")];
    assert.ok(comment.length <= 1500 && full.length > 1500);
    assert.match(comment, /shortened.*`preview\.full\.md`/);
    assert.match(full, /^<!-- azure-iot-zero-touch destroy of dev -->\n/);
    assert.deepEqual(printed, [`12 to change, 8 destructive: ${out}\n`]);
  });

  it("returns an exit code for pipelines: 1 failed, 3 destructive, 4 changed", async () => {
    const code = (name: Parameters<typeof previewFile>[0], ...args: string[]) =>
      report("--from", previewFile(name), "--out", out, ...args);
    assert.equal(await code("settingsFaulty"), 1);
    assert.equal(await code("rootReplaced"), 0);
    assert.equal(await code("rootReplaced", "--fail-on-destructive"), 3);
    assert.equal(await code("hubSku", "--fail-on-destructive"), 0);
    assert.equal(await code("hubSku", "--expect-no-changes"), 4);
    assert.equal(await code("unchanged", "--expect-no-changes", "--fail-on-destructive"), 0);
  });

  it("says why a file is not a preview", async () => {
    const file = join(folder, "state.json");
    writeFileSync(file, '{"deployment":{}}');
    await rejects(() => report("--from", file), "NOT_A_PREVIEW", /no steps of a preview/);
    await rejects(() => report("--from", join(folder, "none.json")), "NO_PREVIEW", /ENOENT/);
  });

  it("takes violated policies out of an event log", () => {
    const event = {
      policyEvent: {
        ...{ resourceUrn: "urn:pulumi:s::p::t::n", message: "<{%reset%}>use TLS 1.2<{%reset%}>", policyName: "tls" },
        ...{ policyPackName: "zero-touch", enforcementLevel: "mandatory" },
      },
    };
    const log = `{"sequence":1,"preludeEvent":{}}\n${JSON.stringify(event)}\n${JSON.stringify({ policyEvent: { ...event.policyEvent, resourceUrn: "", enforcementLevel: "advisory" } })}\n`;
    assert.deepEqual(violationsOf(log), [
      { policy: "zero-touch/tls", urn: "urn:pulumi:s::p::t::n", message: "use TLS 1.2", isMandatory: true },
      { policy: "zero-touch/tls", urn: undefined, message: "use TLS 1.2", isMandatory: false },
    ]);
    assert.deepEqual(violationsOf(""), []);
  });

  it("comments reports only", async () => {
    const file = join(folder, "notes.md");
    writeFileSync(file, "# Notes\n");
    await rejects(
      () => previewComment(pathsOf(), read(["--file", file], "preview:comment")),
      "NO_REPORT",
      /not the marker/,
    );
    await rejects(
      () => previewComment(pathsOf(), read([], "preview:comment")),
      "UNKNOWN_ARGUMENT",
      /--file is missing/,
    );
    await rejects(
      () => previewComment(pathsOf(), read(["--file", join(folder, "none.md")], "preview:comment")),
      "NO_REPORT",
      /cannot be read/,
    );
    await rejects(
      () => previewComment(pathsOf(), read(["--file", file, "--all"], "preview:comment")),
      "UNKNOWN_ARGUMENT",
      /--all/,
    );
  });
});
