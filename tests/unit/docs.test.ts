import { strict as assert } from "node:assert";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { configurationTable, errorTable, policyTable, supportTable } from "../cast/generatedDocs";
import { exampleReport } from "../cast/previews";

const ROOT = resolve(__dirname, "../..");
/** The pages at the top of the checkout. */
const FRONT = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];

/** The part of a document between its two marks. Set UPDATE_DOCS=1 to write what the code says into it. */
function section(file: string, name: string, expected: string): { written: string; expected: string } {
  const path = join(ROOT, file);
  const text = readFileSync(path, "utf8");
  const [begin, end] = [`<!-- ${name}: begin -->\n`, `<!-- ${name}: end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  assert.ok(from >= 0 && to > from, `${file} lacks the marks of ${name}`);
  const start = from + begin.length;
  if (process.env.UPDATE_DOCS === "1") {
    writeFileSync(path, text.slice(0, start) + expected + text.slice(to));
    return { written: expected, expected };
  }
  return { written: text.slice(start, to), expected };
}

function markdownFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownFiles(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

describe("docs", () => {
  it("list the operations of the route tables, no more and no fewer", () => {
    const { written, expected } = section("docs/local-azure.md", "support table", supportTable());
    assert.equal(written, expected);
  });

  it("explain the error codes as the toolkit does", () => {
    const { written, expected } = section("docs/troubleshooting.md", "error codes", errorTable());
    assert.equal(written, expected);
  });

  it("describe the configuration as Pulumi.yaml does", () => {
    const { written, expected } = section("README.md", "configuration", configurationTable());
    assert.equal(written, expected);
  });

  it("describe the policies as the pack has them", () => {
    const { written, expected } = section("docs/policies.md", "policies", policyTable());
    assert.equal(written, expected);
  });

  it("show a report as preview:report writes it", () => {
    const { written, expected } = section("docs/pull-requests.md", "report example", exampleReport("rootReplaced"));
    assert.equal(written, expected);
  });

  it("have no link to a file that is not there", () => {
    const broken = [...FRONT.map((name) => join(ROOT, name)), ...markdownFiles(join(ROOT, "docs"))].flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
        .map((match) => match[1] ?? "")
        .filter((target) => !existsSync(join(dirname(file), target)))
        .map((target) => `${file}: ${target}`),
    );
    assert.deepEqual(broken, []);
  });
});
