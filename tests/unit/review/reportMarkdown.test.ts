import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { Preview, Step } from "../../../review/previewDocument";
import { COMMENT_LIMIT, commentMarkdown, fullMarkdown, marker } from "../../../review/reportMarkdown";
import { reportOf } from "../../../review/reviewReport";
import { RECORDED, recordedPreview } from "../../cast/previews";
import { preview, type StepWords } from "../../cast/steps";

const fleet = (size: number): Preview =>
  preview(
    ...Array.from({ length: size }, (_, index): readonly StepWords[] => {
      const registrationId = `device-${String(index).padStart(5, "0")}`;
      return [
        { op: "create", type: "registration", name: `${registrationId}-registration`, after: { registrationId } },
        { op: "delete", type: "individual", name: `${registrationId}-enrollment`, before: { registrationId } },
      ];
    }).flat(),
  );

/** Fences open and close; a cut comment must not swallow what follows it. */
const isBalanced = (text: string): boolean => (text.match(/^`{3,}/gm) ?? []).length % 2 === 0;

const turned = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, each]) => [key, turned(each)]),
  );
};

describe("review/reportMarkdown", () => {
  it("begins with the marker by which the next run finds the comment", () => {
    assert.equal(marker({ kind: "drift", stack: "prod" }), "<!-- azure-iot-zero-touch drift of prod -->");
    assert.equal(marker({ kind: "preview", stack: "a-->b" }), "<!-- azure-iot-zero-touch preview of a- ->b -->");
    assert.ok(fullMarkdown(reportOf(preview())).startsWith("<!-- azure-iot-zero-touch preview of (unknown) -->\n"));
  });

  it("shows everything if it fits", () => {
    const report = reportOf(recordedPreview("destroyed"));
    assert.deepEqual(commentMarkdown(report, "x.full.md"), { text: fullMarkdown(report), isCut: false });
  });

  it("keeps a fleet's comment within the limit, destructive changes first, and names the whole report", () => {
    const { text, isCut } = commentMarkdown(reportOf(fleet(1500)), "preview.full.md");
    assert.ok(isCut && text.length <= COMMENT_LIMIT && isBalanced(text));
    assert.ok(text.indexOf("### Destructive") < text.indexOf("### Devices that register"));
    assert.match(text, /- … and \d+ more/);
    assert.match(text, /`device-00001` and \d+ more|, `device-00001`/);
    assert.match(text, /\n> .*shortened.*`preview\.full\.md`.*\n$/);
  });

  it("never exceeds the limit, whatever it is", () => {
    const reports = [reportOf(fleet(60)), ...RECORDED.map((name) => reportOf(recordedPreview(name)))];
    fc.assert(
      fc.property(fc.constantFrom(...reports), fc.integer({ min: 1000, max: 12_000 }), (report, limit) => {
        const { text } = commentMarkdown(report, "preview.full.md", limit);
        assert.ok(text.length <= limit && isBalanced(text), `${text.length} of ${limit}`);
        assert.ok(text.startsWith(marker(report)));
      }),
      { numRuns: 60 },
    );
  });

  it("is the same whatever order the engine's steps and keys come in", () => {
    for (const name of RECORDED) {
      const recorded = recordedPreview(name);
      const steps = recorded.steps.map((each) => turned(each) as Step);
      const [first, ...rest] = steps;
      const shuffled = {
        ...recorded,
        steps: first ? [first, ...rest.reverse()] : [],
        diagnostics: [...recorded.diagnostics].reverse(),
      };
      assert.equal(fullMarkdown(reportOf(shuffled)), fullMarkdown(reportOf(recorded)), name);
    }
  });

  it("shows no secret, wherever it is", () => {
    const secrets = fc.constantFrom(
      "-----BEGIN PRIVATE KEY-----\nTHE-SECRET-VALUE\n-----END PRIVATE KEY-----",
      "HostName=h.azure-devices.net;SharedAccessKeyName=o;SharedAccessKey=THE-SECRET-VALUE=",
      "SharedAccessSignature sr=x&sig=THE-SECRET-VALUE&se=1",
      "https://hook.example/api?code=THE-SECRET-VALUE",
    );
    const names = fc.constantFrom("anything", "webhookUrl", "connectionString", "primaryKey", "name", "registrationId");
    const types = fc.constantFrom("hub", "group", "individual", "registration", "revocations", "other", "certificate");
    const ops = fc.constantFrom("create", "update", "replace", "delete");
    fc.assert(
      fc.property(secrets, names, types, ops, (secret, name, type, op) => {
        const bag = { [name]: secret, nested: [{ deep: secret }], devices: [{ registrationId: secret }] };
        const words: StepWords = {
          op,
          type: type as StepWords["type"],
          before: { ...bag, etag: "1" },
          after: { ...bag, more: 1 },
        };
        const given = {
          ...preview(words),
          diagnostics: [{ message: `failed: ${secret}`, severity: "error" as const }],
        };
        assert.doesNotMatch(fullMarkdown(reportOf(given)), /THE-SECRET-VALUE/);
      }),
    );
  });

  it("escapes names and messages", () => {
    const registrationId = "`</details>@everyone";
    const given = preview({ op: "create", type: "registration", after: { registrationId } });
    const text = fullMarkdown(
      reportOf({ ...given, diagnostics: [{ message: "````\n# not a title", severity: "warning" }] }),
    );
    assert.match(text, /`` `<\/details>@everyone ``/);
    assert.match(text, /^`````\n````\n# not a title\n`````$/m);
  });

  it("shows violated policies, mandatory ones as such", () => {
    const violations = [
      { policy: "pack/b", urn: "urn:pulumi:s::p::t::hub", message: "use TLS 1.2", isMandatory: true },
      { policy: "pack/a", urn: undefined, message: "tag it", isMandatory: false },
    ];
    const text = fullMarkdown(reportOf(preview(), { violations }));
    assert.match(
      text,
      /### Policies\n\n- Advisory `pack\/a`: `tag it`\n- \*\*Mandatory\*\* `pack\/b` at `hub`: `use TLS 1.2`/,
    );
  });

  it("reports once that a policy refused the preview, and no failure", () => {
    const violation = { policy: "pack/a", urn: undefined, message: "no", isMandatory: true };
    const options = { isFailed: true, errors: ["error: preview failed"], violations: [violation, violation] };
    const text = fullMarkdown(reportOf(preview(), options));
    assert.match(text, /: refused by a policy\n\n\*\*A mandatory policy is violated\*\*/);
    assert.equal(text.split("**Mandatory** `pack/a`: `no`").length, 2);
    assert.doesNotMatch(text, /preview failed/);
  });

  it("reports a failed preview, from its diagnostics or the CLI's output", () => {
    const failed = fullMarkdown(
      reportOf(preview(), { isFailed: true, errors: ["error: policy pack failed to start"] }),
    );
    assert.match(failed, /: failed\n\n\*\*The preview did not finish/);
    assert.match(failed, /### Errors\n\n```\npolicy pack failed to start\n```/);
  });
});
