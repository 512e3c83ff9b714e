import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { fullMarkdown } from "../../../review/reportMarkdown";
import { type ReportKind, reportOf } from "../../../review/reviewReport";
import { previewFile, RECORDED, type RecordedName, recordedPreview } from "../../cast/previews";

const KINDS: Readonly<Partial<Record<RecordedName, ReportKind>>> = { destroyed: "destroy", drifted: "drift" };

/** The exact reports of previews that the real engine made. UPDATE_DOCS=1 writes them. */
describe("the reports of recorded previews", () => {
  for (const name of RECORDED) {
    it(`are as recorded: ${name}`, () => {
      const text = fullMarkdown(reportOf(recordedPreview(name), { kind: KINDS[name] ?? "preview" }));
      const file = previewFile(name, ".md");
      if (process.env.UPDATE_DOCS === "1") writeFileSync(file, text);
      assert.equal(text, readFileSync(file, "utf8"));
    });
  }

  it("show what up really does for a changed tier: one update, and six unchanged resources", () => {
    const { total, counts, waiting, destructive } = reportOf(recordedPreview("hubSku"));
    assert.deepEqual([total, counts.update, waiting.length, destructive.length], [1, 1, 6, 0]);
    assert.ok(waiting.includes("EnrollmentGroup zero-touch-enrollment"));
  });

  it("keep every change where the provisioning service is replaced: its ID scope really changes", () => {
    const { total, counts, waiting } = reportOf(recordedPreview("serviceReplaced"));
    assert.deepEqual([total, counts.replace, waiting.length], [7, 7, 0]);
  });

  it("put the most destructive changes first", () => {
    const texts = reportOf(recordedPreview("destroyed")).destructive.map(({ text }) =>
      text.split(" ").slice(0, 2).join(" "),
    );
    assert.deepEqual(texts, [
      "Resource group",
      "IoT hub",
      "Provisioning service",
      "Root CA",
      "CA certificate",
      "Enrollment group",
      "Individual enrollment",
      "Devices **removed**",
    ]);
  });

  it("count an invalid configuration as failed, with its errors", () => {
    const report = reportOf(recordedPreview("settingsFaulty"));
    assert.equal(report.isFailed, true);
    assert.match(report.notices[0]?.message ?? "", /^The configuration of stack "dev" has 2 errors/);
  });

  it("warn if Pulumi's document lacks steps that its summary counts", () => {
    const [notice] = reportOf(recordedPreview("driftedByRefresh")).notices;
    assert.match(notice?.message ?? "", /^Pulumi counts 1 more to update than its JSON/);
  });
});
